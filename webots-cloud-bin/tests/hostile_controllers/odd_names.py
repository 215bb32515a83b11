"""Leaves names with line ends, of 255 bytes, that are no UTF-8, that look like options."""
import os

from attack import FOLDER, TARGETS, tried

own = os.path.basename(TARGETS['workspace']).encode()
names = [b'\n', b'a\nb', b'\xff\xfe', b'\x1b[2J', b'-rf', b'--', b'~', b' ', b'*', b'...', b'x' * 255,
         b'removed-1', b'removed-2', b'.webots-cloud-1-1', own, '\u202e'.encode()]
for at, name in enumerate(names):
    folder = FOLDER.encode() + b'/odd%d' % at
    os.makedirs(folder + b'/' + name + b'/' + name)
    open(folder + b'/file' + name[:200], 'w').close()
    if not os.path.lexists(TARGETS['workspace'].encode() + b'/' + name):
        open(TARGETS['workspace'].encode() + b'/' + name, 'w').close()
tried(f'{len(names)} names')
