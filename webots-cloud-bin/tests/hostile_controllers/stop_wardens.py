"""Stops every process that it sees, first those that are to end it."""
import os
import signal

from attack import TARGETS, is_server, processes, tried, verdict

if is_server(TARGETS['server_pid']) or len(processes()) >= 50:
    verdict(True, f'sees {len(processes())} processes: not done')
else:
    for pid in sorted(processes()):
        try:
            os.kill(pid, signal.SIGSTOP if pid != os.getpid() else 0)
        except OSError:
            pass
    tried('stopped')
