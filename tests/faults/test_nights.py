"""A scheduler's nights: exit codes and summaries speak of the night, whatever happened in those before."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from benchmarks.nights import ADDED, nights
from docpipe.store.read import read_outcomes

pytestmark = pytest.mark.slow


def test_three_nights_with_a_broken_file_an_empty_inbox_and_a_killed_run(tmp_path: Path) -> None:
    empty, first, second, unmounted, killed, again, idle = nights(tmp_path)
    codes = [night.exit_code for night in (empty, first, second, unmounted, killed, again, idle)]
    assert codes == [0, 3, 0, 0, -9, 0, 0]
    for night in (empty, unmounted):
        assert (night.summary["inputs"], night.summary["vanished"], night.errors) == (0, 0, "")
    assert first.summary["this_run"]["failures"] == first.summary["failures"]
    assert sum(first.summary["failures"].values()) == 1
    assert "1 of this run's 6 documents failed" in first.errors
    for night in (second, again, idle):
        assert night.summary["failures"] == first.summary["failures"], "the old failure is told every night"
        assert night.summary["this_run"]["failures"] == {}, "and counted as new only once"
        assert night.summary["inputs"] == sum(night.summary["outcomes"].values())
    assert second.summary["this_run"]["documents"] == ADDED[1]
    held = 1 + sum(ADDED[:2])
    assert again.summary["inputs"] == again.summary["already_done"] + again.summary["this_run"]["documents"]
    assert held < again.summary["already_done"] < held + ADDED[2], "what the killed run had committed is not read again"
    assert idle.summary["this_run"]["documents"] == 0
    assert again.summary["started_at"] <= again.summary["finished_at"] <= idle.summary["started_at"]
    found = Counter(outcome["source_uri"] for outcome in read_outcomes(tmp_path / "out"))
    assert found == Counter(str(path) for path in (tmp_path / "inbox").iterdir()), "nothing is lost, nothing is doubled"
