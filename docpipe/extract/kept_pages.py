"""Pages that were rendered to be compared with others, kept on disk until they are read: OCR is paid once.

A cache and no more: a page that is not there, for want of room or because another machine has it, is rendered again.
"""

from __future__ import annotations

import os
import pickle
import shutil
import zlib
from pathlib import Path

from docpipe.records import Page

MOST_BYTES = 2 * 1024**3  # that one process writes
FREE_SHARE = 0.1  # of the disk stays free


class KeptPages:
    """Pages in a folder that belongs to the run alone; without the folder it keeps nothing."""

    def __init__(self, folder: str) -> None:
        self._folder = Path(folder)
        self._left = MOST_BYTES

    def put(self, doc_id: str, page: Page) -> None:
        """Keep a page, if there is room."""
        data = zlib.compress(pickle.dumps(page, protocol=5), 1)
        path = self._path(doc_id, page.number)
        staged = path.with_suffix(f".{os.getpid()}")
        try:
            usage = shutil.disk_usage(self._folder)
            if len(data) > self._left or usage.free - len(data) < FREE_SHARE * usage.total:
                return
            staged.write_bytes(data)
            staged.replace(path)
            self._left -= len(data)
        except OSError:  # a full disk, another machine: the page is rendered again
            staged.unlink(missing_ok=True)

    def get(self, doc_id: str, number: int) -> Page | None:
        """The page, if it is there."""
        try:
            page = pickle.loads(zlib.decompress(self._path(doc_id, number).read_bytes()))  # noqa: S301  our own folder
        except (OSError, zlib.error, pickle.UnpicklingError, EOFError):
            return None
        return page if isinstance(page, Page) else None

    def take(self, doc_id: str, number: int) -> Page | None:
        """The page, which is not kept any longer."""
        page = self.get(doc_id, number)
        if page is not None:
            self._path(doc_id, number).unlink(missing_ok=True)
        return page

    def _path(self, doc_id: str, number: int) -> Path:
        return self._folder / f"{doc_id}-{number}.page"
