"""What a person sees while a run works: a live bar on a terminal, at most a line a second elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Protocol, TextIO, cast

from docpipe.records import STATUSES, Outcome
from docpipe.run.stream import Lenient

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from docpipe.run.summary import Summary

LINE_INTERVAL_S = 1.0


class Found(Protocol):
    """How many inputs there are: `found` so far, and all of them once it has `ended`."""

    found: int
    ended: bool


class Progress:
    """Counts documents, pages and outcomes; knows nothing of who does the work.

    While the inputs are still being listed it says how many were found; then there are a share that is
    done and a time that is left. What nobody can read any more (a full disk, a closed pipe) is not written.
    """

    def __init__(self, stream: TextIO | None = None, quiet: bool = False) -> None:
        self._stream = Lenient(stream or sys.stderr)
        self._quiet = quiet
        self._bar: Bar | None = None
        self._summary: Summary | None = None
        self._inputs: Found | None = None
        self._documents = self._pages = 0
        self._outcomes: Counter[str] = Counter()
        self._started = self._printed = 0.0

    def begin(self, summary: Summary, inputs: Found, shortfall: str = "") -> None:
        """The workers are up, or as many as `shortfall` says. `summary` and `inputs` are looked at again and again."""
        self._summary, self._inputs = summary, inputs
        self._started = self._printed = time.monotonic()
        if self._quiet:
            return
        self._print(f"engine {summary.engine} ({summary.engine_why}); {self._place()}; out {summary.out}")
        for sentence in (shortfall, *summary.looked_for_by_name, *summary.left_to_validation):
            if sentence:
                self._print(sentence)
        if self._stream.isatty():
            self._open_bar()

    def tell(self, sentence: str) -> None:
        """Say what is done while no document gets its outcome."""
        if not self._quiet:
            self._print(sentence)

    def advance(self, outcome: Outcome) -> None:
        """One more document has its outcome, and the summary has counted it."""
        self._documents += 1
        self._pages += len(outcome.pages)
        self._outcomes[outcome.status] += 1
        if self._bar is not None:
            total = self._found if self._all_found else None
            self._bar.update(self._bar.task_ids[0], completed=self._done, total=total, state=self._state())
        elif not self._quiet and time.monotonic() - self._printed >= LINE_INTERVAL_S:
            self._printed = time.monotonic()
            left = f", {self._left()} left" if self._all_found else ""
            self._print(f"{self._state()}{left}")

    def close(self) -> None:
        """The last document is done, or the run is over for another reason."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    @property
    def _done(self) -> int:
        """Inputs that have their outcome, from this run or an earlier one."""
        return sum(self._summary.outcomes.values()) if self._summary else 0

    @property
    def _found(self) -> int:
        return self._inputs.found if self._inputs else 0

    @property
    def _all_found(self) -> bool:
        return self._inputs is not None and self._inputs.ended

    def _open_bar(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        self._bar = Bar(
            BarColumn(),
            TextColumn("{task.fields[state]}", markup=False),
            TimeRemainingColumn(),
            console=Console(file=cast(TextIO, self._stream)),
        )
        self._bar.add_task("documents", total=None, completed=self._done, state=self._state())
        self._bar.start()

    def _place(self) -> str:
        """Who reads: "2 workers", "in this process (4 documents)"; those that were done before are not counted."""
        workers = self._summary.workers if self._summary else 0
        if workers:
            return f"{workers} worker{'s' if workers > 1 else ''}"
        if not self._all_found:
            return "in this process"
        left = self._found - self._done
        return f"in this process ({left} document{'s' if left > 1 else ''})"

    def _share(self) -> str:
        if not self._all_found:
            return f"{self._done} done, {self._found} found so far"
        return f"{self._done}/{self._found} documents ({100 * self._done // max(self._found, 1)}%)"

    def _state(self) -> str:
        elapsed_s = max(time.monotonic() - self._started, 1e-6)
        counts = ", ".join(f"{self._outcomes[status]} {status}" for status in STATUSES if self._outcomes[status])
        before = f", {self._summary.already_done} done before" if self._summary and self._summary.already_done else ""
        rate = f"{self._pages} pages, {self._pages / elapsed_s:.1f} pages/s"
        return f"{self._share()}, {rate}, {counts or 'none done'}{before}"

    def _left(self) -> str:
        elapsed_s = time.monotonic() - self._started
        left_s = elapsed_s / self._documents * (self._found - self._done)
        return f"{left_s / 60:.0f} min" if left_s >= 90 else f"{left_s:.0f} s"

    def _print(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()
