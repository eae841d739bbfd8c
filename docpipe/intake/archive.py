"""A ZIP file read as a folder, one member at a time, with nothing unpacked that passes a limit.

Its directory is parsed by `zipfile`, its size known before; members are inflated here, because
`zipfile` cuts a member that is longer than declared without a word, and a lie is what we look for.
"""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from docpipe.errors import (
    ArchiveBomb,
    Corrupt,
    DocumentError,
    EmptyDocument,
    Encrypted,
    SourceChanged,
    UnsafePath,
    UnsupportedType,
)
from docpipe.intake.content import CHUNK_BYTES, Content, hold, within
from docpipe.intake.names import shown
from docpipe.intake.ranged import Ranged
from docpipe.intake.sniff import HEAD_BYTES, is_zip
from docpipe.settings import Limits

DIRECTORY_BYTES_MEMBER = 1024  # of the central directory, for each member allowed; an honest one takes about 100
_LOCAL_HEADER = struct.Struct("<4s22xHH")  # APPNOTE.TXT 6.3.10, 4.3.7: signature, lengths of name and extra field
_DRIVE = re.compile(r"[A-Za-z]:")
_ENTRY = b"PK\x01\x02"
_READABLE = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_KEPT_DIRECTORIES = 8  # in a process: the members of one archive follow each other
_FAULTS = (zipfile.BadZipFile, struct.error, NotImplementedError, ValueError, OverflowError, EOFError, IndexError)


@dataclass(frozen=True, slots=True)
class Member:
    """One file in an archive, as the central directory has it. `offset` is that of its local header."""

    name: str
    offset: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool
    link: bool
    copies: int  # members of that name: more than one, and readers disagree about which it is

    @property
    def etag(self) -> str:
        """Changes with the bytes, most likely."""
        return f"crc32:{self.crc:08x}"


@dataclass(frozen=True, slots=True)
class _Archive:
    """Equal to another one if nothing about the file has changed; the file is only the way to it."""

    identity: Hashable
    max_members: int
    max_ratio: float
    name: str = field(compare=False)
    file: Ranged = field(compare=False)


def members(file: Ranged, name: str, limits: Limits) -> Mapping[str, Member]:
    """Name -> member of the archive `file`, folders left out; parsed once while it stays the same.

    Raises Corrupt, and ArchiveBomb where it holds more members than the limits allow, would unpack to
    more than `max_zip_ratio` times its size, or has members that share bytes.
    """
    return _members(_Archive(file.identity, limits.max_zip_members, limits.max_zip_ratio, name, file))


def read_member(file: Ranged, archive: str, member: str, limits: Limits) -> Content:
    """The bytes of one member of the archive `file`, called `archive` in messages.

    Raises what `members` does, UnsafePath for a name that leads out of the archive, Encrypted,
    FileTooLarge, SourceChanged if the archive is another one by now, ArchiveBomb if the member is longer
    than declared, Corrupt if it is not what its checksum says, UnsupportedType for other methods than
    deflate, and the errors of `sniff`.
    """
    before, mtime_ns = file.identity, file.mtime_ns
    found = members(file, archive, limits).get(member)
    name = shown(f"{archive}!/{member}")
    if found is None:
        raise SourceChanged(f"{name}: no longer in the archive")
    if not is_safe(found.name) or found.link:
        raise UnsafePath(f"{name}: leads out of the archive")
    if found.copies > 1:
        raise Corrupt(f"{name}: {found.copies} members have that name")
    if found.encrypted:
        raise Encrypted(f"{name}: encrypted in the archive", remedy="Unpack the archive with its password first.")
    if found.method not in _READABLE:
        raise UnsupportedType(
            f"{name}: compressed by method {found.method}", remedy="Pack the archive anew with deflate."
        )
    within(limits, name, found.size)
    content = hold(_inflated(file, found, name), name, found.size, mtime_ns, found.etag)
    if file.identity != before:
        raise SourceChanged(f"{archive}: changed while it was read")
    return content


def refusal(file: Ranged, name: str, limits: Limits) -> DocumentError:
    """Why the archive `file` gave no members."""
    try:
        members(file, name, limits)
    except DocumentError as error:
        return error
    return EmptyDocument(f"{name}: nothing in the archive is a document")


def holds_archive(file: Ranged) -> bool:
    """Whether `file` begins like a ZIP."""
    return is_zip(file.at(0, HEAD_BYTES))


