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


class Scratch:
    """A folder below the system's temporary one, made when it is first asked for.

    Its owner holds a lock on it, which the system drops whatever ends the owner.
    """

    @cached_property
    def folder(self) -> Path:
        """An empty folder. Those of owners that are gone are removed first."""
        for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
            remove_if_free(path)
        while True:
            path = Path(tempfile.mkdtemp(prefix=PREFIX))
            self._lock = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)
            if path.exists():
                return path
            os.close(self._lock)  # another one took it for abandoned before it was locked

    def __del__(self) -> None:
        if "folder" in self.__dict__:
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._lock)


def remove_if_free(path: Path) -> None:
    """Remove a folder whose owner is gone, as its lock tells; a link is none of ours, and one that is held stays."""
    with suppress(OSError):
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(path, ignore_errors=True)
        finally:
            os.close(handle)
