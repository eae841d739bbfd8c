"""A ZIP is a folder of its members, as long as it is honest; else it is one failure that says why."""

from __future__ import annotations

import io
import os
import random
import struct
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from docpipe.errors import DocumentError, SourceChanged
from docpipe.intake import archive as archive_module
from docpipe.intake.discover import discover
from docpipe.intake.names import split_member
from docpipe.intake.read import read_source
from docpipe.settings import Limits

PDF = b"%PDF-1.7\n" + random.Random(1).randbytes(1_280_000)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)

Pack = Callable[..., Path]


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    """pack({"a.pdf": b"..."}) -> a ZIP; `change` is given its bytes and gives others."""

    def write(
        members: dict[str, bytes],
        change: Callable[[bytes], bytes] = lambda data: data,
        name: str = "in/a.zip",
        method: int = zipfile.ZIP_DEFLATED,
    ) -> Path:
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", method) as file:
            for member, data in members.items():
                file.writestr(member, data)
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(change(whole.getvalue()))
        return path

    return write


def ends(path: Path, limits: Limits | None = None) -> dict[str, str]:
    """What follows the archive's path in each uri -> the media type read, or the code of its failure."""
    limits = limits or Limits()
    found = {}
    for source in discover([str(path.parent)], limits=limits):
        try:
            end = read_source(source, limits).media_type
        except DocumentError as error:
            end = error.code
        found[source.uri.removeprefix(str(path))] = end
    return found


def patched(data: bytes, central: bytes, at: int, new: bytes) -> bytes:
    """`data` with a field of the central directory's entry for the member called `central` replaced."""
    entry = data.index(b"PK\x01\x02")
    while data[entry + 46 : entry + 46 + len(central)] != central:
        entry = data.index(b"PK\x01\x02", entry + 1)
    return data[: entry + at] + new + data[entry + at + len(new) :]


