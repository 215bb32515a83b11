"""Opens the disks, the kernel's log and the machine's memory, for reading."""
import os
import stat

from attack import verdict

WANTED = ('/dev/kmsg', '/dev/mem', '/dev/kvm', '/dev/fuse', '/dev/net/tun')
found = []
for folder, _, names in os.walk('/dev'):
    for path in (os.path.join(folder, name) for name in names):
        try:
            if path in WANTED or stat.S_ISBLK(os.stat(path).st_mode):
                os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
                found.append(path)
        except OSError:
            pass
verdict(found, found or 'none of them')
