"""Opens a file by its handle, past all that hides its path."""
import ctypes
import os

from attack import LIBC, attempt, checked


class Handle(ctypes.Structure):
    _fields_ = [('bytes', ctypes.c_uint), ('kind', ctypes.c_int), ('data', ctypes.c_char * 128)]


def by_handle():
    handle, mount = Handle(bytes=128), ctypes.c_int()
    here = os.path.dirname(os.path.abspath(__file__)).encode()
    checked(LIBC.name_to_handle_at(-100, here, ctypes.byref(handle), ctypes.byref(mount), 0))
    folder = os.open(here, os.O_RDONLY)
    os.close(checked(LIBC.open_by_handle_at(folder, ctypes.byref(handle), os.O_RDONLY)))
    return True


attempt(by_handle)
