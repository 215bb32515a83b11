"""Writes outside of its workspace: a file of its own, and the system's, which it only opens."""
from attack import TARGETS, attempt, can_write


def write():
    with open(TARGETS['outside'] + '/written', 'w') as file:
        return file.write('x')


system = ['/usr/lib/os-release', '/usr/bin/env', '/usr/bin/python3']
confined = [] if TARGETS['sandbox'] == 'none' else system
attempt(write, *(lambda path=path: can_write(path) for path in confined))
