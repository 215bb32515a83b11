"""Leaves nothing in its workspace: no project, no world, no folder for temporary files."""
import os
import shutil

from attack import FOLDER, TARGETS, tried

for name in os.listdir(TARGETS['workspace']):
    path = os.path.join(TARGETS['workspace'], name)
    if not FOLDER.startswith(path):
        shutil.rmtree(path, ignore_errors=True) if os.path.isdir(path) else os.unlink(path)
tried('removed')
