"""Progress is a live bar on a terminal, at most a line a second elsewhere, and never in the way."""

from __future__ import annotations

import io
import re

import pytest

from docpipe.records import Outcome, PageRow, Source
from docpipe.run import progress
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary

PAGE = PageRow(1, 595.0, 842.0, 0, 0, 0.0, 0, 0, "layer", 10, "", 0.1)
DONE = Outcome(Source("a"), "invoice", "layout", {}, "ok", pages=(PAGE, PAGE))


class Inputs:
    """How many were found so far."""

    def __init__(self, found: int, ended: bool = True) -> None:
        self.found, self.ended = found, ended


def summary() -> Summary:
    """Two of the inputs were done before."""
    made = Summary("run", "out", "invoice", "layout", "no GPU", already_done=2)
    made.outcomes["ok"] = 2
    return made


def advance(shown: Progress, counted: Summary) -> None:
    counted.count(DONE)
    shown.advance(DONE)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_elsewhere_it_is_at_most_a_line_a_second(clock: list[float]) -> None:
    stream, counted = io.StringIO(), summary()
    shown = Progress(stream)
    shown.begin(counted, Inputs(9))
    for _ in range(7):
        clock[0] += 0.4
        advance(shown, counted)
    shown.close()
    lines = stream.getvalue().splitlines()
    assert "layout (no GPU)" in lines[0]
    assert len(lines) == 3
    assert lines[2] == "8/9 documents (88%), 12 pages, 5.0 pages/s, 6 ok, 2 done before, 0 s left"
    assert "\x1b" not in stream.getvalue()


def test_while_inputs_are_still_being_found_it_promises_no_end(clock: list[float]) -> None:
    stream, counted, inputs = io.StringIO(), summary(), Inputs(500, ended=False)
    shown = Progress(stream)
    shown.begin(counted, inputs)
    clock[0] += 2
    advance(shown, counted)
    inputs.found, inputs.ended = 1_000, True
    clock[0] += 2
    advance(shown, counted)
    _, first, second = stream.getvalue().splitlines()
    assert first == "3 done, 500 found so far, 2 pages, 1.0 pages/s, 1 ok, 2 done before"
    assert second.startswith("4/1000 documents (0%)")
    assert second.endswith("33 min left")


@pytest.mark.parametrize(("ended", "seen"), [(True, "4/4 documents (100%)"), (False, "4 done, 4 found so far")])
def test_on_a_terminal_a_bar_counts_documents_pages_and_outcomes(ended: bool, seen: str) -> None:
    stream, counted = Terminal(), summary()
    shown = Progress(stream)
    shown.begin(counted, Inputs(4, ended))
    advance(shown, counted)
    advance(shown, counted)
    shown.close()
    told = " ".join(re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", stream.getvalue()).split())
    assert seen in told
    assert "4 pages" in told
    assert "2 ok" in told


def test_quiet_is_silent(clock: list[float]) -> None:
    stream, counted = Terminal(), summary()
    shown = Progress(stream, quiet=True)
    shown.begin(counted, Inputs(1))
    clock[0] += 5
    advance(shown, counted)
    shown.close()
    assert stream.getvalue() == ""
