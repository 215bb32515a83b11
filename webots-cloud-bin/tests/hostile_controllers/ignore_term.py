"""Ignores every request to end, with a child that does the same in a session of its own."""
import os
import signal
import time

from attack import LIFE, tried

for what in range(1, 32):
    if what not in (signal.SIGKILL, signal.SIGSTOP, signal.SIGCHLD):
        signal.signal(what, signal.SIG_IGN)
if os.fork() == 0:
    os.setsid()
else:
    tried('deaf')
time.sleep(LIFE)
