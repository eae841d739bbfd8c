"""Inputs as a user names them -> a stream of Sources, each file once, in a stable order."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from docpipe.errors import PathNotFound
from docpipe.records import Source

SIDECARS = {"labels.jsonl"}  # truth beside samples is not a document


def discover(inputs: Sequence[str], leave_out: Path | None = None) -> Iterator[Source]:
    """The files below `inputs` (files, folders, globs), each path once, folders in sorted order.

    Hidden files and folders and everything below `leave_out` (the output) are passed over. A file
    that cannot be looked at is still a Source: it fails later, with its reason. Raises PathNotFound
    for an input that does not exist, before the first Source is given.
    """
    roots = [path for text in inputs for path in _expand(text)]
    hidden = leave_out.resolve() if leave_out else None
    return _unique(source for root in roots for source in _walk(root, hidden))


def _expand(text: str) -> list[Path]:
    path = Path(text)
    if path.exists() or path.is_symlink():
        return [path]
    if glob.has_magic(text):
        found = sorted(glob.glob(text, recursive=True))
        if found:
            return [Path(one) for one in found]
    raise PathNotFound(f"no such file or folder: {text}")


def _walk(path: Path, leave_out: Path | None) -> Iterator[Source]:
    if not path.is_dir():
        yield _source(path)
        return
    if leave_out is not None and path.resolve() == leave_out:
        return
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError:
        yield _source(path)  # a folder that cannot be listed fails as UNREADABLE, it is not skipped
        return
    for entry in entries:
        if entry.name.startswith(".") or entry.name in SIDECARS:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry.path), leave_out)
        else:
            yield _source(Path(entry.path))


def _source(path: Path) -> Source:
    uri = os.path.abspath(path)
    try:
        status = path.lstat()
    except OSError:
        return Source(uri)
    return Source(uri, status.st_size, status.st_mtime_ns)


def _unique(sources: Iterable[Source]) -> Iterator[Source]:
    seen: set[str] = set()
    for source in sources:
        if source.uri not in seen:
            seen.add(source.uri)
            yield source
