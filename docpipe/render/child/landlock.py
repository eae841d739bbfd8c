"""Landlock: a process gives up, for good, what it will not need of the file system.

linux/landlock.h and Documentation/userspace-api/landlock.rst of the kernel; no library binds it, so the
three system calls are made by number. Where the kernel has none of it, nothing changes and 0 is returned.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same on every architecture
_VERSION = 1  # LANDLOCK_CREATE_RULESET_VERSION
_PATH_BENEATH = 1  # LANDLOCK_RULE_PATH_BENEATH
_READ_FILE, _READ_DIR = 1 << 2, 1 << 3
# Rights over files that each version of the interface knows: 2 added REFER, 3 TRUNCATE, 5 IOCTL_DEV.
_FILE_RIGHTS = ((1, 1 << 13), (2, 1 << 14), (3, 1 << 15), (5, 1 << 16))
_TCP = 0b11  # version 4: bind and connect
_SCOPES = 0b11  # version 6: abstract sockets and signals of the processes outside


class _Ruleset(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def version() -> int:
    """The kernel's version of the interface; 0 where there is none."""
    return max(0, _call(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION)))


def allow_only(readable: Iterable[str]) -> int:
    """From now on this thread, and those that it starts, may read what lies beneath these paths.

    Nothing else of the file system, and no writing and no starting of programs anywhere; no TCP, and no
    signals to other processes, where the kernel's version knows how. Descriptors that are open already
    stay what they are. Needs no_new_privs. Returns the version that holds, 0 for none.
    """
    known = version()
    if not known:
        return 0
    rights = max(bound - 1 for since, bound in _FILE_RIGHTS if since <= known)
    ruleset = _Ruleset(rights, _TCP if known >= 4 else 0, _SCOPES if known >= 6 else 0)
    size = 24 if known >= 6 else 16 if known >= 4 else 8
    ruleset_fd = _call(_CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset_fd < 0:
        return 0
    try:
        for path in readable:
            _allow(ruleset_fd, path)
        return known if _call(_RESTRICT_SELF, ruleset_fd, ctypes.c_uint32(0)) == 0 else 0
    finally:
        os.close(ruleset_fd)


def _allow(ruleset_fd: int, path: str) -> None:
    """A path that is not there needs no rule."""
    try:
        path_fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        rights = _READ_FILE | (_READ_DIR if os.path.isdir(path) else 0)  # noqa: PTH112 - no pathlib in the child's start
        rule = _PathBeneath(rights, path_fd)
        _call(_ADD_RULE, ruleset_fd, _PATH_BENEATH, ctypes.byref(rule), ctypes.c_uint32(0))
    finally:
        os.close(path_fd)


def _call(number: int, *arguments: object) -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    return int(libc.syscall(ctypes.c_long(number), *arguments))
