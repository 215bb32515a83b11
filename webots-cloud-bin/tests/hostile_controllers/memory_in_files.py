"""Takes 960 MiB of memory as files that lie nowhere (memfd), which no process has in its memory."""
import os
import time

from attack import HOLD, attempt


def take():
    held = []
    for at in range(30):
        held.append(os.memfd_create(f'held{at}'))
        if os.write(held[-1], b'x' * (32 << 20)) < 32 << 20:
            return False
    time.sleep(HOLD)
    return len(held)


attempt(take)
