"""Sets up io_uring, which goes around filters of system calls."""
import ctypes
import os

from attack import attempt, syscall

attempt(lambda: os.close(syscall('io_uring_setup', 4, ctypes.create_string_buffer(256))) or True)
