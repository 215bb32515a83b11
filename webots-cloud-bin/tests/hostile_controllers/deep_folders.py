"""Leaves 2000 folders, each in the one before: no path that long can be named."""
import os

from attack import FOLDER, tried

os.chdir(FOLDER)
for _ in range(2000):
    os.mkdir('d' * 100)
    os.chdir('d' * 100)
open('bottom', 'w').close()
tried('2000 levels')
