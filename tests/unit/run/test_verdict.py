"""The exit code speaks of this run: what failed before is told, and complained about only where that is asked for."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.errors import InvalidSettings
from docpipe.run.summary import Summary
from docpipe.run.verdict import complaints
from docpipe.settings import Running
from docpipe.settings_sources import load_settings


def counted(old: dict[str, int] | None = None, **new: int) -> Summary:
    """A summary of a run with these outcomes, after runs with the `old` ones."""
    summary = Summary("run", "out", "invoice", "layout", "")
    for outcomes, worked_on in ((old or {}, False), (new, True)):
        for status, count in outcomes.items():
            for _ in range(count):
                summary.tally(status, "CORRUPT" if status == "failed" else None, 1, worked_on=worked_on)
    summary.inputs = sum(summary.outcomes.values())
    return summary


OLD = {"failed": 1, "ok": 9}


@pytest.mark.parametrize(
    ("summary", "running", "complains"),
    [
        (counted(OLD, ok=5), {}, False),
        (counted(OLD), {}, False),
        (counted(ok=5, failed=1), {}, True),
        (counted(OLD, ok=5), {"fail_on": "any"}, True),
        (counted(ok=5), {"fail_on": "any"}, False),
        (counted(ok=5, failed=5), {"fail_on": "never"}, False),
        (counted(ok=71, failed=29), {"max_failed": 0.29}, False),
        (counted(ok=70, failed=30), {"max_failed": 0.29}, True),
        (counted(ok=70, failed=30), {"max_failed": 0.29, "fail_on": "never"}, True),
        (counted(failed=3), {"max_failed": 1.0}, False),
        (counted(ok=1, failed=1), {"max_failed": 0.0}, True),
        (counted(OLD, ok=1), {"max_failed": 0.0}, False),
        (counted(OLD, ok=1), {"max_failed": 1.0, "fail_on": "any"}, True),
        (counted(ok=1, needs_review=1), {}, False),
        (counted(ok=1, needs_review=1), {"max_review": 0.5}, False),
        (counted(ok=1, needs_review=2), {"max_review": 0.5}, True),
        (counted({"needs_review": 9}, ok=1), {"max_review": 0.0}, False),
        (counted(), {"max_failed": 0.0, "max_review": 0.0, "fail_on": "any"}, False),
    ],
)
def test_a_run_is_complained_about_by_its_own_documents(
    summary: Summary, running: dict[str, Any], complains: bool
) -> None:
    found = complaints(summary, Running(**running))
    assert bool(found) == complains
    assert all(sentence.isprintable() for sentence in found)


def test_what_was_passed_is_named_with_its_share() -> None:
    (sentence,) = complaints(counted(ok=70, failed=30), Running(max_failed=0.25))
    assert sentence == "30 of this run's 100 documents failed (30%): more than running.max_failed=0.25 allows"


@pytest.mark.parametrize("share", ["-0.1", "1.1", "nan", "50%"])
@pytest.mark.parametrize("name", ["max_failed", "max_review"])
def test_a_share_is_from_0_to_1(name: str, share: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        load_settings(flags={f"running.{name}": share})


def test_fail_on_is_one_of_three() -> None:
    with pytest.raises(InvalidSettings, match=r"new.*any.*never"):
        load_settings(flags={"running.fail_on": "sometimes"})
