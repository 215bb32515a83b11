"""Takes the server's descriptors out of it: with its end of the lifeline, nobody would end this instance."""
import os

from attack import TARGETS, attempt, is_server, syscall


def take():
    if not is_server(TARGETS['server_pid']):
        raise ProcessLookupError(3, 'another one')
    server = syscall('pidfd_open', TARGETS['server_pid'], 0)
    os.close(syscall('pidfd_getfd', server, 0, 0))
    return True


attempt(take)
