"""Makes 100 000 files."""
import os
import time

from attack import FOLDER, HOLD, attempt


def fill():
    for at in range(100_000):
        if at % 1000 == 0:
            os.mkdir(f'{FOLDER}/many{at // 1000}')
        os.close(os.open(f'{FOLDER}/many{at // 1000}/{at}', os.O_CREAT | os.O_WRONLY))
    time.sleep(HOLD)
    return True


attempt(fill)
