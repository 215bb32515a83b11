"""Makes a hard link to a file outside, to have it in the workspace for good."""
import os

from attack import FOLDER, TARGETS, attempt, can_read


def link():
    os.link(TARGETS['outside'] + '/canary', FOLDER + '/linked')
    return can_read(FOLDER + '/linked')


attempt(link)
