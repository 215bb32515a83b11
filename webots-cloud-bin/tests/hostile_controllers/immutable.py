"""Makes a file that not even its owner can remove."""
import array
import fcntl

from attack import FOLDER, attempt

SET_FLAGS, IMMUTABLE, APPEND_ONLY = 0x40086602, 0x10, 0x20


def flag(which):
    with open(FOLDER + '/forever', 'w') as file:
        fcntl.ioctl(file, SET_FLAGS, array.array('l', [which]))
        # Nothing may stay where it worked.
        fcntl.ioctl(file, SET_FLAGS, array.array('l', [0]))
    return True


attempt(lambda: flag(IMMUTABLE), lambda: flag(APPEND_ONLY))
