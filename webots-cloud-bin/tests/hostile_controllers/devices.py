"""Makes devices of its own (the harmless null), and leaves pipes and sockets."""
import os
import socket
import stat

from attack import FOLDER, attempt

os.mkfifo(FOLDER + '/pipe')
os.chdir(FOLDER)
socket.socket(socket.AF_UNIX).bind('socket')


def device():
    os.mknod(FOLDER + '/device', 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    # On a file system without devices it is there, but opens nothing.
    return can_open()


def can_open():
    os.close(os.open(FOLDER + '/device', os.O_RDONLY))
    return True


attempt(device)
