"""The standard descriptors 0, 1 and 2: a daemon or a scheduler may start a program without them."""

from __future__ import annotations

import os
import sys


def open_standard_streams() -> None:
    """Open what is closed of 0, 1 and 2 to /dev/null, before a file of ours gets such a number.

    What is printed would go into that file, and a child that is started has its own streams there.
    """
    for fd in range(3):
        try:
            os.fstat(fd)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
            os.set_inheritable(fd, True)
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
