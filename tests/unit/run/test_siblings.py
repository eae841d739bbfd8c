"""A run compares its documents before it reads them: the same records whatever order, batches and interruptions."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.errors import RunAborted
from docpipe.extract import siblings as comparing
from docpipe.extract.kept_pages import KeptPages
from docpipe.records import Learn, Learnt, Outcome, Page, Source, Survey, Surveyed, Template
from docpipe.run import job, survey
from docpipe.run.plan import RELY, Again
from docpipe.run.pool import LocalPool
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary
from docpipe.schema.load import load_schema
from docpipe.settings import Running, Settings
from docpipe.store.disk import DiskPlace
from docpipe.store.read import read_outcomes
from docpipe.store.templates import NAME, Known, load_templates, save_templates
from docpipe.store.upkeep import forget
from docpipe.synth import generate

MARKS = {"engine": "layout/1"}
TEMPLATE = Template(b"s" * 256, b"\x00\xff", 7)


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven copies of one form without colons and lines, and a document of another kind."""
    folder = tmp_path_factory.mktemp("copies")
    generate("copies", 7, 3, folder / "forms", languages=["en"])
    generate("receipt", 1, 3, folder / "receipts", languages=["en"])
    shutil.copy(next((folder / "receipts").glob("*.pdf")), folder / "forms" / "till.pdf")
    return folder / "forms"


def read(
    folder: Path, out: Path, *, again: Again = RELY, limit: int | None = None, **running: Any
) -> tuple[Summary, list[str]]:
    """(the summary, what the progress said)."""
    told = io.StringIO()
    settings = Settings(
        schema="form", engine="layout", inputs=(str(folder),), out=str(out), running=Running(workers=0, **running)
    )
    return job.run(settings, Progress(told), again=again, limit=limit), told.getvalue().splitlines()


def records(out: Path) -> dict[str, list[tuple[Any, ...]]]:
    """file -> its values, each with its path, its confidence and the rule that found it."""
    return {
        Path(row["source_uri"]).name: [
            (field["path"], field["value"], field["confidence"], field["method"]) for field in row["fields"]
        ]
        for row in read_outcomes(out)
    }


def shuffled(folder: Path, into: Path, seed: int) -> Path:
    """The same files under names that are listed in another order."""
    into.mkdir()
    files = sorted(path for path in folder.iterdir() if path.suffix == ".pdf")
    Random(seed).shuffle(files)
    for at, path in enumerate(files):
        shutil.copy(path, into / f"{at:02}-{path.name}")
    return into


def by_bytes(found: Mapping[str, list[tuple[Any, ...]]]) -> dict[str, list[tuple[Any, ...]]]:
    return {name[3:] if name[:2].isdigit() else name: rows for name, rows in found.items()}


def test_copies_of_a_form_are_read_with_what_they_have_in_common(copies: Path, tmp_path: Path) -> None:
    _, told = read(copies, tmp_path / "out")
    found = records(tmp_path / "out")
    methods = {name: {row[3] for row in rows if row[0].startswith("fields[")} for name, rows in found.items()}
    assert all("template" in methods[name] for name in methods if name.startswith("copies"))
    assert "template" not in methods.get("till.pdf", set())
    assert "8 documents are compared before they are read" in told


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_names_and_batches_change_nothing(copies: Path, tmp_path: Path, seed: int) -> None:
    read(copies, tmp_path / "out")
    read(shuffled(copies, tmp_path / "in", seed), tmp_path / "other", commit_documents=1 + seed)
    assert by_bytes(records(tmp_path / "other")) == records(tmp_path / "out")


