"""Signals the server and its neighbour, with the signal that does nothing."""
import os

from attack import TARGETS, attempt, is_server


def server():
    # The same number may be somebody else in here.
    if not is_server(TARGETS['server_pid']):
        raise ProcessLookupError(3, 'another one')
    os.kill(TARGETS['server_pid'], 0)
    return True


attempt(server)
