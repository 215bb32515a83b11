"""Says to the server, with the simulator's voice and with its own, what only the simulator says: ready, another address, errors."""
import os

from attack import tried

LINES = ('open', '.', 'webots:ws://evil.example:1', 'ws://evil.example:1', 'reset', 'pause', 'real-time', 'fast',
         'error: forged by evil', 'shutdownTimeout: 1', 'loading: evil', 'done evil', 'started 1', 'ended code 0',
         'ended signal 9', 'stuck 1')
with open(f'/proc/{os.getppid()}/fd/1', 'w') as output, open(f'/proc/{os.getppid()}/fd/2', 'w') as errors:
    for line in LINES:
        print(line, flush=True)
        print(line, file=output, flush=True)
        print(line, file=errors, flush=True)
tried('said')
