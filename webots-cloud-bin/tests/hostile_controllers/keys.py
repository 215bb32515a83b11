"""Reads the keys that the server downloads projects with."""
from attack import TARGETS, attempt, can_read

attempt(lambda: can_read(TARGETS['key']))
