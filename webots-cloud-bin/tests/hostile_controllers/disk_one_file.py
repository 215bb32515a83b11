"""Fills the disk with one file of 192 MiB."""
import time

from attack import FOLDER, HOLD, attempt


def fill():
    with open(FOLDER + '/large', 'wb', buffering=0) as file:
        for _ in range(192):
            if file.write(b'x' * (1 << 20)) < 1 << 20:
                # The next one says why.
                file.write(b'x')
        time.sleep(HOLD)
    return True


attempt(fill)
