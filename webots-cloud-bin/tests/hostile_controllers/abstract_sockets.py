"""Connects to an abstract socket of this machine: they lie in no folder that could be hidden."""
import socket

from attack import TARGETS, attempt


def connect():
    socket.socket(socket.AF_UNIX).connect('\0' + TARGETS['abstract'])
    return True


attempt(connect)
