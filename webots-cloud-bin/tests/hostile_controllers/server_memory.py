"""Reads the server's memory, where its keys are."""
import ctypes

from attack import LIBC, TARGETS, attempt, checked, is_server

PID = TARGETS['server_pid']


def address():
    if not is_server(PID):
        raise ProcessLookupError(3, 'another one')
    with open(f'/proc/{PID}/maps') as file:
        return int(file.readline().split('-')[0], 16)


def by_file():
    with open(f'/proc/{PID}/mem', 'rb') as file:
        file.seek(address())
        return len(file.read(1))


class Piece(ctypes.Structure):
    _fields_ = [('base', ctypes.c_void_p), ('length', ctypes.c_size_t)]


def by_call():
    there, buffer = Piece(address(), 1), ctypes.create_string_buffer(1)
    here = Piece(ctypes.addressof(buffer), 1)
    return checked(LIBC.process_vm_readv(PID, ctypes.byref(here), 1, ctypes.byref(there), 1, 0))


attempt(by_file, by_call)
