"""A rerun does what has changed and no more: by bytes, by status, by what the engine was asked."""

from __future__ import annotations

import asyncio
import io
import json
import os
import shutil
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pymupdf
import pytest

from docpipe.engine.scripted import ScriptedEngine, read_script
from docpipe.errors import InvalidSettings
from docpipe.extract import fingerprints
from docpipe.extract.reading import identified
from docpipe.page.box import Box
from docpipe.records import Identify, Outcome, Replay, Reply, ReplyRow, Request, Source
from docpipe.run import job
from docpipe.run.plan import RELY, Again, Plan
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary
from docpipe.run.vanished import vanished
from docpipe.schema.load import load_schema
from docpipe.settings import Limits, Running, Settings
from docpipe.store.commit import Store
from docpipe.store.ledger import read_ledger
from docpipe.store.read import read_outcomes, read_table
from tests.faults.hostile.pdfs import hanging

ANSWER = {"number": "A-1", "ordered": "2026-01-31", "net": 100, "tax": 19, "total": 119}


def pdf(path: Path, text: str) -> Path:
    with pymupdf.open() as document:
        document.new_page(width=200, height=100).insert_text((20, 40), text)
        document.save(path, no_new_id=True)
    return path


class Desk:
    """An input folder, a schema file, an output, and a count of the questions that the engine gets."""

    def __init__(self, folder: Path, document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.out = folder / "in", folder / "out"
        self.folder.mkdir()
        self.document, self.file, self.script = document, folder / "order.json", folder / "script.json"
        self.script.write_text(json.dumps({"answers": [ANSWER]}))
        self.asked: list[str] = []
        self.limits = Limits()
        self.workers, self.second_engine = 0, ""
        self.save()
        answer = ScriptedEngine.answer

        async def counting(engine: ScriptedEngine, request: Request) -> Reply:
            self.asked.append(request.doc_id)
            return await answer(engine, request)

        monkeypatch.setattr(ScriptedEngine, "answer", counting)

    def save(self) -> None:
        self.file.write_text(json.dumps(self.document))

    @property
    def settings(self) -> Settings:
        return Settings(
            schema=str(self.file),
            engine="scripted",
            model=str(self.script),
            second_engine=self.second_engine,
            inputs=(str(self.folder),),
            out=str(self.out),
            limits=self.limits,
            running=Running(workers=self.workers),
        )

    def run(self, limit: int | None = None, **again: Any) -> tuple[Summary, int]:
        """(the summary, how often the engine was asked)."""
        before = len(self.asked)
        summary = job.run(self.settings, Progress(io.StringIO(), quiet=True), limit=limit, again=Again(**again))
        assert sum(summary.outcomes.values()) == summary.inputs
        return summary, len(self.asked) - before

    def rows(self) -> dict[str, dict[str, Any]]:
        return {Path(row["source_uri"]).name: row for row in read_table(self.out, "sources").to_pylist()}

    def broken(self) -> set[str]:
        return {violation["rule"] for one in read_outcomes(self.out) for violation in one["violations"]}


@pytest.fixture
def desk(tmp_path: Path, order_document: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, order_document, monkeypatch)


def test_the_same_bytes_at_two_paths_are_asked_about_once(desk: Desk) -> None:
    shutil.copy(pdf(desk.folder / "a.pdf", "one"), desk.folder / "b.pdf")
    summary, asked = desk.run()
    assert (summary.inputs, summary.linked, asked) == (2, 1, 1)
    rows = desk.rows()
    assert rows["a.pdf"]["_extraction_id"] == rows["b.pdf"]["_extraction_id"]
    assert read_table(desk.out, "order").num_rows == 1


def test_a_touched_or_renamed_file_is_linked_and_read_from_the_ledger_afterwards(desk: Desk) -> None:
    first, second = (pdf(desk.folder / f"{name}.pdf", name) for name in "ab")
    desk.run()
    os.utime(first, ns=(5, 5))
    second.rename(desk.folder / "c.pdf")
    summary, asked = desk.run()
    assert (summary.already_done, summary.linked, summary.vanished, asked) == (1, 1, 1, 0)
    rows = desk.rows()
    assert rows["a.pdf"]["mtime_ns"] == 5
    assert {name: row["vanished"] for name, row in rows.items()} == {"a.pdf": False, "b.pdf": True, "c.pdf": False}
    again, asked = desk.run()
    assert (again.already_done, again.linked, again.vanished, asked) == (2, 0, 0, 0)


def test_bytes_swapped_behind_an_unchanged_time_are_found_by_rehash_alone(desk: Desk) -> None:
    first, second = (pdf(desk.folder / f"{name}.pdf", name) for name in "ab")
    assert first.stat().st_size == second.stat().st_size
    os.utime(first, ns=(7, 7))
    desk.run()
    pdf(first, "c")
    os.utime(first, ns=(7, 7))
    assert desk.run()[1] == 0
    summary, asked = desk.run(rehash=True)
    assert (summary.already_done, asked) == (1, 1)
    assert desk.run(rehash=True)[1] == 0


def test_retry_does_records_of_that_status_again_and_no_others(desk: Desk) -> None:
    for name in "abc":
        pdf(desk.folder / f"{name}.pdf", name)
    desk.script.write_text(json.dumps({"answers": [ANSWER, {"fault": "garbage"}, ANSWER]}))
    desk.run()
    failed = [name for name, row in desk.rows().items() if row["status"] == "failed"]
    assert len(failed) == 1
    assert desk.run()[1] == 0
    summary, asked = desk.run(retry=frozenset({"failed"}))
    assert (summary.already_done, asked) == (2, 1)


def test_a_status_that_there_is_not_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="faild"):
        Again(retry=frozenset({"faild"}))


