"""The bytes of one source, read once: what is hashed is what is decoded."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import mmap
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from docpipe.errors import FileTooLarge, SourceChanged, Unreadable, UnsafePath
from docpipe.intake.sniff import HEAD_BYTES, sniff
from docpipe.settings import Limits

_CHUNK_BYTES = 1024**2
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

    `size` in bytes, `mtime_ns` as the file system had it, `doc_id` the sha256 of the bytes in hex.
    The memory goes when the last holder of this object does.
    """

    name: str
    size: int
    mtime_ns: int
    doc_id: str
    media_type: str
    memory: Descriptor = field(repr=False)

    @property
    def data(self) -> memoryview:
        """The bytes, read-only, without a copy."""
        return memoryview(mmap.mmap(self.memory.fd, self.size, access=mmap.ACCESS_READ))


def read_content(path: str | os.PathLike[str], limits: Limits) -> Content:
    """Read the regular file at `path` once, whole, and never wait for it.

    Raises UnsafePath for anything but a regular file, Unreadable with the system's reason,
    FileTooLarge before a byte is read, SourceChanged where the file was written to meanwhile,
    and the errors of `sniff`.
    """
    name = Path(path).name
    with _opened(path) as source, _reasons(name):
        before = os.fstat(source)
        if not stat.S_ISREG(before.st_mode):
            raise UnsafePath(f"{name}: not a regular file")
        if before.st_size > limits.max_file_bytes:
            raise FileTooLarge(f"{name}: {before.st_size:,} bytes, {limits.max_file_bytes:,} allowed")
        media_type = sniff(os.pread(source, HEAD_BYTES, 0), name)
        memory = Descriptor(os.memfd_create("docpipe-source", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
        size, doc_id = _copy(source, memory.fd, before.st_size)
        after = os.fstat(source)
    if (size, after.st_size, after.st_mtime_ns) != (before.st_size, before.st_size, before.st_mtime_ns):
        raise SourceChanged(f"{name}: changed while it was read")
    fcntl.fcntl(memory.fd, fcntl.F_ADD_SEALS, _SEALS)
    return Content(name, size, before.st_mtime_ns, doc_id, media_type, memory)


@contextlib.contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[int]:
    """O_NONBLOCK: opening a pipe must not wait for its writer. O_NOCTTY: nor take a terminal."""
    with _reasons(Path(path).name):
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        yield fd
    finally:
        os.close(fd)


@contextlib.contextmanager
def _reasons(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        kind = UnsafePath if error.errno == errno.ENXIO else Unreadable  # ENXIO: a socket
        raise kind(f"{name}: {error.strerror or error}") from error
    except ValueError as error:  # a NUL in the path
        raise Unreadable(f"{name}: {error}") from error


def _copy(source: int, target: int, size: int) -> tuple[int, str]:
    """Copy up to one byte more than `size`, so that a file that grows is noticed and not chased."""
    digest = hashlib.sha256()
    copied = 0
    while copied <= size and (chunk := os.read(source, min(_CHUNK_BYTES, size + 1 - copied))):
        digest.update(chunk)
        copied += _write_all(target, chunk)
    return copied, digest.hexdigest()


def _write_all(target: int, chunk: bytes) -> int:
    rest = memoryview(chunk)
    while rest:
        rest = rest[os.write(target, rest) :]
    return len(chunk)
