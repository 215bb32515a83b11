"""Puts a key into a keyring of the kernel and reads those of its session."""
import ctypes

from attack import attempt, syscall

PROCESS, SESSION, GET_ID = -2, -3, 0
attempt(lambda: syscall('add_key', ctypes.c_char_p(b'user'), ctypes.c_char_p(b'hostile'),
                        ctypes.c_char_p(b'x'), 1, PROCESS),
        lambda: syscall('keyctl', GET_ID, PROCESS, 1))
