"""Uses the shared memory and the message queues that a neighbour, or a program of the machine, has made."""
import os

from attack import LIBC, TARGETS, attempt, can_read, checked

KEY = TARGETS['ipc_key']
attempt(lambda: checked(LIBC.shmget(KEY, 0, 0)) >= 0,
        lambda: can_read(TARGETS['shared_file']))
