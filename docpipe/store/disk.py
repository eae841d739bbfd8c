"""The file system as the store uses it. What a call here has written survives a power cut."""

from __future__ import annotations

import os
from pathlib import Path


def make_folder(path: Path) -> None:
    """Create `path` and what is missing above it; its own entry is synced."""
    if not path.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        sync_folder(path.parent)


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


def replace_file(path: Path, text: str, scratch: Path) -> None:
    """Make `path` hold `text`, all of it or what was there before; `scratch` is on the same disk."""
    with scratch.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)
    sync_folder(path.parent)


def move(source: Path, target: Path) -> bool:
    """Rename `source` to `target` unless that has been done before; False if neither is there."""
    try:
        source.replace(target)
    except FileNotFoundError:
        return target.exists()
    return True
