"""What intake asks of an object store, whoever keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

WINDOW_BYTES = 256 * 1024  # the least that is worth a request


class Interrupted(ConnectionError):
    """A stream of bytes that broke off: asking again may give them all."""


@dataclass(frozen=True, slots=True)
class Object:
    """One object: its path in the store, `size` in bytes, when it was written, and its e-tag where there is one."""

    path: str
    size: int
    mtime_ns: int
    etag: str = ""


class Store(Protocol):
    """One bucket. Every method raises OSError where the store cannot be asked or refuses."""

    def about(self, path: str) -> Object | None:
        """The object at `path`; None if there is none, or only a folder."""
        ...

    def below(self, path: str, passed_over: Callable[[str], bool]) -> Iterator[Object]:
        """The objects below the folder `path` ("" for the whole bucket) as they are listed.

        Left out is each whose path, or that of a folder above it, is `passed_over`. Raises
        FileNotFoundError where there is nothing at all.
        """
        ...

    def opened(self, path: str) -> tuple[Object, Iterator[bytes]]:
        """The object as it is now, and its bytes. They raise Interrupted, or SourceChanged if it is replaced."""
        ...

    def part(self, file: Object, offset: int, count: int) -> bytes:
        """The `count` bytes from `offset`, fewer where the object ends. Raises SourceChanged if it was replaced."""
        ...


class StoredFile:
    """An object that is read in parts, as `ranged.Ranged` has it: small ones near each other in one request."""

    def __init__(self, store: Store, uri: str, file: Object) -> None:
        self._store, self._one = store, file
        self.size, self.mtime_ns = file.size, file.mtime_ns
        self.identity = (uri, file.size, file.mtime_ns, file.etag)
        self._start, self._held = 0, b""

    def at(self, offset: int, count: int) -> bytes:
        inside = offset - self._start
        if not 0 <= inside <= inside + count <= len(self._held):
            self._start, inside = offset, 0
            self._held = self._store.part(self._one, offset, max(count, WINDOW_BYTES))
        return self._held[inside : inside + count]
