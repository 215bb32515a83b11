"""Looks for a file in /proc and /sys that opens for writing (nothing is written): core_pattern, sysrq, cgroups."""
import os

from attack import can_write, verdict

found, looked = [], 0
for top in ['/sys'] + [f'/proc/{name}' for name in os.listdir('/proc') if not name[0].isdigit()]:
    for folder, _, names in os.walk(top) if os.path.isdir(top) else [('/proc', [], [top[6:]])]:
        # Those of its own process are its own; pressure is open to everybody, for alarms of one's own.
        if folder == '/proc/pressure' or os.path.realpath(folder).startswith(f'/proc/{os.getpid()}') or len(found) > 20:
            continue
        for name in names:
            looked += 1
            try:
                found += [os.path.join(folder, name)] if can_write(os.path.join(folder, name)) else []
            except OSError:
                pass
verdict(found, found or f'none of {looked}')
