"""A run plans from its ledger, commits as outcomes come, and its counts sum to its inputs."""

from __future__ import annotations

import io
import json
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import NoInputs, OutputConflict
from docpipe.records import Outcome, Source
from docpipe.run import job
from docpipe.run.job import commit_as_they_come, run
from docpipe.run.progress import Progress
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes


@pytest.fixture
def settings(tmp_path: Path, invoices: Path) -> Settings:
    """A copy of the invoices, read in this process."""
    shutil.copytree(invoices, tmp_path / "in")
    running = Running(workers=0, commit_documents=2)
    return Settings(schema="invoice", inputs=(str(tmp_path / "in"),), out=str(tmp_path / "out"), running=running)


def quiet() -> Progress:
    return Progress(io.StringIO(), quiet=True)


def uris(settings: Settings) -> Counter[str]:
    return Counter(one["source_uri"] for one in read_outcomes(Path(settings.out)))


def test_counts_sum_to_the_inputs_and_each_source_has_a_row(settings: Settings) -> None:
    summary = run(settings, quiet())
    assert sum(summary.outcomes.values()) == summary.inputs == 6
    assert set(uris(settings).values()) == {1}


def test_a_changed_file_is_done_again_and_replaces_its_row(settings: Settings) -> None:
    run(settings, quiet())
    first, second = sorted(Path(settings.inputs[0]).glob("*.pdf"))[:2]
    shutil.copy(second, first)
    summary = run(settings, quiet())
    assert (summary.inputs, summary.already_done) == (6, 5)
    assert set(uris(settings).values()) == {1}
    by_name = {Path(one["source_uri"]).name: one for one in read_outcomes(Path(settings.out))}
    assert by_name[first.name]["doc_id"] == by_name[second.name]["doc_id"]
    assert by_name[first.name]["record"]["total"] == by_name[second.name]["record"]["total"]


def test_a_new_setting_redoes_what_it_touches(settings: Settings) -> None:
    run(settings, quiet())
    changed = replace(settings, extraction=replace(settings.extraction, review_confidence=0.99))
    assert run(changed, quiet()).already_done == 0
    assert run(changed, quiet()).already_done == 6
    moved = replace(changed, running=replace(changed.running, commit_documents=3))
    assert run(moved, quiet()).already_done == 6


def test_force_does_everything_again(settings: Settings) -> None:
    run(settings, quiet())
    assert run(settings, quiet(), force=True).already_done == 0
    assert set(uris(settings).values()) == {1}


def test_the_run_is_written_down(settings: Settings) -> None:
    summary = run(settings, quiet())
    written = json.loads((Path(settings.out) / "runs" / f"{summary.run_id}.json").read_text())
    assert written["outcomes"] == summary.outcomes
    assert {"settings", "versions", "fingerprints", "seconds"} <= set(written)


def test_nothing_to_read_is_said_before_anything_is_made(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(NoInputs):
        run(replace(settings, inputs=(str(tmp_path / "none"),)), quiet())
    assert not Path(settings.out).exists()


def test_the_output_may_not_be_an_input(settings: Settings) -> None:
    with pytest.raises(OutputConflict):
        run(replace(settings, out=settings.inputs[0]), quiet())


def test_an_output_inside_the_input_is_not_read(settings: Settings) -> None:
    inside = replace(settings, out=str(Path(settings.inputs[0]) / "out"))
    assert run(inside, quiet()).inputs == 6
    assert run(inside, quiet()).inputs == 6


class Recorder:
    """A store that only counts."""

    def __init__(self) -> None:
        self.steps: list[Any] = []

    @property
    def pending(self) -> int:
        return next((at for at, one in enumerate(reversed(self.steps)) if one == "commit"), len(self.steps))

    def add(self, outcome: Outcome) -> None:
        self.steps.append(outcome.source.uri)

    def commit(self) -> None:
        self.steps.append("commit")


def some(count: int) -> Iterator[Outcome]:
    for index in range(count):
        yield Outcome(Source(str(index)), "invoice", "test", {}, "failed")


def test_batches_are_committed_by_size_and_the_rest_at_the_end() -> None:
    store = Recorder()
    list(commit_as_they_come(some(5), store, Settings(running=Running(commit_documents=2))))  # type: ignore[arg-type]
    assert store.steps == ["0", "1", "commit", "2", "3", "commit", "4", "commit"]


def test_batches_are_committed_by_time(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(0, 1000, 40))
    monkeypatch.setattr(job.time, "monotonic", lambda: float(next(clock)))
    store = Recorder()
    list(commit_as_they_come(some(4), store, Settings()))  # type: ignore[arg-type]
    assert store.steps.count("commit") >= 2


def test_what_was_taken_in_is_committed_when_the_work_breaks_off() -> None:
    def broken() -> Iterator[Outcome]:
        yield from some(3)
        raise KeyboardInterrupt

    store = Recorder()
    with pytest.raises(KeyboardInterrupt):
        list(commit_as_they_come(broken(), store, Settings()))  # type: ignore[arg-type]
    assert store.steps == ["0", "1", "2", "commit"]
