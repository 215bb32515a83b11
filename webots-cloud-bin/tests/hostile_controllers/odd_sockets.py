"""Opens sockets of families that no simulation needs, each with much code in the kernel: VSOCK, ALG, CAN, TIPC, Bluetooth, KCM, RDS, X.25."""
import errno
import socket

from attack import outcome, verdict

FAMILIES = {40: socket.SOCK_STREAM, 38: socket.SOCK_SEQPACKET, 29: socket.SOCK_RAW, 30: socket.SOCK_RDM,
            31: socket.SOCK_RAW, 41: socket.SOCK_SEQPACKET, 21: socket.SOCK_SEQPACKET, 9: socket.SOCK_SEQPACKET}
names = [family for family, kind in FAMILIES.items()
         if outcome(lambda: socket.socket(family, kind).close() or True)[0]]
verdict(names, names or 'none of them')
