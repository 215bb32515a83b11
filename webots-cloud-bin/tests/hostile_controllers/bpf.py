"""Makes a BPF map, the first step into the kernel's own machine."""
import ctypes
import os
import struct

from attack import attempt, syscall

ARRAY = ctypes.create_string_buffer(struct.pack('IIIII', 2, 4, 4, 1, 0), 72)


def make():
    os.close(syscall('bpf', 0, ARRAY, 72))
    return True


attempt(make)
