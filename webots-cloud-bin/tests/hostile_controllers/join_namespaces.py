"""Joins the namespaces of another process that it sees."""
import os

from attack import LIBC, attempt, checked, in_child, processes


def join(pid, kind):
    file = os.open(f'/proc/{pid}/ns/{kind}', os.O_RDONLY)
    return in_child(lambda: checked(LIBC.setns(file, 0)) == 0)


attempt(*(lambda pid=pid, kind=kind: join(pid, kind)
          for pid in processes()[:3] for kind in ('mnt', 'net', 'pid')))