def test_members_are_sources_in_order_without_the_hidden(pack: Pack) -> None:
    members = {
        "b/two.png": PNG, "a.pdf": PDF, "./dot.pdf": PDF, ".hidden.pdf": PDF, "x/.git/y.pdf": PDF,
        "__MACOSX/._a.pdf": PDF, "labels.jsonl": b"{}", "empty/": b"",
    }  # fmt: skip
    path = pack(members, name="in/A.ZIP")
    assert ends(path) == {
        "!/a.pdf": "application/pdf", "!/b/two.png": "image/png", "!/./dot.pdf": "application/pdf",
    }  # fmt: skip
    assert [split_member(one.uri)[1] for one in discover([str(path)])] == ["./dot.pdf", "a.pdf", "b/two.png"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_member_is_read_whole_and_known_by_size_time_and_checksum(pack: Pack, method: int) -> None:
    path = pack({"a.pdf": PDF}, method=method)
    (source,) = discover([str(path)])
    content = read_source(source, Limits())
    assert bytes(content.data) == PDF
    assert (source.size, source.mtime_ns, source.etag) == (len(PDF), path.stat().st_mtime_ns, content.etag)
    assert (content.size, content.mtime_ns) == (source.size, source.mtime_ns), "else no rerun would know it again"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(body=st.binary(max_size=3_000), times=st.integers(1, 2_000))
def test_any_bytes_come_back(pack: Pack, body: bytes, times: int) -> None:
    path = pack({"a.pdf": b"%PDF-1.7" + body * times})
    (source,) = discover([str(path)], limits=Limits(max_zip_ratio=2_000))
    content = read_source(source, Limits(max_zip_ratio=2_000))
    assert bytes(content.data) == b"%PDF-1.7" + body * times


def test_only_the_name_and_the_bytes_together_make_a_folder(pack: Pack) -> None:
    path = pack({"a.pdf": PDF}, name="in/sheet.docx")
    assert ends(path) == {"": "UNSUPPORTED_TYPE"}
    path.rename(path.with_suffix(".pdf"))
    assert ends(path.with_suffix(".pdf")) == {"": "TYPE_MISMATCH"}
    other = path.parent / "really.zip"
    other.write_bytes(PDF)
    path.with_suffix(".pdf").unlink()
    assert ends(other) == {"": "application/pdf"}


def test_what_leads_out_is_nested_or_cannot_be_read_costs_itself_alone(pack: Pack) -> None:
    link = zipfile.ZipInfo("link.pdf")
    link.external_attr = 0o120777 << 16
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as file:
        file.writestr("x.pdf", PDF)
    members = {
        "good.pdf": PDF, "../up.pdf": PDF, "/root.pdf": PDF, "a/../../b.pdf": PDF, "C:\\x.pdf": PDF, "..\\y.pdf": PDF,
        link: b"/etc/passwd", "in.zip": nested.getvalue(), "note.txt": b"text", "page.pdf": b"<html>", "none.pdf": b"",
    }  # fmt: skip
    assert ends(pack(members)) == {
        "!/good.pdf": "application/pdf", "!/../up.pdf": "UNSAFE_PATH", "!//root.pdf": "UNSAFE_PATH",
        "!/a/../../b.pdf": "UNSAFE_PATH", "!/C:\\x.pdf": "UNSAFE_PATH", "!/..\\y.pdf": "UNSAFE_PATH",
        "!/link.pdf": "UNSAFE_PATH", "!/in.zip": "UNSUPPORTED_TYPE", "!/note.txt": "UNSUPPORTED_TYPE",
        "!/page.pdf": "TYPE_MISMATCH", "!/none.pdf": "EMPTY_FILE",
    }  # fmt: skip


def test_an_encrypted_member_and_one_of_another_method(pack: Pack) -> None:
    path = pack({"a.pdf": PDF, "b.pdf": PDF}, lambda data: patched(data, b"a.pdf", 8, b"\x01\x00"))
    assert ends(path) == {"!/a.pdf": "ENCRYPTED", "!/b.pdf": "application/pdf"}
    assert ends(pack({"a.pdf": PDF}, method=zipfile.ZIP_LZMA)) == {"!/a.pdf": "UNSUPPORTED_TYPE"}


def test_two_members_of_one_name_are_no_document(pack: Pack) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        path = pack({zipfile.ZipInfo("a.pdf"): PDF, zipfile.ZipInfo("a.pdf"): PNG, "b.pdf": PDF})  # type: ignore[dict-item]
    assert ends(path) == {"!/a.pdf": "CORRUPT", "!/b.pdf": "application/pdf"}


@pytest.mark.parametrize(
    ("at", "new", "code"),
    [
        (24, struct.pack("<I", 1_000), "ARCHIVE_BOMB"),  # longer than it declares
        (24, struct.pack("<I", len(PDF) + 1), "CORRUPT"),  # shorter
        (16, b"\0\0\0\0", "CORRUPT"),  # another checksum
        (42, struct.pack("<I", 5), "CORRUPT"),  # a header that is not there
        (20, struct.pack("<I", 500), "CORRUPT"),  # cut off
    ],
)
def test_a_member_that_is_not_what_it_declares(pack: Pack, at: int, new: bytes, code: str) -> None:
    path = pack({"a.pdf": PDF, "b.pdf": PDF}, lambda data: patched(data, b"a.pdf", at, new))
    assert ends(path) == {"!/a.pdf": code, "!/b.pdf": "application/pdf"}


def test_a_liar_is_not_inflated_beyond_what_it_declares(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack({"a.pdf": b"%PDF-" + bytes(50_000_000)}, lambda data: patched(data, b"a.pdf", 24, b"\0\4\0\0"))
    given = []
    pieces = archive_module._pieces

    def counted(*arguments: object) -> object:
        for piece in pieces(*arguments):  # type: ignore[arg-type]
            given.append(len(piece))
            yield piece

    monkeypatch.setattr(archive_module, "_pieces", counted)
    assert ends(path) == {"!/a.pdf": "ARCHIVE_BOMB"}
    assert sum(given) <= archive_module.CHUNK_BYTES


def test_a_member_over_the_limit_of_a_file(pack: Pack) -> None:
    assert ends(pack({"a.pdf": PDF, "b.png": PNG}), Limits(max_file_bytes=len(PDF) - 1)) == {
        "!/a.pdf": "FILE_TOO_LARGE", "!/b.png": "image/png",
    }  # fmt: skip


def overlapping(data: bytes) -> bytes:
    """Both members at the place of the first one."""
    return patched(data, b"b.pdf", 42, struct.pack("<I", 0))


def many_entries(data: bytes) -> bytes:
    """A directory that says one and has as many as fit into what it may take."""
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    entries = data[start:end] * 5_000
    return data[:start] + entries + data[end : end + 12] + struct.pack("<II", len(entries), start) + b"\0\0"


def huge_directory(data: bytes) -> bytes:
    end = data.index(b"PK\x05\x06")
    return data[: end + 12] + struct.pack("<I", 0xFFFF_FFF0) + data[end + 16 :]


@pytest.mark.parametrize(
    ("change", "limits", "code"),
    [
        (overlapping, Limits(), "ARCHIVE_BOMB"),
        (lambda data: data, Limits(max_zip_members=1), "ARCHIVE_BOMB"),
        (lambda data: data, Limits(max_zip_ratio=0.9), "ARCHIVE_BOMB"),
        (many_entries, Limits(max_zip_members=4_000), "ARCHIVE_BOMB"),
        (huge_directory, Limits(), "CORRUPT"),
        (lambda data: data[:-30], Limits(), "CORRUPT"),
        (lambda data: data[:4] + bytes(len(data)), Limits(), "CORRUPT"),
        (lambda data: data.replace(b"PK\x01\x02", b"PK\x01\x03"), Limits(), "CORRUPT"),
        (lambda data: data[:4], Limits(), "CORRUPT"),
    ],
)
def test_an_archive_that_cannot_be_trusted_is_one_failure(
    pack: Pack, change: Callable[[bytes], bytes], limits: Limits, code: str
) -> None:
    assert ends(pack({"a.pdf": PDF, "b.pdf": PDF}, change), limits) == {"": code}


def test_a_directory_too_large_is_refused_before_it_is_read(pack: Pack) -> None:
    path = pack({"a.pdf": PDF}, many_entries)
    limits = Limits(max_zip_members=100)  # 100 KiB of directory; this one has 250
    assert ends(path, limits) == {"": "ARCHIVE_BOMB"}
    (source,) = discover([str(path)], limits=limits)
    with pytest.raises(DocumentError, match="a directory of"):
        read_source(source, limits)


def test_an_archive_without_a_document_is_one_failure(pack: Pack) -> None:
    assert ends(pack({})) == {"": "EMPTY_DOCUMENT"}
    assert ends(pack({".hidden": PDF, "folder/": b""})) == {"": "EMPTY_DOCUMENT"}


@given(st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
def test_damage_anywhere_ends_in_an_outcome(pack: Pack, data: st.DataObject) -> None:
    whole = pack({"a.pdf": b"%PDF-1.7 text", "b/c.png": PNG}).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    new = data.draw(st.binary(min_size=1, max_size=12))
    path = pack({}, lambda _: whole[:at] + new + whole[at + len(new) :])
    assert ends(path)


def test_an_archive_replaced_after_the_listing(pack: Pack) -> None:
    path = pack({"a.pdf": PDF})
    (source,) = discover([str(path)])
    pack({"b.pdf": PDF})
    with pytest.raises(SourceChanged):
        read_source(source, Limits())
    again = read_source(replace(source, uri=source.uri.replace("a.pdf", "b.pdf")), Limits())
    assert again.mtime_ns == path.stat().st_mtime_ns


def test_an_archive_written_to_while_it_is_read(pack: Pack, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack({"a.pdf": PDF})
    hold = archive_module.hold

    def write_meanwhile(*arguments: object) -> object:
        content = hold(*arguments)  # type: ignore[arg-type]
        os.utime(path, ns=(1, 1))
        return content

    (source,) = discover([str(path)])
    monkeypatch.setattr(archive_module, "hold", write_meanwhile)
    with pytest.raises(SourceChanged):
        read_source(source, Limits())


def test_the_directory_is_parsed_once_for_all_members(pack: Pack) -> None:
    path = pack({f"{index:04}.png": PNG for index in range(2_000)})
    archive_module._members.cache_clear()
    sources = list(discover([str(path)]))
    for source in sources:
        read_source(source, Limits())
    found = archive_module._members.cache_info()
    assert (found.misses, found.hits) == (1, 2_000)
