"""Fills every folder for temporary files that it can write: 24 files of 8 MiB."""
import os
import time

from attack import HOLD, attempt


def fill():
    folders = [f for f in ('/dev/shm', '/tmp', '/var/tmp', '/run') if os.access(f, os.W_OK)]
    for at in range(24 if folders else 0):
        with open(f'{folders[at % len(folders)]}/hostile{at}', 'wb', buffering=0) as file:
            file.write(b'x' * (8 << 20))
    time.sleep(HOLD)
    return folders


attempt(fill)