def test_a_run_that_goes_on_reads_with_the_same_templates(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(copies, tmp_path / "whole")
    taken_in = job._taken_in

    def dying(outcome: Outcome, store: Any, settings: Settings) -> Outcome:
        if len(store.ledger) == 5:
            raise RunAborted("killed")
        return taken_in(outcome, store, settings)

    monkeypatch.setattr(job, "_taken_in", dying)
    with pytest.raises(RunAborted):
        read(copies, tmp_path / "out", commit_documents=1)
    monkeypatch.setattr(job, "_taken_in", taken_in)
    summary, told = read(copies, tmp_path / "out")
    assert (summary.already_done, summary.this_run.documents) == (5, 3)
    assert not any("compared" in line for line in told)
    assert records(tmp_path / "out") == records(tmp_path / "whole")


def test_later_documents_of_a_form_are_read_with_its_template(copies: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    *first, last = sorted(copies.glob("copies*.pdf"))
    for path in first:
        shutil.copy(path, folder)
    read(folder, tmp_path / "out")
    shutil.copy(last, folder)
    summary, _ = read(folder, tmp_path / "out")
    assert summary.this_run.documents == 1
    assert "template" in {row[3] for row in records(tmp_path / "out")[last.name]}
    read(last, tmp_path / "alone")
    assert "template" not in {row[3] for row in records(tmp_path / "alone")[last.name]}


def test_two_documents_are_not_compared(copies: Path, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for path in sorted(copies.glob("copies*.pdf"))[:2]:
        shutil.copy(path, folder)
    _, told = read(folder, tmp_path / "out")
    assert not (tmp_path / "out" / NAME).exists()
    assert not any("compared" in line for line in told)


def test_a_schema_that_asks_for_no_form_compares_nothing(copies: Path, tmp_path: Path) -> None:
    settings = Settings(
        schema="receipt", engine="layout", inputs=(str(copies),), out=str(tmp_path / "out"), running=Running(workers=0)
    )
    job.run(settings, Progress(io.StringIO()))
    assert not (tmp_path / "out" / NAME).exists()


def test_each_page_is_rendered_once_and_asked_about_once(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from docpipe.render.renderer import Document

    rendered, asked = list[tuple[str, int]](), list[str]()
    page, answer = Document.page, LayoutEngine.answer

    async def counted_page(document: Any, number: int, *rest: Any, **more: Any) -> Page:
        rendered.append((document._content.doc_id, number))
        return await page(document, number, *rest, **more)

    async def counted_answer(engine: Any, request: Any) -> Any:
        asked.append(request.doc_id)
        return await answer(engine, request)

    monkeypatch.setattr(Document, "page", counted_page)
    monkeypatch.setattr(LayoutEngine, "answer", counted_answer)
    read(copies, tmp_path / "out")
    assert len(rendered) == len(set(rendered))
    assert len(asked) == len(set(asked)) == 8


def test_without_room_pages_are_rendered_again_to_the_same_end(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read(copies, tmp_path / "out")
    monkeypatch.setattr(KeptPages, "put", lambda *_: None)
    read(copies, tmp_path / "other")
    assert records(tmp_path / "other") == records(tmp_path / "out")


def test_a_document_that_cannot_be_compared_is_read_alone(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered = comparing._rendered

    async def failing(source: Source, *rest: Any) -> Any:
        if source.uri.endswith("0.pdf"):
            raise RuntimeError("no such luck")
        return await rendered(source, *rest)

    monkeypatch.setattr(comparing, "_rendered", failing)
    summary, _ = read(copies, tmp_path / "out")
    assert (summary.outcomes["failed"], summary.this_run.documents) == (0, 8)


def test_more_documents_than_can_be_compared_leave_the_rest_to_the_templates(
    copies: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survey, "MOST_SURVEYED", 5)
    _, told = read(copies, tmp_path / "out")
    assert "5 documents are compared before they are read" in told
    found = records(tmp_path / "out")
    assert all("template" in {row[3] for row in found[name]} for name in found if name.startswith("copies"))


def test_a_run_by_force_learns_anew(copies: Path, tmp_path: Path) -> None:
    read(copies, tmp_path / "out")
    before = (tmp_path / "out" / NAME).read_bytes()
    (tmp_path / "out" / NAME).write_text(before.decode().replace('"members": 7', '"members": 6'))
    read(copies, tmp_path / "out", again=Again(force=True))
    assert (tmp_path / "out" / NAME).read_bytes() == before
    assert json.loads(before)["surveyed"] == []


def test_forgetting_a_document_forgets_what_was_learnt(copies: Path, tmp_path: Path) -> None:
    read(copies, tmp_path / "out")
    forget(tmp_path / "out", str(next(copies.glob("copies*.pdf"))))
    assert not (tmp_path / "out" / NAME).exists()


@pytest.fixture
def pool(tmp_path: Path) -> Callable[[str], LocalPool]:
    (tmp_path / "shelf").mkdir()
    return lambda name: LocalPool(load_schema(name), LayoutEngine(), Settings(), None, str(tmp_path / "shelf"))


def test_a_pool_answers_what_it_is_asked(copies: Path, pool: Callable[[str], LocalPool]) -> None:
    sources = [Source(str(path), path.stat().st_size) for path in sorted(copies.glob("copies*.pdf"))[:3]]
    with closing(pool("form")) as local:
        told = [answer for answer in local.outcomes(map(Survey, sources)) if isinstance(answer, Surveyed)]
        assert [len(answer.sketches) for answer in told] == [1, 1, 1]
        asked = Learn(tuple((answer.source, 1) for answer in told))
        (learnt,) = local.outcomes([asked])
        assert isinstance(learnt, Learnt)
        assert [template.members for template in learnt.templates] == [3]
        assert list(local.outcomes([Survey(Source("/nowhere.pdf"))])) == [Surveyed(Source("/nowhere.pdf"))]


def test_pages_are_kept_while_there_is_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(3, 595.0, 842.0)
    kept = KeptPages(str(tmp_path))
    kept.put("doc", page)
    assert kept.get("doc", 3) is not None
    taken = kept.take("doc", 3)
    assert taken is not None
    assert (taken.number, kept.get("doc", 3)) == (3, None)
    monkeypatch.setattr(kept, "_left", 10)
    kept.put("doc", page)
    assert kept.get("doc", 3) is None
    assert list(tmp_path.iterdir()) == []
    nowhere = KeptPages(str(tmp_path / "elsewhere"))
    nowhere.put("doc", page)
    assert nowhere.get("doc", 3) is None


def test_a_page_that_was_damaged_on_disk_is_not_there(tmp_path: Path) -> None:
    kept = KeptPages(str(tmp_path))
    kept.put("doc", Page(1, 595.0, 842.0))
    (tmp_path / "doc-1.page").write_bytes(b"half a p")
    assert kept.get("doc", 1) is None


def test_what_was_learnt_is_read_back_with_the_same_settings_only(tmp_path: Path) -> None:
    out, known = DiskPlace(tmp_path), Known((TEMPLATE,), frozenset({"a", "b"}))
    assert load_templates(out, MARKS) == Known()
    out.make_folder("_tmp")
    save_templates(out, MARKS, known)
    assert load_templates(out, MARKS) == known
    assert load_templates(out, {"engine": "layout/2"}) == Known()


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 1}', '{"format": 2, "marks": {}}', "null", "[[[["])
def test_a_damaged_file_is_as_good_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    assert load_templates(DiskPlace(tmp_path), MARKS) == Known()
