"""Object stores, through pyarrow: s3://, gs:// and abfs:// listed folder by folder, read as streams.

How a store is reached (endpoint, region) may stand in the query of the input, and credentials in front
of its host; both stay out of every uri, and so out of the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import pyarrow as pa
from pyarrow import fs

from docpipe.errors import ListingFailed, PathNotFound, SourceChanged, Unreadable, UnsafePath
from docpipe.intake.content import CHUNK_BYTES, Content, hold, within
from docpipe.intake.folder import passed_over
from docpipe.intake.names import public, shown
from docpipe.records import Source
from docpipe.settings import Limits

_KEPT_SYSTEMS = 32


@dataclass(frozen=True, slots=True)
class _Place:
    """An input in an object store. `uri` is public, `path` what the file system calls the same place."""

    uri: str
    path: str
    system: Any = field(repr=False)

    def uri_of(self, path: str) -> str:
        return self.uri + path.removeprefix(self.path) if path != self.path else self.uri

    def path_of(self, uri: str) -> str:
        if uri != self.uri and not uri.startswith(self.uri.rstrip("/") + "/"):
            raise UnsafePath(f"{shown(uri)}: leads out of the place that it was found in")
        return self.path + uri.removeprefix(self.uri)


def list_prefix(text: str, leave_out: str = "") -> Iterator[Source]:
    """The objects below an s3://, gs:// or abfs:// uri, or the one object that it names.

    Hidden names and what lies below the uri `leave_out` are left out. Raises PathNotFound where there is
    nothing, ListingFailed where the store cannot be asked, at the start or later: what was listed is then
    not all there is.
    """
    place = _place(text)
    try:
        (about,) = place.system.get_file_info([place.path])
        if about.type == fs.FileType.NotFound:
            raise PathNotFound(f"nothing at {shown(place.uri)}")
        if about.type == fs.FileType.File:
            yield _source(place, about, text)
        else:
            yield from _below(place, place.path, text, leave_out)
    except (OSError, pa.ArrowException) as error:
        raise ListingFailed(f"{shown(place.uri)}: {_reason(error)}") from error


def look_up(texts: Sequence[str]) -> list[Source]:
    """A Source for each of these objects, in their order, asked for together.

    What is not there or cannot be asked for is a Source all the same: it fails when it is read.
    """
    found = [Source(public(text), root=text) for text in texts]
    by_system: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        by_system.setdefault(_connection(text), []).append(index)
    for indexes in by_system.values():
        try:
            places = [_place(texts[index]) for index in indexes]
            answers = places[0].system.get_file_info([place.path for place in places])
        except (OSError, pa.ArrowException, PathNotFound):
            continue
        for index, place, about in zip(indexes, places, answers, strict=True):
            if about.type == fs.FileType.File:
                found[index] = _source(place, about, texts[index])
    return found


def read_object(source: Source, limits: Limits) -> Content:
    """Stream an object into memory; `source.root` says how its store is reached.

    Raises Unreadable with the store's reason (it may go away by itself), UnsafePath for what is no
    object, FileTooLarge before a byte is read, SourceChanged if it was replaced meanwhile, and the
    errors of `sniff`.
    """
    name = shown(source.uri.rpartition("/")[2])
    try:
        place = _place(source.root)
        path = place.path_of(source.uri)
        before = _about(place, path, name)
        within(limits, name, before.size)
        with closing(place.system.open_input_stream(path)) as stream:
            content = hold(_chunks(stream), name, before.size, before.mtime_ns or 0)
        after = _about(place, path, name)
    except (OSError, pa.ArrowException, PathNotFound) as error:
        raise Unreadable(f"{name}: {_reason(error)}") from error
    if (after.size, after.mtime_ns) != (before.size, before.mtime_ns):
        raise SourceChanged(f"{name}: replaced while it was read")
    return content


def _place(text: str) -> _Place:
    """Where `text` leads. What follows the bucket is taken as it stands, up to a "?": nothing is decoded."""
    system, bucket = _system(_connection(text))
    key = text.partition("?")[0].partition("://")[2].partition("/")[2].rstrip("/")
    return _Place(public(text).rstrip("/"), f"{bucket}/{key}".rstrip("/"), system)


def _connection(text: str) -> str:
    """The part of an input that says which bucket, and how it is reached."""
    address, mark, query = text.partition("?")
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}{mark}{query}"


@lru_cache(maxsize=_KEPT_SYSTEMS)
def _system(connection: str) -> tuple[Any, str]:
    try:
        system, bucket = fs.FileSystem.from_uri(connection)
    except (OSError, pa.ArrowException) as error:
        raise PathNotFound(f"{shown(public(connection))}: {_reason(error, connection)}") from None
    return system, bucket.rstrip("/")


def _below(place: _Place, folder: str, text: str, leave_out: str) -> Iterator[Source]:
    selector = fs.FileSelector(folder, allow_not_found=True)
    for about in sorted(place.system.get_file_info(selector), key=lambda one: one.path):
        if passed_over(about.base_name):
            continue
        if about.type == fs.FileType.Directory:
            if place.uri_of(about.path) != leave_out:
                yield from _below(place, about.path, text, leave_out)
        else:
            yield _source(place, about, text)


def _source(place: _Place, about: Any, text: str) -> Source:
    return Source(place.uri_of(about.path), about.size or 0, about.mtime_ns or 0, root=text)


def _about(place: _Place, path: str, name: str) -> Any:
    (about,) = place.system.get_file_info([path])
    if about.type == fs.FileType.NotFound:
        raise Unreadable(f"{name}: no such object")
    if about.type != fs.FileType.File:
        raise UnsafePath(f"{name}: not an object")
    return about


def _chunks(stream: Any) -> Iterator[bytes]:
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def _reason(error: BaseException, secret: str = "") -> str:
    """The first line of what pyarrow says, without the uri that it was given."""
    text = str(error).replace(secret, public(secret)) if secret else str(error)
    return shown(text.splitlines()[0][:300] if text else type(error).__name__)
