"""`python -m docpipe` is the command line."""

from __future__ import annotations

import atexit
import os
import sys

codes: list[int] = []


@atexit.register  # before anything else is, so that it is called after all others
def leave() -> None:
    """End the process with its own exit code.

    Python ends one that it runs as a module by SIGINT if a KeyboardInterrupt passed through the last code that was
    compiled from a text, as libraries do while they load, whoever caught it after that. Native libraries may abort it
    while they are taken down.
    """
    if codes:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(codes[0])


if __name__ == "__main__":
    from docpipe.cli import main

    try:
        main()
    except SystemExit as end:
        codes.append(end.code if isinstance(end.code, int) else int(end.code is not None))
        raise
