"""Connects to the sockets of services: D-Bus, Docker, X displays, one of the test's own."""
import glob
import socket

from attack import TARGETS, verdict

paths = [TARGETS['outside'] + '/socket', '/run/dbus/system_bus_socket', '/var/run/docker.sock',
         '/run/systemd/private', '/run/podman/podman.sock', *glob.glob('/tmp/.X11-unix/*')]
found = []
for path in paths:
    try:
        socket.socket(socket.AF_UNIX).connect(path)
        found.append(path)
    except OSError:
        pass
verdict(found, found or 'none of them')
