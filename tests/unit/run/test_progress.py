"""Progress is a live bar on a terminal, at most a line a second elsewhere, and never in the way."""

from __future__ import annotations

import io

import pytest

from docpipe.records import Outcome, PageRow, Source
from docpipe.run import progress
from docpipe.run.job import Summary
from docpipe.run.progress import Progress

SUMMARY = Summary("run", "out", "invoice", "layout", "no GPU", inputs=9, already_done=2)
PAGE = PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 10, "", 0.1)
DONE = Outcome(Source("a"), "invoice", "layout", {}, "ok", pages=(PAGE, PAGE))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_elsewhere_it_is_at_most_a_line_a_second(clock: list[float]) -> None:
    stream = io.StringIO()
    shown = Progress(stream)
    shown.begin(7, SUMMARY)
    for _ in range(7):
        clock[0] += 0.4
        shown.advance(DONE)
    shown.close()
    lines = stream.getvalue().splitlines()
    assert "layout (no GPU)" in lines[0]
    assert "2 of 9" in lines[1]
    assert len(lines) == 4
    assert "6/7 documents, 12 pages, 5.0 pages/s, 6 ok, 0 s left" in lines[3]
    assert "\x1b" not in stream.getvalue()


def test_on_a_terminal_a_bar_counts_documents_pages_and_outcomes() -> None:
    stream = Terminal()
    shown = Progress(stream)
    shown.begin(2, SUMMARY)
    shown.advance(DONE)
    shown.advance(DONE)
    shown.close()
    assert "2/2" in stream.getvalue()
    assert "4 pages" in stream.getvalue()
    assert "2 ok" in stream.getvalue()


def test_quiet_is_silent(clock: list[float]) -> None:
    stream = Terminal()
    shown = Progress(stream, quiet=True)
    shown.begin(1, SUMMARY)
    clock[0] += 5
    shown.advance(DONE)
    shown.close()
    assert stream.getvalue() == ""
