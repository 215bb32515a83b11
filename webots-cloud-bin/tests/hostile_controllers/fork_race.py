"""Processes that live for a moment and leave another: the tree is never the same for two looks."""
import os
import signal
import time

from attack import LIFE, tried

END = time.time() + LIFE
for what in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(what, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        while time.time() < END:
            time.sleep(0.03)
            if os.fork():
                os._exit(0)
        os._exit(0)
tried('running away')
time.sleep(LIFE)
