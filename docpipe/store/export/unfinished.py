"""Where an export is written before it is moved to its place; what a killed one has left goes with the next."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from docpipe.store.export.snapshot import MARK
from docpipe.store.scratch import remove_if_free

_ENDING = re.compile(r"[0-9a-f]{8}")


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """A folder beside `target` that is gone at the end, however that comes about.

    Its owner holds a lock on it, which the system drops with the owner: those of the same target that nobody holds
    are removed first.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _sweep(target)
    folder = target.with_name(f".{target.name}.{uuid.uuid4().hex[:8]}")
    folder.mkdir()
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # some network disks have no locks: then nobody sweeps
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        (folder / MARK).touch()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def _sweep(target: Path) -> None:
    begin = f".{target.name}."
    for path in target.parent.iterdir():
        own = path.name.startswith(begin) and _ENDING.fullmatch(path.name.removeprefix(begin))
        if own and (path / MARK).is_file():
            remove_if_free(path)
