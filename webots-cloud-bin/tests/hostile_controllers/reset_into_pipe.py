"""Puts a pipe that nobody reads into the place of its controller, for the server to wait at."""
import os

from attack import FOLDER, tried

own = FOLDER + '/reset_into_pipe.py'
os.unlink(own)
os.mkfifo(own)
tried('a pipe')