def is_safe(name: str) -> bool:
    """Whether a member's name stays inside the archive, on every system."""
    parts = name.replace("\\", "/").split("/")
    return parts[0] != "" and not _DRIVE.match(name) and ".." not in parts


@lru_cache(maxsize=_KEPT_DIRECTORIES)
def _members(archive: _Archive) -> Mapping[str, Member]:
    try:
        with _Directory(archive) as file, zipfile.ZipFile(file) as opened:
            entries = opened.infolist()
    except _FAULTS as error:
        raise Corrupt(f"{archive.name}: no directory of the archive that can be read: {error}") from error
    _judge(archive, entries)
    copies = Counter(entry.filename for entry in entries)
    return {
        entry.filename: Member(
            entry.filename,
            entry.header_offset,
            entry.compress_size,
            entry.file_size,
            entry.CRC,
            entry.compress_type,
            bool(entry.flag_bits & 1),
            stat.S_ISLNK(entry.external_attr >> 16),
            copies[entry.filename],
        )
        for entry in entries
        if not entry.filename.endswith("/")
    }


def _judge(archive: _Archive, entries: list[zipfile.ZipInfo]) -> None:
    if len(entries) > archive.max_members:
        raise _too_many(archive, len(entries))
    if not all(entry.filename for entry in entries):
        raise Corrupt(f"{archive.name}: a member has no name")
    total, allowed = sum(entry.file_size for entry in entries), archive.max_ratio * archive.file.size
    if total > allowed:
        raise ArchiveBomb(
            f"{archive.name}: {archive.file.size:,} bytes would unpack to {total:,}, {allowed:,.0f} allowed"
        )
    end = 0
    for entry in sorted(entries, key=lambda member: member.header_offset):
        if entry.header_offset < end:
            raise ArchiveBomb(f"{archive.name}: members share bytes")
        end = entry.header_offset + _LOCAL_HEADER.size + entry.compress_size


class _Directory(io.RawIOBase):
    """An archive as `zipfile` sees it: a read that asks for more than an honest directory is refused."""

    def __init__(self, archive: _Archive) -> None:
        super().__init__()
        self._archive, self._size, self._at = archive, archive.file.size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise OSError("before the start of the archive")
        self._at = start + offset
        return self._at

    def read(self, size: int | None = -1, /) -> bytes:
        most = self._archive.max_members * DIRECTORY_BYTES_MEMBER
        if size is None or size < 0:  # the end of the file, 64 KiB at most
            size = self._size - self._at
        elif size > most:
            raise ArchiveBomb(f"{self._archive.name}: a directory of {size:,} bytes, {most:,} allowed")
        data = self._archive.file.at(self._at, max(0, size))
        self._at += len(data)
        if data.count(_ENTRY) > self._archive.max_members:
            raise _too_many(self._archive, data.count(_ENTRY))
        return data


def _too_many(archive: _Archive, count: int) -> ArchiveBomb:
    return ArchiveBomb(f"{archive.name}: {count:,} members, {archive.max_members:,} allowed")


def _inflated(file: Ranged, member: Member, name: str) -> Iterator[bytes]:
    """The member's bytes, never more than declared; raises ArchiveBomb or Corrupt where they are not those."""
    crc = given = 0
    try:
        for data in _pieces(file, member, name):
            given += len(data)
            if given > member.size:
                raise ArchiveBomb(f"{name}: longer than the {member.size:,} bytes it declares")
            crc = zlib.crc32(data, crc)
            yield data
    except (zlib.error, OverflowError) as error:
        raise Corrupt(f"{name}: {error}") from error
    if given != member.size or crc != member.crc:
        raise Corrupt(f"{name}: not the bytes that its checksum was made of")


def _pieces(file: Ranged, member: Member, name: str) -> Iterator[bytes]:
    header = file.at(member.offset, _LOCAL_HEADER.size)
    if len(header) < _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise Corrupt(f"{name}: the archive has no member where it says")
    _, name_bytes, extra_bytes = _LOCAL_HEADER.unpack(header)
    start = member.offset + _LOCAL_HEADER.size + name_bytes + extra_bytes
    stream = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == zipfile.ZIP_DEFLATED else None
    for at in range(0, member.packed, CHUNK_BYTES):
        packed = file.at(start + at, min(CHUNK_BYTES, member.packed - at))
        if not packed:
            raise Corrupt(f"{name}: cut off")
        if stream is None:
            yield packed
            continue
        while data := stream.decompress(packed, CHUNK_BYTES):
            yield data
            packed = stream.unconsumed_tail
        if stream.eof:
            return
