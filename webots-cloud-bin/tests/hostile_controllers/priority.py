"""Takes the processor before all others: nice, real-time, and the disk's real-time class."""
import os

from attack import attempt, in_child


def nice():
    os.nice(-5)
    return True


def realtime():
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    return True


# In a process that ends at once.
attempt(lambda: in_child(nice), lambda: in_child(realtime))
