"""Reads the environment of every process that it sees: the server's, with its secrets, and its neighbour's."""
from attack import TARGETS, processes, verdict

wanted = {'server': TARGETS['server_secret'].encode(), 'neighbour': TARGETS['victim'].encode() + b'\0'}
found = set()
for pid in processes():
    try:
        with open(f'/proc/{pid}/environ', 'rb') as file:
            text = file.read()
    except OSError:
        continue
    found |= {name for name, word in wanted.items() if word in text}
verdict(found, sorted(found) or 'neither')
