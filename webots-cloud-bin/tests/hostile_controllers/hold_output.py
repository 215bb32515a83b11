"""Closes its output and holds the simulator's open, in a daemon that ignores TERM."""
import os
import signal
import time

from attack import LIFE, tried

output = os.open(f'/proc/{os.getppid()}/fd/1', os.O_WRONLY)
if os.fork() == 0:
    os.setsid()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.closerange(0, 3)
    time.sleep(LIFE)
    os._exit(0)
os.closerange(0, 3)
os.close(output)
tried('held')
time.sleep(LIFE)
