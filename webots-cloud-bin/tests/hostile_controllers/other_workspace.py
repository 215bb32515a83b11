"""Reads a file in the workspace of somebody else, and looks who else is there."""
import os

from attack import TARGETS, attempt, can_read


def neighbours():
    names = os.listdir(os.path.dirname(TARGETS['workspace']))
    return TARGETS['victim'] in names


attempt(lambda: can_read(TARGETS['victim_secret']), neighbours)
