"""Fills the disk: 24 files of 8 MiB, three times what it may have."""
import time

from attack import FOLDER, HOLD, attempt


def fill():
    for at in range(24):
        with open(f'{FOLDER}/large{at}', 'wb', buffering=0) as file:
            file.write(b'x' * (8 << 20))
    time.sleep(HOLD)
    return True


attempt(fill)
