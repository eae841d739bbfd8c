"""What a person sees while a run works: a live bar on a terminal, at most a line a second elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, TextIO

from docpipe.records import STATUSES, Outcome

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from docpipe.run.job import Summary

LINE_INTERVAL_S = 1.0


class Progress:
    """Counts documents, pages and outcomes; knows nothing of who does the work."""

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._quiet = quiet
        self._bar: Bar | None = None
        self._total = self._documents = self._pages = 0
        self._outcomes: Counter[str] = Counter()
        self._started = self._printed = 0.0

    def begin(self, total: int, summary: Summary) -> None:
        """The workers are up; `total` documents are to be done."""
        self._total = total
        self._started = self._printed = time.monotonic()
        if self._quiet:
            return
        self._print(f"engine {summary.engine} ({summary.engine_why}); out {summary.out}")
        for sentence in summary.left_to_validation:
            self._print(sentence)
        if summary.already_done:
            self._print(f"{summary.already_done} of {summary.inputs} are done already")
        if total and self._stream.isatty():
            self._open_bar()

    def advance(self, outcome: Outcome) -> None:
        """One more document has its outcome."""
        self._documents += 1
        self._pages += len(outcome.pages)
        self._outcomes[outcome.status] += 1
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], advance=1, state=self._state())
        elif not self._quiet and time.monotonic() - self._printed >= LINE_INTERVAL_S:
            self._printed = time.monotonic()
            self._print(f"{self._documents}/{self._total} documents, {self._state()}, {self._left()} left")

    def close(self) -> None:
        """The last document is done, or the run is over for another reason."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _open_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            TextColumn("documents"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            console=Console(file=self._stream),
        )
        self._bar.add_task("documents", total=self._total, state=self._state())
        self._bar.start()

    def _state(self) -> str:
        elapsed_s = max(time.monotonic() - self._started, 1e-6)
        counts = ", ".join(f"{self._outcomes[one]} {one}" for one in STATUSES if self._outcomes[one])
        return f"{self._pages} pages, {self._pages / elapsed_s:.1f} pages/s, {counts or 'none done'}"

    def _left(self) -> str:
        elapsed_s = time.monotonic() - self._started
        left_s = elapsed_s / self._documents * (self._total - self._documents)
        return f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"

    def _print(self, line: str) -> None:
        print(line, file=self._stream, flush=True)
