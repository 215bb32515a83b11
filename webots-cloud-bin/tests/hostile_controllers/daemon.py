"""Forks twice, with a session of its own, no mark in its environment and all descriptors closed, and stays."""
import os
import sys
import time

from attack import LIFE, TARGETS, tried

CODE = 'import os, signal, sys; os.write(1, b"x"); os.close(1); ' \
       '[signal.signal(s, signal.SIG_IGN) for s in (1, 2, 15)]; signal.alarm(90); signal.pause()'
read, write = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.dup2(write, 1)
        os.closerange(2, 256)
        os.close(0)
        os.chdir('/')
        # Known by this argument to the test, and by nothing to the server.
        os.execve(sys.executable, [sys.executable, '-c', CODE, TARGETS['workspace']], {})
    os._exit(0)
os.wait()
os.read(read, 1)
tried('stays')
time.sleep(LIFE)