def test_force_asks_again_once_for_the_same_bytes(desk: Desk) -> None:
    shutil.copy(pdf(desk.folder / "a.pdf", "one"), desk.folder / "b.pdf")
    desk.run()
    summary, asked = desk.run(force=True)
    assert (summary.already_done, summary.linked, asked) == (0, 1, 1)


def test_a_deleted_file_is_flagged_or_pruned_and_comes_back_unread(desk: Desk, tmp_path: Path) -> None:
    first = pdf(desk.folder / "a.pdf", "one")
    pdf(desk.folder / "b.pdf", "two")
    desk.run()
    first.rename(tmp_path / "kept.pdf")
    assert desk.run(limit=5)[0].vanished == 0, "a limited run has not seen everything"
    assert desk.run()[0].vanished == 1
    shutil.copy2(tmp_path / "kept.pdf", first)
    assert desk.run()[1] == 0
    assert not desk.rows()["a.pdf"]["vanished"]
    first.unlink()
    assert desk.run(prune=True)[0].pruned == 1
    assert set(desk.rows()) == {"b.pdf"}
    assert read_table(desk.out, "order").num_rows == 1


def test_a_member_taken_out_of_its_archive_has_vanished_and_a_file_no_longer_named_has_not(desk: Desk) -> None:
    inner = pdf(desk.folder / "a.pdf", "one").read_bytes()
    archive = desk.folder / "all.zip"

    def pack(*names: str) -> None:
        with zipfile.ZipFile(archive, "w") as file:
            for name in names:
                file.writestr(name, inner + name.encode())

    pack("x.pdf", "y.pdf")
    desk.run()
    pack("y.pdf")
    assert desk.run()[0].vanished == 1
    assert desk.rows()["x.pdf"]["vanished"]
    ledger = read_ledger(desk.out, "order")
    assert not set(vanished(ledger, set(), ())) & {str(desk.folder / "a.pdf")}


