"""Reads the passwords of this machine."""
from attack import attempt, can_read

attempt(lambda: can_read('/etc/shadow'))
