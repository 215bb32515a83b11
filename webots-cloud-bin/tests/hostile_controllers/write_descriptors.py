"""Opens every descriptor of every process that it sees, for writing, and looks for one that leads out."""
import os

from attack import TARGETS, processes, verdict

own = TARGETS['workspace']
found = set()
for pid in processes():
    try:
        names = os.listdir(f'/proc/{pid}/fd')
    except OSError:
        continue
    for name in names:
        try:
            to = os.readlink(f'/proc/{pid}/fd/{name}')
            os.close(os.open(f'/proc/{pid}/fd/{name}', os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY))
        except OSError:
            continue
        if to.startswith('/') and not to.startswith((own, '/dev/null', '/memfd')):
            found.add(to)
verdict(found, sorted(found)[:5] or 'none')
