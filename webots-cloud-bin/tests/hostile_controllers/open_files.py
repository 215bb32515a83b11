"""Opens 1000 files at a time in one process, four times what it may."""
import os

from attack import attempt


def take():
    try:
        return len([os.open('/dev/null', os.O_RDONLY) for _ in range(1000)])
    finally:
        # The verdict needs one.
        os.closerange(10, 1100)


attempt(take)
