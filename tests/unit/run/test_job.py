"""A run plans from its ledger, commits as outcomes come, and its counts sum to its inputs."""

from __future__ import annotations

import io
import itertools
import json
import shutil
import signal
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import InvalidSettings, ListingFailed, NoInputs, OutputConflict, StoreError
from docpipe.intake.discover import discover
from docpipe.intake.names import uri_of
from docpipe.records import Outcome, Source
from docpipe.run import job
from docpipe.run.job import commit_as_they_come, run
from docpipe.run.plan import Again
from docpipe.run.progress import Progress
from docpipe.settings import Running, Settings
from docpipe.settings_sources import load_settings
from docpipe.store.read import read_outcomes, read_table


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
    assert run(settings, quiet(), again=Again(force=True)).already_done == 0
    assert set(uris(settings).values()) == {1}


def test_the_run_is_written_down(settings: Settings) -> None:
    summary = run(settings, quiet())
    written = json.loads((Path(settings.out) / "runs" / f"{summary.run_id}.json").read_text())
    assert written["outcomes"] == summary.outcomes
    assert {"settings", "versions", "fingerprints", "seconds"} <= set(written)


def test_an_empty_inbox_is_no_fault_and_nothing_is_made_or_touched_for_it(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    empty = replace(settings, inputs=(str(tmp_path / "none"),))
    summary = run(empty, quiet())
    assert (summary.inputs, summary.this_run.documents, summary.workers) == (0, 0, None)
    assert summary.started_at <= summary.finished_at
    assert not Path(settings.out).exists()
    run(settings, quiet())
    before = {path: path.stat().st_mtime_ns for path in Path(settings.out).rglob("*")}
    assert run(empty, quiet(), again=Again(prune=True)).pruned == 0
    assert {path: path.stat().st_mtime_ns for path in Path(settings.out).rglob("*")} == before


def test_whoever_needs_an_input_is_told_that_there_is_none(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(NoInputs):
        run(replace(settings, inputs=(str(tmp_path / "none"),)), quiet(), require_input=True)
    assert not Path(settings.out).exists()


def test_the_output_may_not_be_an_input(settings: Settings) -> None:
    with pytest.raises(OutputConflict):
        run(replace(settings, out=settings.inputs[0]), quiet())


def test_an_output_inside_the_input_is_not_read(settings: Settings) -> None:
    inside = replace(settings, out=str(Path(settings.inputs[0]) / "out"))
    assert run(inside, quiet()).inputs == 6
    assert run(inside, quiet()).inputs == 6


def test_the_first_documents_are_done_while_inputs_are_still_being_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    first_done, waited = threading.Event(), []

    def found_slowly(*arguments: Any) -> Iterator[Source]:
        sources = discover(*arguments)
        yield next(sources)
        waited.append(first_done.wait(600))
        yield from sources

    class Watching(Progress):
        def advance(self, outcome: Outcome) -> None:
            first_done.set()

    monkeypatch.setattr(job, "discover", found_slowly)
    summary = run(settings, Watching(io.StringIO(), quiet=True))
    assert waited == [True], "the search waited for an outcome, and there was one"
    assert sum(summary.outcomes.values()) == summary.inputs == 6


def test_a_search_that_fails_on_the_way_ends_the_run_and_what_was_read_stays(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*arguments: Any) -> Iterator[Source]:
        yield from itertools.islice(discover(*arguments), 3)
        raise ListingFailed("the store does not answer")

    monkeypatch.setattr(job, "discover", broken)
    with pytest.raises(ListingFailed):
        run(settings, quiet())
    monkeypatch.undo()
    assert len(uris(settings)) == 3
    assert (run(settings, quiet()).already_done, len(uris(settings))) == (3, 6)


def test_what_a_manifest_says_travels_to_the_tables(settings: Settings, tmp_path: Path) -> None:
    names = sorted(path.name for path in Path(settings.inputs[0]).glob("*.pdf"))[:2]
    manifest = Path(settings.inputs[0]) / "list.csv"

    def listed(client: str) -> dict[str, Any]:
        manifest.write_text(f"path,client\n{names[0]},{client}\n{names[1]},\ngone.pdf,Cee\n../x.pdf,\n")
        listing = replace(settings, inputs=(), manifests=(str(manifest),))
        summary = run(listing, quiet())
        assert sum(summary.outcomes.values()) == summary.inputs == 4
        assert summary.failures == {"UNREADABLE": 1, "UNSAFE_PATH": 1}
        rows = read_table(Path(settings.out), "sources").select(["source_uri", "metadata"]).to_pylist()
        return {Path(row["source_uri"]).name: dict(row["metadata"]) for row in rows}

    (tmp_path / "x.pdf").write_bytes(b"%PDF-1.7")
    assert listed("Bee") == {names[0]: {"client": "Bee"}, names[1]: {}, "gone.pdf": {"client": "Cee"}, "x.pdf": {}}
    assert listed("Dee")[names[0]] == {"client": "Dee"}, "without reading the document again"


def test_a_name_of_another_kind_is_noted_in_the_tables(settings: Settings) -> None:
    folder = Path(settings.inputs[0])
    first = sorted(folder.glob("*.pdf"))[0]
    first.rename(folder / "scan.jpg")
    run(settings, quiet())
    rows = read_table(Path(settings.out), "sources").select(["source_uri", "media_type", "notes"]).to_pylist()
    noted = {Path(row["source_uri"]).name: row["notes"] for row in rows if row["notes"]}
    assert noted == {"scan.jpg": ["named like image/jpeg, is application/pdf"]}


def test_an_archive_is_read_by_member_and_an_unchanged_one_is_not_read_again(settings: Settings) -> None:
    folder = Path(settings.inputs[0])
    with zipfile.ZipFile(folder / "all.zip", "w") as archive:
        for path in folder.glob("*.pdf"):
            archive.write(path, f"bills/{path.name}")
            path.unlink()
        archive.writestr("../up.pdf", b"%PDF-1.7")
    count = len(zipfile.ZipFile(folder / "all.zip").namelist()) + len(list(folder.glob("*.png")))
    first = run(settings, quiet())
    assert first.failures == {"UNSAFE_PATH": 1}
    assert sum(first.outcomes.values()) == first.inputs == len(uris(settings))
    again = run(settings, quiet())
    assert (again.already_done, again.outcomes) == (first.inputs, first.outcomes)
    assert first.inputs >= count - 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["new\nline.pdf", "\udcff.pdf", "\x1b[31mred.pdf", "\u202efdp.pdf", "a.zip!/b.pdf"])
def test_odd_names_are_one_row_each_under_a_uri_that_is_text_and_no_output_is_named_by_them(
    settings: Settings, name: str
) -> None:
    folder = Path(settings.inputs[0])
    odd = folder / name
    odd.parent.mkdir(exist_ok=True)
    sorted(folder.glob("*.pdf"))[0].rename(odd)
    (folder / "bad").mkdir()
    (folder / "bad" / Path(name).name).write_bytes(b"<html>")
    first = run(settings, quiet())
    assert (first.inputs, first.failures) == (7, {"TYPE_MISMATCH": 1})
    rows = read_table(Path(settings.out), "sources").to_pylist()
    assert uri_of(odd) in {row["source_uri"] for row in rows}
    (message,) = (row["failure_message"] for row in rows if row["failure_message"])
    assert message.isprintable()
    assert run(settings, quiet()).already_done == 7
    assert set(uris(settings).values()) == {1}
    written = {path.name for path in Path(settings.out).rglob("*")}
    assert all(part.isascii() and "red" not in part and "line" not in part for part in written - {"invoice_line_items"})


def test_credentials_of_an_input_are_written_nowhere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    local = discover(settings.inputs)
    monkeypatch.setattr(job, "discover", lambda *_: local)
    named = "s3://key:topsecret@bucket/in?endpoint_override=x"
    summary = run(replace(settings, inputs=(named,)), quiet())
    written = (Path(settings.out) / "runs" / f"{summary.run_id}.json").read_text()
    assert "s3://bucket/in" in written
    assert "topsecret" not in written
    monkeypatch.setattr(job, "discover", lambda *_: iter(()))
    with pytest.raises(NoInputs, match="s3://bucket/in") as caught:
        run(replace(settings, inputs=(named,)), quiet(), require_input=True)
    assert "topsecret" not in caught.value.message


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


def test_the_first_reason_of_a_store_that_fails_is_told() -> None:
    class Full(Recorder):
        def commit(self) -> None:
            super().commit()
            raise StoreError("No space left" if self.steps.count("commit") == 1 else "an earlier commit failed")

    store = Full()
    with pytest.raises(StoreError, match="No space left"):
        list(commit_as_they_come(some(3), store, Settings(running=Running(commit_documents=2))))  # type: ignore[arg-type]
    assert store.steps.count("commit") == 2


def test_a_lease_that_a_slow_request_would_lose_is_refused() -> None:
    with pytest.raises(InvalidSettings, match=r"lease_expiry_s is 4\.9; it may be from 5"):
        load_settings(flags={"running.lease_expiry_s": "4.9"})


def test_what_was_taken_in_is_committed_when_the_work_breaks_off() -> None:
    def broken() -> Iterator[Outcome]:
        yield from some(3)
        raise KeyboardInterrupt

    store = Recorder()
    with pytest.raises(KeyboardInterrupt):
        list(commit_as_they_come(broken(), store, Settings()))  # type: ignore[arg-type]
    assert store.steps == ["0", "1", "2", "commit"]


@pytest.mark.parametrize("times", [1, 2])
def test_an_interruption_waits_for_the_commit_that_it_falls_into_and_a_second_one_does_not(times: int) -> None:
    class Interrupted(Recorder):
        def commit(self) -> None:
            if "commit" not in self.steps:
                for _ in range(times):
                    signal.raise_signal(signal.SIGINT)
                self.steps.append("whole")
            super().commit()

    store, before = Interrupted(), signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            list(commit_as_they_come(some(3), store, Settings(running=Running(commit_documents=2))))  # type: ignore[arg-type]
        assert store.steps[:3] == (["0", "1", "whole"] if times == 1 else ["0", "1"])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)  # a shell may have had it ignored


def test_an_interruption_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:

        class Interrupted(Recorder):
            def commit(self) -> None:
                signal.raise_signal(signal.SIGINT)
                super().commit()

        store = Interrupted()
        list(commit_as_they_come(some(3), store, Settings()))  # type: ignore[arg-type]
        assert store.steps == ["0", "1", "2", "commit"]
    finally:
        signal.signal(signal.SIGINT, before)
