"""A fork bomb, of 200 processes at most."""
import os
import time

from attack import HOLD, attempt, stay


def bomb():
    for _ in range(200):
        if os.fork() == 0:
            stay()
    time.sleep(HOLD)
    return True


attempt(bomb)
