"""Google's and Azure's stores, through pyarrow's file systems: listed folder by folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pyarrow as pa
from pyarrow import fs

from docpipe.errors import PathNotFound, SourceChanged
from docpipe.intake.content import CHUNK_BYTES
from docpipe.intake.names import public, shown
from docpipe.intake.objects import Object


class FileSystemStore:
    """One bucket or container. A path is what stands after its name."""

    def __init__(self, connection: str) -> None:
        try:
            self._system, name = fs.FileSystem.from_uri(connection)
        except (OSError, pa.ArrowException) as error:
            reason = shown(str(error).replace(connection, public(connection)).split("\n")[0][:300])
            raise PathNotFound(f"{shown(public(connection))}: {reason}") from None
        self._root = name.rstrip("/") + "/"

    def about(self, path: str) -> Object | None:
        with _answered():
            (found,) = self._system.get_file_info([self._root + path])
        return self._object(found) if found.type == fs.FileType.File else None

    def below(self, path: str, passed_over: Callable[[str], bool]) -> Iterator[Object]:
        waiting = self._listed(path)
        while waiting:
            info = waiting.pop()
            inner = info.path.removeprefix(self._root)
            if passed_over(inner):
                continue
            if info.type == fs.FileType.Directory:
                waiting += self._listed(inner)
            else:
                yield self._object(info)

    def _listed(self, path: str) -> list[Any]:
        """What stands in one folder, the last name first."""
        with _answered():
            found = self._system.get_file_info(fs.FileSelector((self._root + path).rstrip("/")))
        return sorted(found, key=lambda entry: entry.path, reverse=True)

    def opened(self, path: str) -> tuple[Object, Iterator[bytes]]:
        found = self.about(path)
        if found is None:
            raise FileNotFoundError("no such object")
        return found, self._chunks(found)

    def part(self, one: Object, offset: int, count: int) -> bytes:
        with _answered(), closing(self._system.open_input_file(self._root + one.path)) as file:
            data = bytes(file.read_at(max(0, min(count, one.size - offset)), offset))
        if self.about(one.path) != one:
            raise SourceChanged("replaced while it was read")
        return data

    def _chunks(self, file: Object) -> Iterator[bytes]:
        with _answered(), closing(self._system.open_input_stream(self._root + file.path)) as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk
        if self.about(file.path) != file:
            raise SourceChanged("replaced while it was read")

    def _object(self, found: Any) -> Object:
        return Object(found.path.removeprefix(self._root), found.size or 0, found.mtime_ns or 0)


@contextmanager
def _answered() -> Iterator[None]:
    try:
        yield
    except pa.ArrowException as error:
        raise OSError(str(error)) from error
