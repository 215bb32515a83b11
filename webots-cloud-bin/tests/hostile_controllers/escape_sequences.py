"""Writes to the terminal of whoever reads the output or the log: titles, colours, a cleared screen, reports; then kills the simulator, so that these are its last words."""
import os
import signal
import time

from attack import tried

SEQUENCES = ('\x1b]0;owned\x07', '\x1b[2J\x1b[H', '\x1b[31mred', '\x1b[6n', '\x9b31m', '\x1bP$q"p\x1b\\',
             '\u202egnp.exe', 'over\rwritten', '\b\b\b', '\x00', '\x7f')
with open(f'/proc/{os.getppid()}/fd/1', 'w') as output:
    for sequence in SEQUENCES:
        print(sequence, flush=True)
        output.write(sequence + '\n')
time.sleep(0.5)
tried('written')
os.kill(os.getppid(), signal.SIGKILL)
