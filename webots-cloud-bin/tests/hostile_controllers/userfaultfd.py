"""Handles page faults itself, which makes holes in the kernel easy to use."""
import os

from attack import attempt, syscall

# The second is for faults of its own only, which everybody may have.
attempt(lambda: os.close(syscall('userfaultfd', 0)) or True,
        lambda: os.close(syscall('userfaultfd', 1)) or True)
