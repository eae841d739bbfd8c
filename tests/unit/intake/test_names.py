"""A uri is text, gives back the very path, and is never shared by two paths."""

from __future__ import annotations

import os

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from docpipe.intake.names import is_archive, member_uri, path_of, public, shown, split_member, uri_of

NAMES = st.binary(min_size=1, max_size=255).filter(lambda raw: b"\0" not in raw and b"/" not in raw)
TELLING = st.sampled_from([b"a.zip", b"A.ZIP!", b"x.zip!", b"%41", b"%FF", b"\xff", b"file:", b"b.pdf", b"\xc3\xa9"])
PATHS = st.lists(NAMES | TELLING, min_size=1, max_size=4).map(lambda parts: os.fsdecode(b"/" + b"/".join(parts)))
MEMBERS = st.text(min_size=1, max_size=30).filter(lambda name: name.isprintable()) | st.just("in.zip!/b.pdf")


@given(PATHS)
@example("/in/a.zip!/b.pdf")
@example("/in/\udcff.zip!/b.pdf")
def test_a_path_comes_back_from_its_uri_which_is_text(path: str) -> None:
    uri = uri_of(path)
    assert uri.encode("utf-8").decode("utf-8") == uri
    assert path_of(uri) == os.path.abspath(path)
    assert split_member(uri) == (uri, ""), "no file is taken for a member of an archive"


@given(PATHS, PATHS)
@example("/in/\udcff.pdf", "/in/%FF.pdf")
@example("/in/\udce9.pdf", "/in/é.pdf")
def test_two_paths_never_share_a_uri(one: str, other: str) -> None:
    assert (uri_of(one) == uri_of(other)) == (os.path.abspath(one) == os.path.abspath(other))


@given(PATHS, MEMBERS)
def test_a_member_is_told_from_its_archive_and_from_every_file(folder: str, member: str) -> None:
    archive = uri_of(f"{folder}/a.Zip")
    assert is_archive(archive)
    uri = member_uri(archive, member)
    assert split_member(uri) == (archive, member)
    assert not is_archive(uri)
    assert uri != uri_of(f"{folder}/a.Zip!/{member}")


def test_two_slashes_at_the_start_are_one() -> None:
    assert uri_of("//in/a.pdf") == "/in/a.pdf"


@given(st.text(st.characters() | st.characters(categories=["Cs", "Cc", "Cf"])))
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    assert shown(text).isprintable()


@pytest.mark.parametrize(("name", "seen"), [("a\nb", "a\\nb"), ("\x1b[31m", "\\x1b[31m"), ("\u202efdp", "\\u202efdp")])
def test_what_a_terminal_would_obey_is_escaped(name: str, seen: str) -> None:
    assert shown(name) == seen


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("s3://key:secret@bucket/in?endpoint_override=x&secret=y", "s3://bucket/in"),
        ("s3://bucket/a@b/#1.pdf", "s3://bucket/a@b/#1.pdf"),
        ("gs://anonymous@bucket/in", "gs://bucket/in"),
        ("abfs://container:secret@account.dfs.core.windows.net/in", "abfs://container@account.dfs.core.windows.net/in"),
        ("/in/what?.pdf", "/in/what?.pdf"),
    ],
)
def test_credentials_and_connection_are_no_part_of_a_name(text: str, seen: str) -> None:
    assert public(text) == seen
