"""Takes 1 GiB of memory in one process, twice what it may have."""
import time

from attack import HOLD, attempt


def take():
    held = []
    for _ in range(32):
        held.append(b'x' * (32 << 20))
    time.sleep(HOLD)
    return len(held)


attempt(take)
