"""`kill -9 -1`: everybody it may signal. Only where it has processes of its own, and the server is not among them."""
import os
import signal

from attack import TARGETS, is_server, processes, tried, verdict

if is_server(TARGETS['server_pid']) or len(processes()) >= 50:
    verdict(True, f'sees {len(processes())} processes: not done')
else:
    tried(f'{len(processes())} processes')
    os.kill(-1, signal.SIGKILL)
