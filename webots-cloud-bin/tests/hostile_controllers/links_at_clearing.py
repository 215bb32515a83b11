"""Leaves links to folders outside, for whoever removes the workspace to follow."""
import os

from attack import FOLDER, TARGETS, tried

os.makedirs(FOLDER + '/a/b')
for place in ('out', 'a/out', 'a/b/out', 'removed-1'):
    os.symlink(TARGETS['outside'], f'{FOLDER}/{place}')
os.symlink('/', FOLDER + '/root')
os.symlink('loop', FOLDER + '/loop')
tried('links left')
