"""Writes a line of a megabyte, and a hundred of its beginnings without an end."""
import os

from attack import tried

with open(f'/proc/{os.getppid()}/fd/1', 'wb', buffering=0) as output:
    output.write(b'\xff' * (1 << 20) + b'\n')
    print('y' * (1 << 20), flush=True)
    for _ in range(100):
        output.write(b'\xe2\x80')
tried('written')
