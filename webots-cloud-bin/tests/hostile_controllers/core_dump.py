"""Dies with a core dump of 32 MiB."""
import os
import resource

from attack import FOLDER, attempt


def dump():
    os.chdir(FOLDER)
    pid = os.fork()
    if pid == 0:
        held = b'x' * (32 << 20)
        hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
        resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
        os.abort() if held else None
    return os.WCOREDUMP(os.waitpid(pid, 0)[1])


attempt(dump)
