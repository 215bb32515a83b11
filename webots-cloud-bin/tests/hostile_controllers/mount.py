"""Mounts a file system of its own, by the old calls and by the new."""
import ctypes
import os

from attack import FOLDER, LIBC, attempt, checked, syscall

os.makedirs(FOLDER + '/mounted', exist_ok=True)


def new():
    os.close(syscall('fsopen', ctypes.c_char_p(b'tmpfs'), 0))
    return True


def tree():
    os.close(syscall('open_tree', -100, ctypes.c_char_p(b'/'), 1))
    return True


here = (FOLDER + '/mounted').encode()
attempt(lambda: checked(LIBC.mount(b'none', here, b'tmpfs', 0, None)) == 0,
        lambda: checked(LIBC.mount(b'/', here, None, 4096, None)) == 0,
        lambda: checked(LIBC.umount2(b'/proc', 2)) == 0,
        new, tree,
        lambda: checked(LIBC.chroot(here)) == 0)
