"""Puts a link to a file outside into the place of its controller, and has the server write there."""
import os

from attack import FOLDER, TARGETS, tried

own = FOLDER + '/reset_through_link.py'
os.unlink(own)
os.symlink(TARGETS['outside'] + '/canary', own)
tried('linked')
