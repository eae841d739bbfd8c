"""`python -m docpipe` is the command line."""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence


def main() -> None:
    """Run a command, and end the process with its exit code."""
    codes: list[int] = []
    atexit.register(leave, codes)  # before anything else is, so that it is called after all others

    from docpipe.cli import main as command_line

    try:
        command_line()
    except SystemExit as end:
        codes.append(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise


def leave(codes: Sequence[int]) -> None:
    """End the process with the first of `codes`.

    Python ends one that it runs as a module by SIGINT if a KeyboardInterrupt passed through the last code that was
    compiled from a text, as libraries do while they load, whoever caught it after that. Native libraries may abort it
    while they are taken down.
    """
    if codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(codes[0])


if __name__ == "__main__":
    main()
