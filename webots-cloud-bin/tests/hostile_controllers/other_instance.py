"""Connects to the port of its neighbour's simulation, which obeys whoever connects."""
import socket

from attack import TARGETS, attempt


def connect(host):
    with socket.create_connection((host, TARGETS['victim_port']), timeout=5):
        return True


attempt(*(lambda host=host: connect(host) for host in ('127.0.0.1', '::1')))
