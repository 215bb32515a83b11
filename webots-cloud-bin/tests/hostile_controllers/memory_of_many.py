"""Takes 1.2 GiB of memory in six processes, none of which has too much."""
import os
import time

from attack import HOLD, LIFE, attempt


def take():
    pipes = []
    for _ in range(6):
        read, write = os.pipe()
        if os.fork() == 0:
            held = b'x' * (200 << 20)
            os.write(write, held[:1])
            time.sleep(LIFE)
            os._exit(0)
        os.close(write)
        pipes.append(read)
    took = sum(len(os.read(read, 1)) for read in pipes)
    time.sleep(HOLD)
    return took == len(pipes)


attempt(take)
