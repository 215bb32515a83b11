"""Writes as much as it can for some seconds, to its own output and to the simulator's."""
import os
import threading
import time

from attack import tried

END = time.time() + 4


def write(path, piece):
    output = os.open(path, os.O_WRONLY)
    while time.time() < END:
        os.write(output, piece)


parent = f'/proc/{os.getppid()}/fd/1'
for path, piece in ((parent, b'.\n' * 2048), (parent, b'x' * 4096), ('/proc/self/fd/1', b'flood\n' * 600)):
    threading.Thread(target=write, args=(path, piece), daemon=True).start()
time.sleep(4.5)
tried('written')
