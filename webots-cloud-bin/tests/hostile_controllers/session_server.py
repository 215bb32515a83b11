"""Talks to the session server."""
import urllib.request

from attack import TARGETS, attempt


def ask(host):
    with urllib.request.urlopen(f'http://{host}:{TARGETS["session_port"]}/load', timeout=5) as answer:
        return answer.status == 200


attempt(*(lambda host=host: ask(host) for host in ('127.0.0.1', '[::1]', 'localhost')))
