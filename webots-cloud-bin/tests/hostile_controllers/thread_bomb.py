"""The same with threads, which count as processes."""
import threading
import time

from attack import HOLD, LIFE, verdict

threading.stack_size(64 << 10)
count = 0
try:
    for count in range(200):
        threading.Thread(target=time.sleep, args=(LIFE,), daemon=True).start()
    time.sleep(HOLD)
    verdict(True, f'{count + 1} threads')
except RuntimeError as error:
    verdict(False, f'{count} threads: {error}')
