"""An output in a folder of the file system. What a call here has written survives a power cut."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from docpipe.store.lease import EXPIRY_S, FileLease, acquire_file
from docpipe.store.place import SCRATCH

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

    def replace(self, name: str, data: bytes) -> None:
        scratch = self.root / SCRATCH / f"{name.replace('/', '.')}.new"
        with scratch.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self.root / name)
        sync_folder((self.root / name).parent)

    def scratch(self, name: str) -> Path:
        return self.root / SCRATCH / name.replace("/", ".")

    def put(self, name: str) -> bool:
        return _renamed(self.scratch(name), self.root / name)

    def move(self, source: str, target: str) -> bool:
        return _renamed(self.root / source, self.root / target)

    def delete(self, name: str) -> None:
        (self.root / name).unlink(missing_ok=True)

    def make_folder(self, name: str) -> None:
        """Its own entry is synced too."""
        path = self.root / name
        if not path.is_dir():
            path.mkdir(parents=True, exist_ok=True)
            sync_folder(path.parent)

    def settle(self, folders: Iterable[str]) -> None:
        with ThreadPoolExecutor(SYNCS, "docpipe-sync") as threads:
            list(threads.map(sync_folder, [self.root / folder for folder in folders]))

    def sweep_scratch(self) -> None:
        for path in (self.root / SCRATCH).iterdir():
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def acquire(self, run_id: str, expiry_s: float = EXPIRY_S) -> FileLease:
        self.make_folder(SCRATCH)
        return acquire_file(self.root, run_id, expiry_s)


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
