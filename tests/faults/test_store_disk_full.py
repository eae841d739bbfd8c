"""On a disk without room every command ends in words, leaves nothing behind, and what was committed is whole."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from docpipe.errors import DocpipeError, OutputUnwritable, StoreError
from docpipe.records import Outcome, Record, Source
from docpipe.review.correct import correct
from docpipe.review.corrections import Correction
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.export import FORMS, export
from docpipe.store.migrate import migrate
from docpipe.store.read import read_outcomes
from docpipe.store.upkeep import compact, forget, gc

MONEY = {"type": "number", "x-docpipe": {"scale": 2}}
SCHEMA = parse_schema({"type": "object", "properties": {"total": MONEY}}, "bill")
WIDER = parse_schema({"type": "object", "properties": {"total": MONEY, "note": {"type": "string"}}}, "bill")
COMMITS = 3
DOCUMENTS = 4  # of each
DISK = "16m"
PAGE_BYTES = 4_096


def outcome(uri: str, total: int) -> Outcome:
    record = Record({"total": Decimal(total)}, (1,), "ok", 1.0)
    return Outcome(Source(uri, doc_id=f"{uri:_<8}{total}"), "bill", "layout", {}, "ok", (record,))


def write(out: Path, documents: dict[str, int]) -> None:
    with Store.open(out, SCHEMA, f"run-{len(documents)}") as store:
        for number, (uri, total) in enumerate(documents.items(), 1):
            store.add(outcome(uri, total))
            if number % DOCUMENTS == 0:
                store.commit()


def totals(out: Path) -> dict[str, int]:
    return {row["source_uri"]: int(row["record"]["total"]) for row in read_outcomes(out)}


BEFORE = {f"{number}": number for number in range(COMMITS * DOCUMENTS)}
MORE = BEFORE | {"0": 100, "new": 200}

OPERATIONS: dict[str, tuple[Callable[[Path], Any], dict[str, int]]] = {  # what is done, and what the tables say then
    "run": (lambda out: write(out, MORE), MORE),
    "compact": (compact, BEFORE),
    "migrate": (lambda out: migrate(out, WIDER), BEFORE),
    "correct": (
        lambda out: correct(out, SCHEMA, [Correction(2, "3", "total", "33")], lambda _: 0.5),
        BEFORE | {"3": 33},
    ),
    "forget": (lambda out: forget(out, "3"), {uri: total for uri, total in BEFORE.items() if uri != "3"}),
}


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("no file system can be mounted here")
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def out(disk: Path) -> Path:
    """An output with retired parts that could be swept."""
    write(disk / "out", {uri: total + 1_000 for uri, total in BEFORE.items()})
    write(disk / "out", BEFORE)
    return disk / "out"


def fill(disk: Path, free_kb: int) -> Path:
    """Leave that much room on the disk; returns what takes the rest."""
    filler = disk / "filler"
    left = shutil.disk_usage(disk).free - free_kb * 1_024
    with filler.open("wb") as file:
        for _ in range(left // PAGE_BYTES):
            file.write(bytes(PAGE_BYTES))
    assert shutil.disk_usage(disk).free <= free_kb * 1_024 + PAGE_BYTES
    return filler


def ends_in_words(operation: Callable[[], Any]) -> bool:
    """Whether it was done; if not, it said that there is no room, and what to do."""
    try:
        operation()
    except (OutputUnwritable, StoreError) as error:
        assert "No space left" in error.message, error.message  # noqa: PT017
        assert error.what_to_do  # noqa: PT017
        return False
    return True


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("free_kb", [0, 4, 12, 32, 80])
def test_a_command_on_a_full_disk_does_all_or_nothing_and_holds_nobody_up(
    disk: Path, out: Path, free_kb: int, operation: str
) -> None:
    do, after = OPERATIONS[operation]
    filler = fill(disk, free_kb)
    done = ends_in_words(lambda: do(out))
    assert not list(out.glob("_lease.json*")), "a lease that names nobody would hold up the next command"
    found = totals(out)
    assert found in ([after] if done else [BEFORE, after, BEFORE | {"0": 100}])
    filler.unlink()
    gc(out, 9e9)  # takes the output, and puts right what is left
    assert totals(out) in (found, after)
    assert not list((out / "_tmp").iterdir())
    do(out) if operation != "forget" or "3" in totals(out) else None
    assert totals(out) == after


def test_gc_makes_room_on_a_disk_that_has_none(disk: Path, out: Path) -> None:
    fill(disk, 0)
    assert gc(out, 0).parts > 0
    assert shutil.disk_usage(disk).free > 0
    assert not list(out.glob("_lease.json*"))
    assert totals(out) == BEFORE


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("free_kb", [0, 4, 16, 64])
def test_an_export_for_which_there_is_no_room_leaves_no_file(disk: Path, out: Path, free_kb: int, form: str) -> None:
    (disk / "exports").mkdir()
    fill(disk, free_kb)
    target = disk / "exports" / f"copy.{form}"
    try:
        export(out, form, target)
    except DocpipeError as error:
        assert isinstance(error, OutputUnwritable)  # noqa: PT017
        assert error.what_to_do  # noqa: PT017
        assert not list((disk / "exports").iterdir())
        return
    assert [path.name for path in (disk / "exports").iterdir()] == [target.name]
