"""Reads the other projects, and the cache of those from git, where they are kept."""
import os

from attack import TARGETS, attempt, can_read

attempt(lambda: can_read(TARGETS['project']), lambda: os.listdir(TARGETS['cache']))
