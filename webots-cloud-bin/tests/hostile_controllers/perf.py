"""Counts events of the kernel (perf_event_open), from which secrets of others can be told."""
import ctypes
import os
import struct

from attack import attempt, syscall

SOFTWARE, SIZE, PAGE_FAULTS = 1, 112, 2


def count():
    event = ctypes.create_string_buffer(struct.pack('IIQ', SOFTWARE, SIZE, PAGE_FAULTS), SIZE)
    os.close(syscall('perf_event_open', event, 0, -1, -1, 0))
    return True


attempt(count)
