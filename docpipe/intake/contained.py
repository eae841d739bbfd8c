"""Opening files that somebody else named: only regular ones, and only inside the folder they came from.

A path is looked up once, without opening what it leads to (O_PATH). What was found is judged: its
kind, and by the kernel's own word (/proc/self/fd) its true place. Then that very file is opened for
reading, not the path again: between judging and reading there is nothing to swap.
RESOLVE_BENEATH of openat2(2) would refuse links with an absolute target even where they stay inside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Iterator

from docpipe.errors import Unreadable, UnsafePath


@contextlib.contextmanager
def opened(path: str, root: str, name: str) -> Iterator[int]:
    """A descriptor of the regular file at `path`, closed afterwards; never waits for it.

    With a `root` the file, links followed, must lie below that folder; both are then absolute and
    without "..". `name` is for messages. Raises UnsafePath for anything but a regular file and for one
    outside, Unreadable with the system's reason.
    """
    if root and not _lies_below(path, root):  # by ".." alone: what is out there is not even opened
        raise _leads_out(name)
    with reasons(name):
        found = os.open(path, os.O_PATH | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(found).st_mode):
                raise UnsafePath(f"{name}: not a regular file")
            if root and not _lies_below(_place(found), os.path.realpath(root)):
                raise _leads_out(name)
            fd = os.open(f"/proc/self/fd/{found}", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        finally:
            os.close(found)
    try:
        yield fd
    finally:
        os.close(fd)


def stays_inside(path: str, root: str) -> bool:
    """Whether `path`, links followed, lies below `root`, or is it; False if it leads nowhere."""
    try:
        true_place, base = os.path.realpath(path, strict=True), os.path.realpath(root)
    except OSError:
        return False
    return true_place == base or _lies_below(true_place, base)


@contextlib.contextmanager
def reasons(name: str) -> Iterator[None]:
    """Turns the system's errors into Unreadable, or UnsafePath where nothing could ever be read."""
    try:
        yield
    except OSError as error:
        kind = UnsafePath if error.errno == errno.ENXIO else Unreadable  # ENXIO: a socket
        raise kind(f"{name}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the path
        raise Unreadable(f"{name}: {error}") from error


def _leads_out(name: str) -> UnsafePath:
    return UnsafePath(f"{name}: leads out of the folder that it was found in")


def _place(fd: int) -> str:
    return os.readlink(f"/proc/self/fd/{fd}")


def _lies_below(place: str, folder: str) -> bool:
    return place.startswith(folder.rstrip("/") + "/")
