"""What leads out of the folder that it was found in is not read, whatever is swapped meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest

from docpipe.errors import DocumentError, Unreadable, UnsafePath
from docpipe.intake import contained
from docpipe.intake.discover import discover
from docpipe.intake.read import read_source
from docpipe.records import Source
from docpipe.settings import Limits

INSIDE, SECRET = b"%PDF-1.7 inside", b"%PDF-1.7 secret"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """in/ with a document, beside a secret/."""
    for name, data in (("in/a.pdf", INSIDE), ("in/sub/b.pdf", INSIDE), ("secret/s.pdf", SECRET)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path / "in"


def ends(*inputs: object, **more: object) -> dict[str, str]:
    """File name -> "read", or the code of its failure."""
    return {Path(one.uri).name: end(one) for one in discover([str(text) for text in inputs], **more)}  # type: ignore[arg-type]


def end(source: Source) -> str:
    try:
        content = read_source(source, Limits())
    except DocumentError as error:
        return error.code
    assert bytes(content.data) == INSIDE
    return "read"


def test_links_inside_are_read_as_their_own_path_and_others_are_not(folder: Path) -> None:
    (folder / "near.pdf").symlink_to("sub/b.pdf")
    (folder / "absolute.pdf").symlink_to(folder / "a.pdf")
    (folder / "out.pdf").symlink_to("../secret/s.pdf")
    (folder / "gone.pdf").symlink_to("nowhere.pdf")
    (folder / "loop.pdf").symlink_to("loop.pdf")
    (folder / "outside").symlink_to(folder.parent / "secret")
    (folder / "again").symlink_to("sub")
    (folder / "sub" / "up").symlink_to("..")
    assert ends(folder) == {
        "a.pdf": "read", "b.pdf": "read", "near.pdf": "read", "absolute.pdf": "read", "out.pdf": "UNSAFE_PATH",
        "outside": "UNSAFE_PATH", "gone.pdf": "UNREADABLE", "loop.pdf": "UNREADABLE",
    }  # fmt: skip


def test_a_link_knows_the_size_and_time_of_what_it_leads_to(folder: Path) -> None:
    (folder / "near.pdf").symlink_to("sub/b.pdf")
    (near,) = (one for one in discover([str(folder)]) if one.uri.endswith("near.pdf"))
    content = read_source(near, Limits())
    assert (near.size, near.mtime_ns) == (content.size, content.mtime_ns), "else no rerun would know it again"


def test_a_link_that_the_user_named_is_followed(folder: Path) -> None:
    named = folder.parent / "named.pdf"
    named.symlink_to(folder / "a.pdf")
    assert ends(named) == {"named.pdf": "read"}
    (folder.parent / "linked").symlink_to(folder)
    assert ends(folder.parent / "linked") == {"a.pdf": "read", "b.pdf": "read"}


def test_a_glob_stays_inside_the_folder_before_its_star(folder: Path) -> None:
    (folder / "out.pdf").symlink_to("../secret/s.pdf")
    (folder / "outside").symlink_to(folder.parent / "secret")
    assert ends(f"{folder}/*.pdf") == {"a.pdf": "read", "out.pdf": "UNSAFE_PATH"}
    assert ends(f"{folder}/*/../../secret/*.pdf") == {"s.pdf": "UNSAFE_PATH"}
    assert ends(f"{folder}/out*") == {"out.pdf": "UNSAFE_PATH", "outside": "UNSAFE_PATH"}
    assert ends(f"{folder}/**/*.pdf") == {"a.pdf": "read", "out.pdf": "UNSAFE_PATH", "b.pdf": "read"}


def test_a_relative_path_of_a_manifest_stays_in_its_folder_and_an_absolute_one_is_free(folder: Path) -> None:
    other = folder.parent / "other.pdf"
    other.write_bytes(INSIDE)
    (folder / "list.txt").write_text(f"a.pdf\nsub/../a.pdf\nsub/b.pdf\n../secret/s.pdf\n../no.pdf\n{other}\nsub\n")
    assert ends(manifests=[str(folder / "list.txt")]) == {
        "a.pdf": "read", "b.pdf": "read", "s.pdf": "UNSAFE_PATH", "other.pdf": "read", "sub": "UNSAFE_PATH",
        "no.pdf": "UNSAFE_PATH",
    }  # fmt: skip


def test_a_file_swapped_for_a_link_after_it_was_judged_is_the_file_that_was_judged(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judge = contained._place

    def swap(fd: int) -> str:
        found = judge(fd)
        (folder / "a.pdf").unlink()
        (folder / "a.pdf").symlink_to("../secret/s.pdf")
        return found

    (source,) = discover([f"{folder}/*.pdf"])
    monkeypatch.setattr(contained, "_place", swap)
    content = read_source(source, Limits())
    assert bytes(content.data) == INSIDE
    assert (folder / "a.pdf").read_bytes() == SECRET


def test_a_folder_on_the_way_swapped_for_a_link_before_reading_is_seen(folder: Path) -> None:
    (source,) = (one for one in discover([str(folder)]) if one.uri.endswith("b.pdf"))
    (folder / "sub" / "b.pdf").unlink()
    (folder / "sub").rmdir()
    (folder / "sub").symlink_to("../secret")
    (folder.parent / "secret" / "b.pdf").write_bytes(SECRET)
    with pytest.raises(UnsafePath):
        read_source(source, Limits())


def test_a_folder_whose_name_begins_alike_is_outside(folder: Path) -> None:
    (folder.parent / "in2").mkdir()
    (folder.parent / "in2" / "x.pdf").write_bytes(SECRET)
    (folder / "x.pdf").symlink_to("../in2/x.pdf")
    assert ends(folder)["x.pdf"] == "UNSAFE_PATH"


def test_a_vanished_file_is_unreadable(folder: Path) -> None:
    (source,) = discover([f"{folder}/*.pdf"])
    (folder / "a.pdf").unlink()
    with pytest.raises(Unreadable, match="No such file"):
        read_source(source, Limits())
