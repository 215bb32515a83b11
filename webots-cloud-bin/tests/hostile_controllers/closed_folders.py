"""Leaves folders that nobody may open, one in the other, and closes its own workspace."""
import os

from attack import FOLDER, TARGETS, tried

for at in range(20):
    deep = f'{FOLDER}/closed/{at}/inner/most'
    os.makedirs(deep)
    open(deep + '/file', 'w').close()
    os.chmod(deep + '/file', 0)
tried('closed')
for folder, _, _ in os.walk(FOLDER + '/closed', topdown=False):
    os.chmod(folder, 0)
os.chmod(TARGETS['workspace'], 0o500)
