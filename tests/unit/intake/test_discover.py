"""Inputs are found once each, in a stable order, and nothing hidden or of the output is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docpipe.errors import PathNotFound
from docpipe.intake.discover import discover
from docpipe.intake.names import uri_of
from docpipe.intake.read import read_source
from docpipe.settings import Limits

ODD = [
    "new\nline.pdf",
    "\udcff.pdf",
    "\x1b[31mred.pdf",
    "\u202efdp.pdf",
    "[brackets].pdf",
    " .pdf",
    "%41#?.pdf",
    "x" * 251 + ".pdf",
    "\udcff.zip!",
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in (
        "b.pdf",
        "a.pdf",
        "sub/c.png",
        ".hidden.pdf",
        ".git/x.pdf",
        "out/sources/part.parquet",
        "labels.jsonl",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    return tmp_path


def names(*inputs: Path | str, leave_out: Path | None = None) -> list[str]:
    return [Path(source.uri).name for source in discover([str(one) for one in inputs], leave_out)]


def test_a_folder_is_walked_in_order_without_hidden_files_and_output(tree: Path) -> None:
    assert names(tree, leave_out=tree / "out") == ["a.pdf", "b.pdf", "c.png"]


def test_files_globs_and_folders_overlap_without_doubles(tree: Path) -> None:
    assert names(tree / "b.pdf", f"{tree}/*.pdf", tree / "sub", tree, leave_out=tree / "out") == [
        "b.pdf",
        "a.pdf",
        "c.png",
    ]


def test_a_source_knows_its_size_and_time(tree: Path) -> None:
    (source,) = discover([str(tree / "a.pdf")])
    assert (source.size, source.mtime_ns, source.doc_id) == (1, (tree / "a.pdf").stat().st_mtime_ns, None)


def test_a_relative_path_becomes_absolute(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert [source.uri for source in discover(["a.pdf"])] == [str(tree / "a.pdf")]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"%PDF-1.7")
    assert [source.uri for source in discover([str(path)])] == [uri_of(path)]
    assert [source.uri for source in discover([str(tmp_path)])] == [uri_of(path)]
    assert read_source(next(discover([str(tmp_path)])), Limits()).size == 8
    assert [source.uri for source in discover([uri_of(path)])] == [uri_of(path)], (
        "what the tables say can be named again"
    )


@pytest.mark.parametrize("missing", ["no-such-folder", "*.nothing"])
def test_what_does_not_exist_is_said(tmp_path: Path, missing: str) -> None:
    with pytest.raises(PathNotFound, match="no such file"):
        list(discover([str(tmp_path / missing)]))


def test_a_broken_link_is_a_source_that_will_fail(tmp_path: Path) -> None:
    (tmp_path / "link.pdf").symlink_to(tmp_path / "nowhere")
    assert names(tmp_path) == ["link.pdf"]


def test_a_linked_folder_is_not_walked(tree: Path) -> None:
    (tree / "again").symlink_to(tree / "sub")
    assert names(tree, leave_out=tree / "out").count("c.png") == 1


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.pdf", ["a.pdf", "b.pdf"]),
        ("**/*.p??", ["a.pdf", "b.pdf", "c.png"]),
        ("**", ["a.pdf", "b.pdf", "c.png"]),
        ("s*", ["c.png"]),
        ("s[tuv]b/*", ["c.png"]),
        ("*/c.png", ["c.png"]),
        ("**/sub/**/c.png", ["c.png"]),
        (".h*.pdf", [".hidden.pdf"]),
        ("out/sources/*", ["part.parquet"]),
    ],
)
def test_globs_are_those_of_a_shell_and_leave_out_the_hidden_and_the_output(
    tree: Path, pattern: str, found: list[str]
) -> None:
    assert names(f"{tree}/{pattern}", leave_out=tree / "out") == found


def test_a_glob_may_be_relative_and_a_file_may_look_like_one(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert names("*.pdf") == ["a.pdf", "b.pdf"]
    (tree / "a*.pdf").write_bytes(b"x")
    assert names("a*.pdf") == ["a*.pdf"]


def test_the_output_is_left_out_under_any_of_its_names(tree: Path, tmp_path: Path) -> None:
    link = tmp_path / ".link"
    link.symlink_to(tree)
    for inputs, out in ((tree, link / "out"), (link, tree / "out"), (link, link / "sub" / ".." / "out")):
        assert names(inputs, leave_out=out) == ["a.pdf", "b.pdf", "c.png"]
        assert names(f"{inputs}/**/*", leave_out=out) == ["a.pdf", "b.pdf", "c.png"]


def test_an_output_made_while_the_listing_goes_on_is_left_out(tree: Path) -> None:
    sources = discover([str(tree)], tree / "sub" / "later")
    next(sources)
    (tree / "sub" / "later").mkdir()
    (tree / "sub" / "later" / "part.pdf").write_bytes(b"x")
    assert [Path(one.uri).name for one in sources] == ["b.pdf", "part.parquet", "c.png"]


def test_a_folder_that_cannot_be_listed_is_a_source_that_will_fail(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    def refuse(path: str) -> object:
        if str(path).endswith("sub"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert names(tree, leave_out=tree / "out") == ["a.pdf", "b.pdf", "sub"]
    assert names(f"{tree}/sub/*.png") == ["sub"]


def test_the_first_source_comes_before_the_next_folder_is_looked_into(tree: Path) -> None:
    sources = discover([str(tree)], tree / "out")
    assert Path(next(sources).uri).name == "a.pdf"
    (tree / "sub" / "d.png").write_bytes(b"x")
    assert [Path(one.uri).name for one in sources] == ["b.pdf", "c.png", "d.png"]
