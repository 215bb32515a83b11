"""Restarts the machine, renames it, turns off its swap, with arguments that mean nothing: another error than "not permitted" is enough."""
import socket

from attack import LIBC, checked, outcome, syscall, verdict

# Without the two magic numbers the kernel does nothing, whoever asks.
answers = [outcome(lambda: syscall('reboot', 0, 0, 0, 0) == 0)[1],
           outcome(lambda: checked(LIBC.swapoff(b'/no/such/swap')) == 0)[1],
           outcome(lambda: socket.sethostname(socket.gethostname()) or True)[1]]
verdict(not set(answers) <= {'EPERM', 'ENOSYS', 'EACCES'}, answers)
