"""What the hostile controllers share: they wait for their targets, try something, and say what came of it.

The test writes `targets.json` beside the controller once the simulation runs, and reads `verdict.json` there.
Every attack bounds itself, so that nothing happens to the machine where nothing stops it.
"""
import ctypes
import errno
import json
import os
import platform
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
LIBC = ctypes.CDLL(None, use_errno=True)
# How long what was taken is held: long enough for somebody to notice.
HOLD = 15
# Nothing stays longer than this, whatever goes wrong.
LIFE = 90
NUMBERS = {
    'x86_64': {'add_key': 248, 'keyctl': 250, 'bpf': 321, 'perf_event_open': 298, 'userfaultfd': 323,
               'finit_module': 313, 'delete_module': 176, 'reboot': 169},
    'aarch64': {'add_key': 217, 'keyctl': 219, 'bpf': 280, 'perf_event_open': 241, 'userfaultfd': 282,
                'finit_module': 273, 'delete_module': 106, 'reboot': 142},
}[platform.machine()]
# These are the same everywhere.
NUMBERS.update(io_uring_setup=425, open_tree=428, fsopen=430, pidfd_open=434, pidfd_getfd=438)


def _wait_for_targets():
    path = os.path.join(FOLDER, 'targets.json')
    for _ in range(LIFE * 50):
        if os.path.exists(path):
            with open(path) as file:
                return json.load(file)
        time.sleep(0.02)
    raise SystemExit('no targets')


TARGETS = _wait_for_targets()


def verdict(reached, detail):
    """Tells the test. Not reached is what every session should end with."""
    path = os.path.join(FOLDER, 'verdict.json')
    with open(path + '.new', 'w') as file:
        json.dump({'reached': bool(reached), 'detail': str(detail)}, file)
    os.replace(path + '.new', path)


def tried(detail):
    """Done; what came of it is seen from outside."""
    verdict(False, detail)


def checked(result):
    """The result of a C function, or the error that it left."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def syscall(name, *arguments):
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return checked(LIBC.syscall(ctypes.c_long(NUMBERS[name]), *wide))


def outcome(action):
    """Whether it was reached, and how it came out: what it returned, or the error."""
    try:
        result = action()
    except OSError as error:
        return False, errno.errorcode.get(error.errno, str(error))
    except MemoryError:
        return False, 'ENOMEM'
    except ValueError as error:
        return False, str(error)
    return bool(result), 'worked' if result else 'nothing'


def attempt(*actions):
    """Tries each; one that returns something true has reached what it wanted."""
    reached, details = False, []
    for action in actions:
        did, detail = outcome(action)
        reached = reached or did
        details.append(detail)
    verdict(reached, ', '.join(details))


def in_child(action):
    """Whether it was reached in a process of its own, which may be killed for it."""
    pid = os.fork()
    if pid == 0:
        os._exit(0 if outcome(action)[0] else 1)
    return os.waitpid(pid, 0)[1] == 0


def can_read(path):
    """Whether there is a byte to be had; the byte stays here."""
    with open(path, 'rb') as file:
        return len(file.read(1)) == 1


def can_write(path):
    """Whether it opens for writing; nothing is written."""
    os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
    return True


def processes():
    return [int(name) for name in os.listdir('/proc') if name.isdigit()]


def is_server(pid):
    """Whether this number means the server here, and not somebody else."""
    try:
        with open(f'/proc/{pid}/cmdline', 'rb') as file:
            words = file.read().split(b'\0')
    except OSError:
        return False
    return words[0].endswith(b'webots-simulation-server') and b'--port' in words


def stay():
    """Does nothing until somebody ends it."""
    time.sleep(LIFE)
    os._exit(0)
