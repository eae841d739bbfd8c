"""What `run` prints at its end: the counts on stdout, what is wrong with them on stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict

from docpipe.cli.terminal import say, tell
from docpipe.records import STATUSES
from docpipe.run.summary import Summary
from docpipe.run.verdict import complaints
from docpipe.settings import Running


def print_summary(summary: Summary, running: Running, as_json: bool) -> list[str]:
    """Print the counts and what there is to complain about; returns that (see run.verdict).

    A stdout that cannot be written to changes nothing about the run: see cli.terminal.
    """
    if as_json:
        tell(asdict(summary))
    else:
        say(*_lines(summary))
    sentences = complaints(summary, running)
    for sentence in sentences:
        print(f"docpipe: {sentence}", file=sys.stderr)
    return sentences


def _lines(summary: Summary) -> Iterator[str]:
    """Counts whose sum is the number of inputs, then those of this run."""
    if not summary.inputs:
        yield f"0 inputs: there is nothing to read; {summary.out} was not touched"
        return
    yield f"{summary.inputs} inputs: {_counts(summary.outcomes)}"
    mine = summary.this_run
    if summary.already_done:
        yield f"{summary.already_done} of them were done before; this run: {_counts(mine.outcomes)}"
    if summary.linked:
        yield f"{summary.linked} of them hold the bytes of another"
    if summary.kept_reviewed:
        yield f"{summary.kept_reviewed} of them were reviewed and are kept as they are (--force reads them again)"
    if summary.replayed:
        yield f"{summary.replayed} of them were resolved anew from stored replies"
    if summary.vanished or summary.pruned:
        yield f"gone since the last run: {summary.vanished} flagged, {summary.pruned} removed"
    for code, times in sorted(summary.failures.items()):
        new = mine.failures.get(code, 0)
        yield f"  failed {code}: {times}" + (f" ({new} in this run)" if new != times else "")
    seconds = max(summary.seconds - summary.startup_s, 1e-6)
    rate = f"{summary.startup_s:.1f} s to start, {mine.pages / seconds:.1f} pages/s"
    yield f"{mine.pages} pages in {summary.seconds:.1f} s ({rate}); engine {summary.engine}; tables in {summary.out}"


def _counts(outcomes: dict[str, int]) -> str:
    return ", ".join(f"{outcomes[status]} {status}" for status in STATUSES)
