"""Kills the simulator, its own parent."""
import os
import signal

from attack import tried

tried('killed')
os.kill(os.getppid(), signal.SIGKILL)
