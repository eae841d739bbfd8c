"""An output in a folder of the file system. What a call here has written survives a power cut."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docpipe.errors import OutputLocked
from docpipe.store.lease import EXPIRY_S, FileLease, acquire_file, cramped
from docpipe.store.place import SCRATCH

OWN = re.compile(r"\w+\.part-[\w.-]+-\d+\.parquet\Z|current-[\w.-]+\.json\Z|(current\.json|runs\.[\w.-]+\.json)\.new\Z")
"""Names in scratch: a part with its table before it, the next pointer, the file of a run."""
SYNCS = 4  # a disk takes several in the time of one


@dataclass(frozen=True, slots=True)
class DiskPlace:
    """A `Place` on a disk: files are written in _tmp/ of the same file system, synced and renamed."""

    root: Path

    def __str__(self) -> str:
        return str(self.root)

    def exists(self) -> bool:
        return self.root.exists()

    def entries(self, folder: str = "") -> list[str]:
        try:
            return sorted(path.name for path in (self.root / folder).iterdir())
        except FileNotFoundError:
            return []

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def size(self, name: str) -> int:
        return (self.root / name).stat().st_size

    def age_s(self, name: str) -> float:
        """By ctime: a rename sets it, and nothing else touches these files."""
        return time.time() - (self.root / name).stat().st_ctime

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def open(self, name: str) -> str:
        return str(self.root / name)

    def read_stamped(self, name: str) -> tuple[bytes, str]:
        """The stamp is a hash: no file system has e-tags."""
        data = self.read(name)
        return data, hashlib.sha256(data).hexdigest()

    def swap(self, staged: str, name: str, stamp: str) -> str:
        """By a rename, which finds no file once a later writer has swept scratch: see `publish`."""
        try:
            held = self.read_stamped(name)[1]
        except FileNotFoundError:
            held = ""
        if held != stamp:
            raise OutputLocked(f"{self} was taken over: {name} is another run's by now")
        try:
            new = hashlib.sha256(self.scratch(staged).read_bytes()).hexdigest()
            self.scratch(staged).replace(self.root / name)
        except FileNotFoundError:
            raise OutputLocked(f"{self} was taken over: {staged} was swept before it could be put in place") from None
        sync_folder(self.root)
        return new

    def replace(self, name: str, data: bytes) -> None:
        scratch = self.scratch(f"{name}.new")
        try:
            with scratch.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            scratch.replace(self.root / name)
        except BaseException:
            scratch.unlink(missing_ok=True)
            raise
        sync_folder((self.root / name).parent)

    def scratch(self, name: str) -> Path:
        return self.root / SCRATCH / name.replace("/", ".")

    def put(self, name: str) -> bool:
        return _renamed(self.scratch(name), self.root / name)

    def move(self, source: str, target: str) -> bool:
        return _renamed(self.root / source, self.root / target)

    def delete(self, name: str) -> None:
        self._refuse_links(Path(name).parent)
        (self.root / name).unlink(missing_ok=True)

    def make_folder(self, name: str) -> None:
        """Its own entry is synced too."""
        self._refuse_links(Path(name))
        path = self.root / name
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)

    def settle(self, folders: Iterable[str]) -> None:
        with ThreadPoolExecutor(SYNCS, "docpipe-sync") as threads:
            list(threads.map(sync_folder, [self.root / folder for folder in folders]))

    def sweep_scratch(self) -> None:
        self._refuse_links(Path(SCRATCH))
        for path in (self.root / SCRATCH).iterdir():
            if _is_own(path):
                path.unlink(missing_ok=True)

    def scratch_strangers(self) -> list[str]:
        folder = self.root / SCRATCH
        if folder.is_symlink() or (folder.exists() and not folder.is_dir()):
            return [SCRATCH]
        return sorted(path.name for path in folder.iterdir() if not _is_own(path)) if folder.is_dir() else []

    def acquire(self, run_id: str, expiry_s: float = EXPIRY_S) -> FileLease:
        for name in self.entries():
            self._refuse_links(Path(name))
        self.make_folder(SCRATCH)
        return acquire_file(self.root, run_id, expiry_s)

    @contextmanager
    def for_deleting(self, run_id: str) -> Iterator[None]:
        try:
            lease = acquire_file(self.root, run_id)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            with cramped(self.root):
                yield
            return
        try:
            yield
        finally:
            lease.release()

    def _refuse_links(self, folder: Path) -> None:
        """No folder of an output is followed elsewhere: what is deleted there would be somebody's own."""
        for path in (folder, *folder.parents):
            linked = self.root / path
            if path != Path() and linked.is_symlink() and not linked.is_file():
                raise OSError(errno.ELOOP, "is a link, which docpipe does not follow in an output", str(path))


def _is_own(path: Path) -> bool:
    """Whether a file in scratch has a name as docpipe gives them."""
    return path.is_file() and not path.is_symlink() and OWN.match(path.name) is not None


def sync_file(path: Path) -> None:
    """Force the bytes of `path` to the disk."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: Path) -> None:
    """Force the names in folder `path` to the disk: a rename is not durable before this."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _renamed(source: Path, target: Path) -> bool:
    try:
        source.replace(target)
    except FileNotFoundError:
        return target.exists()
    return True
