"""Seccomp: a process gives up, for good, the calls of the kernel that no decoder makes.

linux/seccomp.h, linux/filter.h and linux/audit.h. It holds in containers too, where namespaces are
seldom allowed, and shuts the network whole: Landlock knows TCP only. No library of the standard kind
binds it, so the filter, one classic BPF program, is written out.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
from collections.abc import Mapping

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD_WORD, _JUMP_IF_EQUAL, _JUMP_IF_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4  # in struct seccomp_data
_OTHER_ABI = 0x40000000  # __X32_SYSCALL_BIT: the same calls by other numbers

# The audit architecture, and the numbers of: socket, connect, bind, execve, ptrace, process_vm_readv,
# process_vm_writev, mount, unshare, setns, perf_event_open, execveat, bpf, userfaultfd, keyctl.
_KNOWN: Mapping[str, tuple[int, tuple[int, ...]]] = {
    "x86_64": (0xC000003E, (41, 42, 49, 59, 101, 310, 311, 165, 272, 308, 298, 322, 321, 323, 250)),
    "aarch64": (0xC00000B7, (198, 203, 200, 221, 117, 270, 271, 40, 97, 268, 241, 281, 280, 282, 219)),
}
_EVERYWHERE = (425, 426, 427)  # io_uring_setup, _enter, _register: they would do the same by other means


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("filter", ctypes.c_char_p))


def refuse_calls() -> bool:
    """From now on this process can open no socket, start no program and look into no other process.

    Such a call fails with EPERM; a channel that is open already stays open. Needs no_new_privs. False
    where the kernel or the architecture does not know how, and then nothing has changed.
    """
    if platform.machine() not in _KNOWN:
        return False
    architecture, refused = _KNOWN[platform.machine()]
    program = _filter(architecture, refused)
    loaded = _Program(len(program) // 8, program)
    done: int = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(loaded), 0, 0)
    return done == 0


def _filter(architecture: int, refused: tuple[int, ...]) -> bytes:
    """A call is refused if its ABI is not this process's own or its number is among `refused`; else allowed.

    Jumps count the instructions to skip; the last two are "allow" and "refuse".
    """
    numbers = (*refused, *_EVERYWHERE)
    checks = [(_JUMP_IF_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)]
    program = [
        (_LOAD_WORD, 0, 0, _ARCHITECTURE_AT),
        (_JUMP_IF_EQUAL, 0, len(numbers) + 3, architecture),
        (_LOAD_WORD, 0, 0, _NUMBER_AT),
        (_JUMP_IF_AT_LEAST, len(numbers) + 1, 0, _OTHER_ABI),
        *checks,
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
