"""A folder on the local disk that goes with its owner, or with the next one if the owner was killed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from functools import cached_property
from pathlib import Path

PREFIX = "docpipe-upload-"
PAGES = "docpipe-pages-"  # the same of folders for pages that are compared before they are read


class Scratch:
    """A folder below the system's temporary one, made when it is first asked for.

    Its owner holds a lock on it, which the system drops whatever ends the owner.
    """

    def __init__(self, prefix: str = PREFIX) -> None:
        self._prefix = prefix

    @cached_property
    def folder(self) -> Path:
        """An empty folder. Those of owners that are gone are removed first."""
        for path in Path(tempfile.gettempdir()).glob(f"{self._prefix}*"):
            remove_if_free(path)
        while True:
            path = Path(tempfile.mkdtemp(prefix=self._prefix))
            self._lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if path.exists():
                return path
            os.close(self._lock)  # another one took it for abandoned before it was locked

    def close(self) -> None:
        """Remove the folder; asked for again, there is another."""
        if (folder := self.__dict__.pop("folder", None)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(self._lock)

    def __del__(self) -> None:
        self.close()


def remove_if_free(path: Path) -> None:
    """Remove a folder whose owner is gone, as its lock tells; a link is none of ours, and one that is held stays."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)
