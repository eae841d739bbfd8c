"""Folders of any depth are walked, and what docpipe itself made below the inputs is no input."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from docpipe.errors import Unreadable
from docpipe.intake import folder as folder_module
from docpipe.intake.discover import discover
from docpipe.intake.names import path_of
from docpipe.intake.read import read_source
from docpipe.settings import Limits
from docpipe.store import current, export
from docpipe.store.export import snapshot

BEYOND_RECURSION = 1_300  # more than Python's calls may nest, and a path that the system still takes
BEYOND_PATHS = 2_500  # with names of one letter, a path longer than the 4,096 bytes that the system takes


@pytest.fixture
def deep(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Path]:
    """`depth` folders in each other below "m", with a document at the bottom and one on either side at the top."""
    root = tmp_path / "in"
    root.mkdir()
    (root / "a.pdf").write_bytes(b"%PDF-1.7")
    (root / "z.pdf").write_bytes(b"%PDF-1.7")
    place = os.open(root, os.O_RDONLY)
    opened = [place]
    for name in ("m", *["d"] * request.param):
        os.mkdir(name, dir_fd=place)
        place = os.open(name, os.O_RDONLY, dir_fd=place)
        opened.append(place)
        if len(opened) > 2:
            os.close(opened.pop(0))
    os.close(os.open("bottom.pdf", os.O_CREAT, dir_fd=place))
    yield root
    for fd in opened:
        os.close(fd)
    subprocess.run(("rm", "-rf", str(root)), check=True)  # what no path reaches is too much for pytest's own cleaning


@pytest.mark.parametrize("deep", [BEYOND_RECURSION], indirect=True)
@pytest.mark.parametrize("pattern", ["", "/**/*.pdf"])
def test_no_depth_of_folders_stops_the_listing(deep: Path, pattern: str) -> None:
    found = [Path(source.uri).name for source in discover([f"{deep}{pattern}"])]
    assert sorted(found) == ["a.pdf", "bottom.pdf", "z.pdf"]


@pytest.mark.parametrize("deep", [BEYOND_PATHS], indirect=True)
def test_a_folder_that_no_path_reaches_fails_alone_and_says_why(deep: Path) -> None:
    first, unreached, last = discover([str(deep)])
    assert [Path(one.uri).name for one in (first, last)] == ["a.pdf", "z.pdf"]
    with pytest.raises(Unreadable, match="too long"):
        read_source(unreached, Limits())


def test_other_outputs_and_exports_below_an_input_are_left_out(tmp_path: Path) -> None:
    for name in ("a.pdf", "old-out/sources/part-1.parquet", "old-out-csv/sources.csv", "b/c/out/replies/part.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    for output in ("old-out", "b/c/out"):
        (tmp_path / output / current.NAME).write_text('{"docpipe": 1, "tables": {}}')
    (tmp_path / "old-out-csv" / snapshot.MARK).write_text("{}")
    assert listed(tmp_path) == ["a.pdf"]
    assert listed(tmp_path, "/*") == ["a.pdf"]
    assert listed(tmp_path, "/**/*.*") == ["a.pdf"]
    assert listed(tmp_path / "old-out", "/sources") == ["part-1.parquet"]  # it was named outright


@pytest.mark.parametrize("pointer", ['{"other": 1}', "not json", "[]", "[" * 100_000])
def test_a_folder_with_a_file_of_that_name_that_is_not_docpipes_is_read(tmp_path: Path, pointer: str) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.pdf").write_bytes(b"x")
    (tmp_path / "in" / current.NAME).write_text(pointer)
    assert "a.pdf" in listed(tmp_path)


def test_exports_of_one_file_beside_the_output_are_left_out_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "below").mkdir()
    for name in ("out.xlsx", "out.duckdb", "out.jsonl", "bill.pdf", "other.xlsx", "below/out.xlsx"):
        (tmp_path / name).write_bytes(b"x")
    listed = [Path(source.uri).relative_to(tmp_path) for source in discover([str(tmp_path)], tmp_path / "out")]
    assert [str(path) for path in listed] == ["below/out.xlsx", "bill.pdf", "other.xlsx"]
    assert {form.suffix for form in export.FORMS.values()} - {""} == set(folder_module.EXPORT_FILES)


def test_the_marks_are_those_that_outputs_and_exports_carry() -> None:
    assert (folder_module.POINTER, folder_module.EXPORT) == (current.NAME, snapshot.MARK)


def listed(folder: Path, pattern: str = "") -> list[str]:
    return sorted({Path(path_of(one.uri)).name for one in discover([f"{folder}{pattern}"])})
