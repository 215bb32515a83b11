"""Becomes another user, whom the server might not be allowed to signal, and stays."""
import os
import time

from attack import LIFE, verdict

pid = os.fork()
if pid == 0:
    try:
        os.setresgid(65534, 65534, 65534)
        os.setresuid(65534, 65534, 65534)
    except OSError:
        os._exit(1)
    time.sleep(LIFE)
    os._exit(0)
time.sleep(1)
done, status = os.waitpid(pid, os.WNOHANG)
verdict(done == 0, 'it is another user' if done == 0 else 'refused')
time.sleep(LIFE)
