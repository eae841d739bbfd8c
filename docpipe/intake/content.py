"""The bytes of one source, read once: what is hashed is what is decoded."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from docpipe.errors import FileTooLarge, SourceChanged
from docpipe.intake.contained import opened, reasons
from docpipe.intake.names import shown
from docpipe.intake.sniff import HEAD_BYTES, conflict, sniff
from docpipe.settings import Limits

CHUNK_BYTES = 1024**2
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL


class Descriptor:
    """Owns a file descriptor and closes it once, at the latest when nobody holds the owner."""

    __slots__ = ("fd",)

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def close(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __del__(self) -> None:
        self.close()


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """A source in memory: a sealed memfd that no process can change any more.

    `name` is printable. `size` in bytes, `mtime_ns` and `etag` as where it came from had them, `doc_id`
    the sha256 of the bytes in hex. `notes` say what is odd about it: a name of another kind.
    The memory goes when the last holder of this object does.
    """

    name: str
    size: int
    mtime_ns: int
    doc_id: str
    media_type: str
    memory: Descriptor = field(repr=False)
    etag: str = ""
    notes: tuple[str, ...] = ()

    @property
    def data(self) -> memoryview:
        """The bytes, read-only, without a copy."""
        return memoryview(mmap.mmap(self.memory.fd, self.size, access=mmap.ACCESS_READ))


def read_content(path: str | os.PathLike[str], limits: Limits, root: str = "") -> Content:
    """Read the regular file at `path` once, whole, and never wait for it.

    With a `root` the file must lie below that folder, links followed. Raises UnsafePath for anything
    else, Unreadable with the system's reason, FileTooLarge before a byte is read, SourceChanged where
    the file was written to meanwhile, and the errors of `sniff`.
    """
    name = shown(PurePosixPath(path).name)
    with opened(os.fspath(path), root, name) as fd, reasons(name):
        before = os.fstat(fd)
        within(limits, name, before.st_size)
        content = hold(_chunks(fd), name, before.st_size, before.st_mtime_ns)
        after = os.fstat(fd)
    if (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise SourceChanged(f"{name}: changed while it was read")
    return content


def hold(chunks: Iterable[bytes], name: str, size: int, mtime_ns: int, etag: str = "") -> Content:
    """Take `chunks` into memory, hashed and sealed, and the rest from them only while they are a kind we read.

    Reads no more than one chunk beyond `size`. Raises SourceChanged where they are not `size` bytes,
    the errors of `sniff`, and what `chunks` raises.
    """
    memory = Descriptor(os.memfd_create("docpipe-source", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    digest, copied, media_type = hashlib.sha256(), 0, ""
    for chunk in chunks:
        digest.update(chunk)
        copied += _write_all(memory.fd, chunk)
        if copied > size:
            break
        if not media_type and copied >= HEAD_BYTES:
            media_type = sniff(os.pread(memory.fd, HEAD_BYTES, 0), name)
    if copied != size:
        raise SourceChanged(f"{name}: changed while it was read")
    media_type = media_type or sniff(os.pread(memory.fd, HEAD_BYTES, 0), name)
    fcntl.fcntl(memory.fd, fcntl.F_ADD_SEALS, _SEALS)
    doc_id, notes = digest.hexdigest(), conflict(name, media_type)
    return Content(name, size, mtime_ns, doc_id, media_type, memory, etag, notes)


def within(limits: Limits, name: str, size: int) -> None:
    """Raises FileTooLarge for a file of more bytes than the limits allow."""
    if size > limits.max_file_bytes:
        raise FileTooLarge(f"{name}: {size:,} bytes, {limits.max_file_bytes:,} allowed")


def _chunks(fd: int) -> Iterator[bytes]:
    while chunk := os.read(fd, CHUNK_BYTES):
        yield chunk


def _write_all(target: int, chunk: bytes) -> int:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(target, rest) :]
    return len(chunk)
