"""Inputs are found once each, in a stable order, and nothing hidden or of the output is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from docpipe.errors import PathNotFound
from docpipe.intake.discover import discover


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


@pytest.mark.parametrize("name", ["new\nline.pdf", "\udcff.pdf", "\x1b[31mred.pdf", "[brackets].pdf", " .pdf"])
def test_odd_names_are_found(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"x")
    assert [source.uri for source in discover([str(path)])] == [str(path)]
    assert [source.uri for source in discover([str(tmp_path)])] == [str(path)]


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
