"""Bytes that may be asked for in any order, wherever they lie."""

from __future__ import annotations

import os
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol


class Ranged(Protocol):
    """A file of `size` bytes, last changed at `mtime_ns`; with the same `identity` it has the same bytes."""

    @property
    def size(self) -> int: ...

    @property
    def mtime_ns(self) -> int: ...

    @property
    def identity(self) -> Hashable: ...

    def at(self, offset: int, count: int) -> bytes:
        """The `count` bytes from `offset`; fewer only where the file ends. Raises OSError or DocumentError."""
        ...


@dataclass(frozen=True, slots=True)
class LocalFile:
    """The file open at `fd`, as it is at the moment."""

    fd: int

    @property
    def size(self) -> int:
        return os.fstat(self.fd).st_size

    @property
    def mtime_ns(self) -> int:
        return os.fstat(self.fd).st_mtime_ns

    @property
    def identity(self) -> Hashable:
        status = os.fstat(self.fd)
        return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns

    def at(self, offset: int, count: int) -> bytes:
        return os.pread(self.fd, count, offset)
