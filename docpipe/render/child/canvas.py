"""The memory in which a child hands over pixels: one memfd, drawn over again for every answer.

Its pages are paid for once, where a fresh memfd costs a millisecond a page image. That is safe since
the parent reads a copy of its own before it asks for anything else (`wire.copied`).
"""

from __future__ import annotations

import mmap
import os

from docpipe.intake.content import Descriptor


class Canvas:
    """One image at a time; the one before ends where the next begins."""

    def __init__(self) -> None:
        self._memory = Descriptor(os.memfd_create("docpipe-canvas", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
        self._drawn: mmap.mmap | None = None

    def of(self, size: int) -> mmap.mmap:
        """`size` bytes to be drawn on, whatever is on them now. Raises MemoryError."""
        if self._drawn is None or len(self._drawn) != size:
            self._drawn = None
            try:
                os.ftruncate(self._memory.fd, size)
                self._drawn = mmap.mmap(self._memory.fd, size)
            except OSError as error:
                raise MemoryError from error
        return self._drawn

    def hold(self, pixels: bytes | mmap.mmap) -> Descriptor:
        """The memory with these bytes in it; copied, unless they were drawn there."""
        if pixels is not self._drawn:
            self.of(len(pixels))[:] = bytes(pixels)
        return self._memory
