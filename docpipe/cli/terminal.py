"""What reaches a terminal: every character that docpipe prints goes through one of these streams.

Names of files, values, schemas, answers and libraries' messages are foreign text. Nothing in them that a terminal
would obey is passed on, whoever prints it: a command, a usage error, a warning, a library. JSON stays the same JSON.
"""

from __future__ import annotations

import errno
import io
import re
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TextIO

import typer

from docpipe.errors import StdoutFailed
from docpipe.intake.names import harmless, masked, shown
from docpipe.run.stream import drain

if TYPE_CHECKING:
    from rich.console import Console

MAX_CELL_CHARS = 112
_CONTROL_SEQUENCE = re.compile(r"(\x1b\[[0-9;?]*[A-Za-z]|\r)")  # ECMA-48, 5.4: what rich draws tables and bars with


def guard() -> None:
    """Put stdout and stderr behind guards."""
    sys.stdout = Guarded(_Outlet(sys.stdout), harmless)
    sys.stderr = Guarded(_Outlet(sys.stderr), lambda text: harmless(masked(text)))


def stdout_failure() -> StdoutFailed | None:
    """Why what was printed did not all arrive; None where it did, or where its reader left."""
    sys.stdout.flush()
    return sys.stdout.failure if isinstance(sys.stdout, Guarded) else None


def say(*lines: str) -> None:
    """Print a line of text each, for a person: a name with a line feed in it does not make two."""
    for text in lines:
        typer.echo(shown(text))


def tell(document: Any, indent: int | None = None) -> None:
    """Print one JSON object, for a script."""
    from docpipe.cli.as_json import dumps

    typer.echo(dumps(document, indent))


def tell_each(documents: Iterable[Any]) -> None:
    """Print one JSON object a line, as long as somebody reads them."""
    for document in documents:
        tell(document)
        if isinstance(sys.stdout, Guarded) and sys.stdout.gone:
            return


def console() -> Console:
    """A console on stdout that takes no text for markup, and whose tables hold nothing to obey."""
    from rich.console import Console
    from rich.segment import Segment

    class Clean(Console):
        def render(self, renderable: Any, options: Any = None) -> Iterable[Segment]:
            for text, style, control in super().render(renderable, options):
                yield Segment(text if control else _one_for_one(text), style, control)

    return Clean(markup=False, emoji=False, highlight=False)


def cell(value: Any) -> str:
    """The text of a table's cell: one line, and short."""
    text = "" if value is None else shown(str(value).replace("\n", ", "))
    return text if len(text) <= MAX_CELL_CHARS else text[: MAX_CELL_CHARS - 1] + "…"


def _one_for_one(text: str) -> str:
    """A sign for each character that a terminal would obey, so that the table's lines stay straight."""
    return "".join(char if char == "\n" or harmless(char) == char else "\ufffd" for char in text)


def _drawn(text: str) -> str:
    """What rich writes: its control sequences, and nothing else to obey."""
    pieces = _CONTROL_SEQUENCE.split(text)
    return "".join(piece if index % 2 else harmless(piece) for index, piece in enumerate(pieces))


class Guarded(io.TextIOBase):
    """A stream that passes on what is written to it only after `clean`."""

    def __init__(self, outlet: _Outlet, clean: Callable[[str], str]) -> None:
        self._outlet = outlet
        self._clean = clean

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"  # any text is taken; typer goes around a stream that says "ascii"

    @property
    def rich_proxied_file(self) -> Guarded:
        """Where rich's consoles write when they are given this stream (rich.console.Console.file)."""
        return Guarded(self._outlet, _drawn)

    @property
    def gone(self) -> bool:
        """Whether nobody reads any more."""
        return self._outlet.gone

    @property
    def failure(self) -> StdoutFailed | None:
        """What went wrong, but for a reader that left."""
        return self._outlet.failure

    def write(self, text: str) -> int:
        self._outlet.write(self._clean(text))
        return len(text)

    def flush(self) -> None:
        self._outlet.flush()

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return self._outlet.isatty()

    def fileno(self) -> int:
        return self._outlet.fileno()


class _Outlet:
    """The true stream. That it fails stops no work: what is written later is dropped.

    A reader that went away (`| head`) is no fault; any other is kept as `failure`.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.gone = stream is None
        self.failure: StdoutFailed | None = None
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal in Latin-1 has no arrows

    def write(self, text: str) -> None:
        if self._stream is not None and not self.gone:
            try:
                self._stream.write(text)
            except (OSError, ValueError) as error:  # ValueError: closed
                self._failed(error)

    def flush(self) -> None:
        if self._stream is not None and not self.gone:
            try:
                self._stream.flush()
            except (OSError, ValueError) as error:
                self._failed(error)

    def isatty(self) -> bool:
        return self._stream is not None and not self.gone and self._stream.isatty()

    def fileno(self) -> int:
        if self._stream is None:
            raise io.UnsupportedOperation("there is no stream")
        return self._stream.fileno()

    def _failed(self, error: OSError | ValueError) -> None:
        self.gone = True
        if self._stream is not None:
            drain(self._stream)
        if not (isinstance(error, OSError) and error.errno == errno.EPIPE):
            self.failure = StdoutFailed(f"stdout: {getattr(error, 'strerror', None) or error}")
