"""Listens on another port than its own, for all the world."""
import socket

from attack import LIFE, TARGETS, outcome, tried


def listen():
    listener = socket.create_server(('', TARGETS['listen_port']))
    return listener if kept.append(listener) is None else None


kept = []
tried(outcome(listen)[1])
if kept:
    kept[0].settimeout(LIFE)
    kept[0].accept()