def test_objects_are_gone_only_under_a_prefix_that_was_listed() -> None:
    ledger: Any = dict.fromkeys(["s3://b/in/x.pdf", "s3://b/in/y.pdf", "s3://b/other/z.pdf", "s3://b/inner/q.pdf"])
    assert list(vanished(ledger, {"s3://b/in/x.pdf"}, ["s3://key:secret@b/in?region=x"])) == ["s3://b/in/y.pdf"]
    assert list(vanished(ledger, {"s3://b/in/x.pdf"}, ["s3://b/in/*.pdf"])) == []


def changed_check(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.document["x-docpipe"]["checks"][0]["tolerance"] = "1000"
    desk.save()


def changed_resolve(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprints, "RESOLVE_VERSION", "next")


@pytest.mark.parametrize("change", [changed_check, changed_resolve])
def test_a_change_of_judgement_alone_is_made_from_the_stored_replies(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, change: Callable[[Desk, pytest.MonkeyPatch], None]
) -> None:
    for name in "ab":
        pdf(desk.folder / f"{name}.pdf", name)
    desk.run()
    before = read_table(desk.out, "replies").drop(["_extraction_id"]).to_pylist()
    change(desk, monkeypatch)
    summary, asked = desk.run()
    assert (summary.replayed, summary.already_done, asked) == (2, 0, 0)
    assert read_table(desk.out, "replies").drop(["_extraction_id"]).to_pylist() == before
    summary, asked = desk.run()
    assert (summary.replayed, summary.already_done, asked) == (0, 2, 0)


def test_a_second_engine_named_later_reads_what_was_in_doubt_and_the_first_is_not_asked_again(desk: Desk) -> None:
    desk.document["properties"]["total"]["x-docpipe"]["labels"] = {"en": ["Total"]}
    desk.script.write_text(json.dumps({"answers": [{"number": "A-1"}, {"number": "A-2", "total": "a lot"}]}))
    desk.save()
    for name in ("a", "b"):
        pdf(desk.folder / f"{name}.pdf", f"Total 119.00 {name}")
    assert desk.run()[1] == 2
    desk.second_engine = "layout"
    summary, asked = desk.run()
    assert (summary.replayed, asked) == (2, 0)
    rows = read_table(desk.out, "order").to_pylist()
    assert sorted(float(row["total"]) for row in rows if row["total"] is not None) == [119.0]
    evidence = read_table(desk.out, "evidence").to_pylist()
    assert [row["before"] for row in evidence if row["origin"] == "rule:asked:layout"] == ["a lot"]
    replies = read_table(desk.out, "replies").to_pylist()
    assert {row["engine"] for row in replies} == {"scripted", "layout"}
    summary, asked = desk.run()
    assert (summary.already_done, summary.replayed, asked) == (2, 0, 0)
    desk.second_engine = ""
    summary, asked = desk.run()
    assert (summary.replayed, asked) == (2, 0)
    assert {row["total"] for row in read_table(desk.out, "order").to_pylist()} == {None}


def test_a_new_tolerance_changes_the_records(desk: Desk) -> None:
    desk.script.write_text(json.dumps({"answers": [{**ANSWER, "total": 150}]}))
    pdf(desk.folder / "a.pdf", "a")
    desk.run()
    assert "sum" in desk.broken()
    desk.document["x-docpipe"]["checks"][0]["tolerance"] = "1000"
    desk.save()
    assert desk.run()[1] == 0
    assert "sum" not in desk.broken()


def test_a_new_description_is_a_new_question(desk: Desk) -> None:
    pdf(desk.folder / "a.pdf", "a")
    desk.run()
    desk.document["properties"]["number"]["description"] = "as printed at the top right"
    desk.save()
    summary, asked = desk.run()
    assert (summary.replayed, asked) == (0, 1)


RAISED = {
    "TOO_MANY_PAGES": Limits(max_pages=1),
    "PAGE_TOO_LARGE": Limits(max_page_pt=150),
    "FILE_TOO_LARGE": Limits(max_file_bytes=500),
    "BAD_ASPECT": Limits(max_page_ratio=1.5),
}


@pytest.mark.parametrize("code", RAISED)
def test_a_raised_limit_brings_the_failures_back_that_it_was_the_reason_of_and_nothing_else(
    desk: Desk, code: str
) -> None:
    two_pages(pdf(desk.folder / "a.pdf", "one"))
    (desk.folder / "empty.pdf").write_bytes(b"")
    desk.limits = RAISED[code]
    assert desk.run()[0].failures == {code: 1, "EMPTY_FILE": 1}
    assert desk.run()[0].already_done == 2, "as long as the limit is the same"
    desk.limits = replace(RAISED[code], max_image_pixels=1_000_000)
    assert desk.run()[0].already_done == 2, "another limit was not the reason"
    desk.limits = Limits()
    summary, asked = desk.run()
    assert (summary.already_done, summary.failures, asked) == (1, {"EMPTY_FILE": 1}, 1)
    desk.limits = RAISED[code]
    assert desk.run()[0].already_done == 2, "what was read is left alone"


def two_pages(path: Path) -> None:
    with pymupdf.open(path) as document:
        document.new_page(width=200, height=100).insert_text((20, 40), "two")
        content = document.tobytes()
    path.write_bytes(content)


def test_reading_all_pages_of_a_long_document_is_a_raised_limit_too(desk: Desk) -> None:
    two_pages(pdf(desk.folder / "a.pdf", "one"))
    desk.limits = Limits(max_pages=1)
    assert desk.run()[0].failures == {"TOO_MANY_PAGES": 1}
    desk.limits = Limits(max_pages=1, over_max_pages="window")
    summary, _ = desk.run()
    assert (summary.already_done, summary.failures) == (0, {})


def test_a_longer_timeout_is_tried(desk: Desk) -> None:
    (desk.folder / "a.pdf").write_bytes(hanging(1)(Random(1)))
    desk.limits = Limits(page_timeout_s=0.2)
    assert desk.run()[0].failures == {"RENDER_TIMEOUT": 1}
    assert desk.run()[0].already_done == 1
    desk.limits = Limits(page_timeout_s=0.3)
    assert desk.run()[0].already_done == 0


@pytest.mark.parametrize("reason", ["the schema's budget", "the engine's grid", "the engine's context"])
def test_a_visual_budget_that_is_not_the_settings_own_is_no_change(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    start = ScriptedEngine.__init__

    def started(engine: ScriptedEngine, *arguments: Any, **named: Any) -> None:
        start(engine, *arguments, **named)
        if reason == "the engine's grid":
            engine.info = replace(engine.info, grid_px=32)
        if reason == "the engine's context":
            engine.info = replace(engine.info, max_visual_tokens=300)

    monkeypatch.setattr(ScriptedEngine, "__init__", started)
    if reason == "the schema's budget":
        desk.document["x-docpipe"]["visual_tokens"] = [256, 4096]
        desk.save()
    pdf(desk.folder / "a.pdf", "one")
    assert desk.run()[1] == 1
    summary, asked = desk.run()
    assert (summary.already_done, asked) == (1, 0)


@pytest.mark.parametrize("workers", ["0", pytest.param("1", marks=pytest.mark.slow)])
def test_what_an_engine_read_that_the_driver_would_not_be_is_finished(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    """As on a cluster: the engine runs where there is a GPU, the driver has none."""
    monkeypatch.setattr(job, "engine_fingerprint", lambda _: "as it would be here")
    desk.workers = int(workers)
    for name in "abc":
        pdf(desk.folder / f"{name}.pdf", name)
    desk.run()
    before = read_table(desk.out, "sources").to_pylist()
    summary, asked = desk.run()
    assert (summary.already_done, summary.linked, summary.replayed, asked) == (3, 0, 0, 0)
    pdf(desk.folder / "d.pdf", "d")
    assert desk.run()[0].already_done == 3
    after = read_table(desk.out, "sources").to_pylist()
    assert after[: len(before)] == before
    assert {dict(row["fingerprints"])["engine"] for row in after} == {read_script(str(desk.script)).info.fingerprint}
    written = [json.loads(path.read_text()) for path in (desk.out / "runs").iterdir()]
    assert {one["fingerprints"]["engine"] for one in written} == {read_script(str(desk.script)).info.fingerprint}


def test_a_first_work_that_comes_again_is_counted_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        pdf(desk.folder / f"{name}.pdf", name)
    desk.run()
    monkeypatch.setattr(fingerprints, "RESOLVE_VERSION", "next")
    summary, _ = desk.run()
    assert (summary.inputs, summary.replayed, sum(summary.outcomes.values())) == (2, 2, 2)


class Held:
    """A plan whose work is kept in flight: outcomes come when the test says so."""

    def __init__(self, out: Path, sources: list[Source]) -> None:
        schema = load_schema("invoice")
        self.store = Store.open(out, schema, "run")
        self.summary = Summary("run", str(out), "invoice", "test", "")
        marks: Mapping[str, str] = {"question": "q"}
        self.plan = Plan(self.store, marks, self.summary, again=RELY, settings=Settings())
        self.work = self.plan.work(sources)
        self.marks = marks

    def next(self) -> Source | None:
        """The next work, once every source is hashed of which that is wanted."""
        for work in self.work:
            if not isinstance(work, Identify):
                return work.source if isinstance(work, Replay) else work
            self.plan.identified(asyncio.run(identified(work.source, Limits())))
        return None

    def end(self, source: Source, status: Any, doc_id: str | None) -> None:
        outcome = Outcome(replace(source, doc_id=doc_id), "invoice", "test", self.marks, status)
        self.store.add(outcome)
        self.summary.count(outcome)
        self.plan.settle(outcome)


@pytest.fixture
def held(tmp_path: Path) -> Held:
    for name in "ab":
        (tmp_path / f"{name}.pdf").write_bytes(b"%PDF-1.7 the same")
    sources = [Source(str(tmp_path / f"{name}.pdf"), 17, 1) for name in "ab"]
    return Held(tmp_path / "out", sources)


def test_the_twin_of_one_at_work_waits_and_is_linked(held: Held) -> None:
    with held.store:
        first = held.next()
        assert first is not None
        assert [held.next(), held.next()] == [None, None]
        held.end(first, "ok", held.plan._given[first.uri].doc_id)
        assert list(held.work) == [None]
        assert (held.summary.linked, held.summary.outcomes["ok"]) == (1, 2)


@pytest.mark.parametrize("status", ["failed", "ok"])
def test_the_twin_of_one_that_failed_or_turned_out_to_hold_other_bytes_is_given_out_itself(
    held: Held, status: str
) -> None:
    with held.store:
        first = held.next()
        assert first is not None
        assert held.next() is None
        held.end(first, status, "0" * 64)
        second = held.next()
        assert second is not None
        assert second.uri != first.uri
        held.end(second, "ok", second.doc_id)
        assert list(held.work) == []
        assert sum(held.summary.outcomes.values()) == held.summary.inputs == 2


def test_replies_are_read_back_as_they_were_stored(tmp_path: Path) -> None:
    from docpipe.records import Span

    span = Span("total", 1, (Box(0.25, 0.5, 0.75, 1.0),), 0.5, "119")
    replies = (
        ReplyRow("k1", (1, 2), Reply('{"a": 1}', "length", "test", (-0.5, -0.25), (span,), 3, 4, 0.125)),
        ReplyRow("k2", (2,), Reply("", "error", "test", error="the device was lost")),
    )
    outcome = Outcome(Source("/in/a.pdf", 1, 1, doc_id="d"), "invoice", "test", {}, "ok", replies=replies)
    with Store.open(tmp_path / "out", load_schema("invoice"), "first") as store:
        store.add(outcome)
        assert store.replies(store.ledger["/in/a.pdf"]) == (), "not committed yet"
    with Store.open(tmp_path / "out", load_schema("invoice"), "second") as store:
        assert store.replies(store.ledger["/in/a.pdf"]) == replies
