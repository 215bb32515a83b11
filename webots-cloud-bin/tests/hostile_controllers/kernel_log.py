"""Reads the kernel's log."""
import ctypes

from attack import LIBC, attempt, checked

READ_ALL = 3
buffer = ctypes.create_string_buffer(4096)
attempt(lambda: checked(LIBC.klogctl(READ_ALL, buffer, 4096)) >= 0)
