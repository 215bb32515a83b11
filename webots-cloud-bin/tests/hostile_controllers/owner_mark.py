"""Opens the mark that says whose workspace this is, for writing."""
import os

from attack import TARGETS, attempt, can_write

folder, name = os.path.split(TARGETS['workspace'])
attempt(lambda: can_write(f'{folder}/.{name}.owner'))
