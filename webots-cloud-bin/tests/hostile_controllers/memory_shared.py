"""Takes 1 GiB of shared memory, which is nobody's data."""
import mmap
import time

from attack import HOLD, attempt


def take():
    held = mmap.mmap(-1, 1 << 30)
    for at in range(0, len(held), 4096):
        held[at] = 1
    time.sleep(HOLD)
    return True


attempt(take)
