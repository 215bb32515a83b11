"""Loads and unloads kernel modules, with arguments that mean none: it is enough to hear another error than "not permitted"."""
import ctypes
import errno

from attack import outcome, syscall, verdict

answers = [outcome(lambda: syscall('finit_module', -1, ctypes.c_char_p(b''), 0) == 0)[1],
           outcome(lambda: syscall('delete_module', ctypes.c_char_p(b'hostile_no_such'), 0x800) == 0)[1]]
verdict(not set(answers) <= {'EPERM', 'ENOSYS', 'EACCES'}, answers)
