"""Reads the server's configuration and its logs."""
from attack import TARGETS, attempt, can_read

attempt(lambda: can_read(TARGETS['config']), lambda: can_read(TARGETS['log']))
