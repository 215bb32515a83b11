"""Becomes root by a program that is setuid, and by a setuid copy of its own."""
import os
import shutil
import subprocess

from attack import FOLDER, attempt


def capabilities(*command):
    try:
        text = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=20).stdout
    except subprocess.TimeoutExpired:
        return False
    lines = [line for line in text.decode().splitlines() if line.startswith('CapEff')]
    return bool(lines) and int(lines[0].split()[1], 16) != 0


def own():
    copy = shutil.copy('/bin/cat', FOLDER + '/setuid-cat')
    os.chmod(copy, 0o6755)
    return capabilities(copy, '/proc/self/status')


attempt(lambda: capabilities('/bin/su', '-c', 'cat /proc/self/status'), own)
