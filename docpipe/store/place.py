"""Where an output lies: a folder on a disk, or a prefix of a bucket. The store knows no other way to bytes.

Names are relative to the place, with "/" between. A commit needs of a place that `put` makes a file
appear whole, that what has been put survives, and that a lease can be taken by one writer alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

from docpipe.store.lease import EXPIRY_S

SCRATCH = "_tmp"

Where = str | os.PathLike[str]
"""How a caller names an output: a path, or a URL like s3://bucket/prefix."""


class Lease(Protocol):
    """The right to write into one place, until `release`; its holder keeps it young while it lives."""

    def check(self) -> None:
        """Raise OutputLocked if another run has taken over, as it may after a long suspension.

        Raises OSError if that cannot be found out.
        """

    def release(self) -> None:
        """Give the place back; a lease that was lost is left to its new holder."""


class Place(Protocol):
    """Every call may raise OSError; FileNotFoundError for a name that is not there."""

    def __str__(self) -> str:
        """As a user would name it."""

    def exists(self) -> bool:
        """Whether there is anything at all."""

    def entries(self, folder: str = "") -> list[str]:
        """Names of the files and folders directly in `folder`, sorted; none if it is absent."""

    def has(self, name: str) -> bool:
        """Whether there is a file of that name."""

    def size(self, name: str) -> int:
        """Bytes of a file."""

    def age_s(self, name: str) -> float:
        """Seconds since the file came to this name."""

    def read(self, name: str) -> bytes:
        """The whole file."""

    def open(self, name: str) -> Any:
        """What pyarrow reads a file by: a path, or a file object with seek."""

    def read_stamped(self, name: str) -> tuple[bytes, str]:
        """The whole file, and what tells this state of it from every other one."""

    def swap(self, staged: str, name: str, stamp: str) -> str:
        """Put what was written at `scratch(staged)` in place of the file that had that stamp ("": of none).

        Returns the new stamp. Raises OutputLocked if the file is another by now, or scratch was swept: another
        writer is at work then, and nothing has changed.
        """

    def replace(self, name: str, data: bytes) -> None:
        """Make a file hold `data`, all of it or what was there before."""

    def scratch(self, name: str) -> Path:
        """The path on a local disk at which `put` looks for the file that is to have this name."""

    def put(self, name: str) -> bool:
        """Put what was written at `scratch(name)` in place, unless that was done before; False if it is nowhere."""

    def move(self, source: str, target: str) -> bool:
        """Give a file another name, unless that was done before; False if it has neither."""

    def delete(self, name: str) -> None:
        """Remove a file, if it is there."""

    def make_folder(self, name: str) -> None:
        """See to it that files can be put into a folder."""

    def settle(self, folders: Iterable[str]) -> None:
        """Return when names that came and went in these folders will survive a power cut."""

    def sweep_scratch(self) -> None:
        """Remove what was written for `put` and `swap` and left there, by whomever: they cannot put it any more.

        What docpipe did not write stays.
        """

    def scratch_strangers(self) -> list[str]:
        """Names of what lies in scratch and docpipe did not write."""

    def acquire(self, run_id: str, expiry_s: float = EXPIRY_S) -> Lease:
        """Take the lease, which outlives its last beat by `expiry_s`; raises OutputLocked naming who holds it."""

    def for_deleting(self, run_id: str) -> AbstractContextManager[object]:
        """Holds the lease while files are deleted, and nothing else: works on a full disk, too. Raises OutputLocked."""


def place_of(where: Where | Place) -> Place:
    """The place that a path or a URL names; a place is returned as it is.

    Raises MissingLibrary for a URL without the library for it, InvalidSettings for one it does not know.
    """
    if isinstance(where, str | os.PathLike):
        text = os.fspath(where)
        if "://" in text:
            from docpipe.store.bucket import BucketPlace

            return BucketPlace.of(text)
        from docpipe.store.disk import DiskPlace

        return DiskPlace(Path(text))
    return where
