"""Types into the terminal that the server was started from (TIOCSTI)."""
import fcntl
import os

from attack import attempt

TIOCSTI = 0x5412


def type_into(path):
    terminal = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    # Nothing that means anything to a shell.
    fcntl.ioctl(terminal, TIOCSTI, b' ')
    return True


attempt(*(lambda path=path: type_into(path) for path in ('/dev/tty', '/dev/fd/0', '/dev/fd/1', '/dev/fd/2')))
