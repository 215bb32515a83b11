"""Looks for descriptors that it was given by mistake: any but the three standard ones, and folders or files among those."""
import os

from attack import verdict

open_ones = {}
for name in os.listdir('/proc/self/fd'):
    try:
        open_ones[int(name)] = os.readlink(f'/proc/self/fd/{name}')
    except OSError:
        pass  # that of the listing itself
wrong = {fd: to for fd, to in open_ones.items() if fd > 2 or to.startswith('/') and to != '/dev/null'}
verdict(wrong, wrong or sorted(open_ones))
