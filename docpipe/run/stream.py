"""Text streams that nobody may be reading: a full disk or a closed pipe behind them does not end a run."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import Any, TextIO


class Lenient:
    """`stream`, which may be None: what cannot be written to it is dropped, and so is all that follows."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        if self._stream is not None:
            try:
                self._stream.write(text)
            except (OSError, ValueError):  # ValueError: it was closed on this side
                self._give_up()
        return len(text)

    def flush(self) -> None:
        if self._stream is not None:
            try:
                self._stream.flush()
            except (OSError, ValueError):
                self._give_up()

    def isatty(self) -> bool:
        try:
            return self._stream is not None and self._stream.isatty()
        except ValueError:
            return False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _give_up(self) -> None:
        stream, self._stream = self._stream, None
        if stream is not None:
            drain(stream)


def drain(stream: TextIO) -> None:
    """Lead `stream` to nowhere, with what it still holds: the interpreter flushes it when it ends, and else fails."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
