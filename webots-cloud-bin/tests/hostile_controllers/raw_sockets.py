"""Listens to the network and forges packets: raw and packet sockets."""
import socket

from attack import attempt

kinds = [(socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET6, socket.SOCK_RAW, 58),
         (socket.AF_PACKET, socket.SOCK_RAW, 0), (socket.AF_PACKET, socket.SOCK_DGRAM, 0)]
attempt(*(lambda kind=kind: socket.socket(*kind).close() or True for kind in kinds))
