"""A manifest lists documents and what is known of them; one with a fault stops everything before it begins."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from docpipe.errors import InvalidManifest
from docpipe.intake.discover import discover
from docpipe.intake.manifest import Entry, check_manifest, read_manifest


def write(path: Path, text: str | bytes) -> Path:
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_text_manifest_is_a_path_a_line(tmp_path: Path) -> None:
    path = write(tmp_path / "list.txt", "# what came in\n\na.pdf\r\nsub/b c.pdf\ns3://bucket/#1.pdf\n")
    assert [one.path for one in read_manifest(path)] == ["a.pdf", "sub/b c.pdf", "s3://bucket/#1.pdf"]


@pytest.mark.parametrize(("suffix", "mark"), [(".csv", ","), (".tsv", "\t"), (".CSV", ",")])
def test_other_columns_are_metadata(tmp_path: Path, suffix: str, mark: str) -> None:
    rows = [["client", "path", "note"], ["Ä-Co", "a.pdf", ""], ["Bee", "b.pdf", '"x\ny"']]
    path = write(tmp_path / f"list{suffix}", "\ufeff" + "\r\n".join(mark.join(row) for row in rows))
    assert list(read_manifest(path)) == [
        Entry("a.pdf", (("client", "Ä-Co"),)),
        Entry("b.pdf", (("client", "Bee"), ("note", "x\ny"))),
    ]


def test_a_parquet_manifest_keeps_its_values_as_text(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "uri": ["a.pdf", "b.pdf"],
        "due": [dt.date(2026, 1, 31), None],
        "sum": [Decimal("1.50"), Decimal("2.00")],
        "paid": [True, False],
        "tags": [["x", "y"], None],
    }
    pq.write_table(pa.table(values), tmp_path / "list.parquet")
    first, second = read_manifest(tmp_path / "list.parquet")
    assert first == Entry("a.pdf", (("due", "2026-01-31"), ("sum", "1.50"), ("paid", "true"), ("tags", '["x", "y"]')))
    assert second == Entry("b.pdf", (("sum", "2.00"), ("paid", "false")))


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("list.csv", "file name,client\na.pdf,b\n", "file name, client"),
        ("list.csv", "", "none"),
        ("list.csv", "path,path\na,b\n", "same name"),
        ("list.csv", "path,client\na.pdf,b\nc.pdf\n", "line 3 has 1 fields"),
        ("list.csv", "path,client\n,b\n", "line 2 has no path"),
        ("list.csv", 'path\n"a.pdf" x\n', "expected"),
        ("list.csv", b"path\nb\xff.pdf\n", "UTF-8"),
        ("list.txt", b"a.pdf\nb\xff.pdf\n", "UTF-8"),
        ("list.parquet", b"PAR1 but not really", "Parquet"),
        ("list.json", "[]", "ends in .txt, .csv"),
        ("\x1b[31m.json", "[]", r"\\x1b\[31m"),
    ],
)
def test_a_manifest_with_a_fault_is_refused_before_the_first_source(
    tmp_path: Path, name: str, text: str | bytes, said: str
) -> None:
    path = write(tmp_path / name, text)
    with pytest.raises(InvalidManifest, match=said):
        check_manifest(path)
    with pytest.raises(InvalidManifest):
        discover([], manifests=[str(path)])


def test_a_manifest_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidManifest, match="No such file"):
        discover([], manifests=[str(tmp_path / "gone.csv")])


def test_a_document_that_a_folder_holds_too_keeps_what_its_manifest_says(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    (tmp_path / "b.pdf").write_bytes(b"%PDF-1.7")
    path = write(tmp_path / "list.csv", "path,client\nb.pdf,Bee\n")
    found = {Path(one.uri).name: dict(one.metadata) for one in discover([str(tmp_path)], manifests=[str(path)])}
    assert found == {"b.pdf": {"client": "Bee"}, "a.pdf": {}}, "and the manifest is no document"


def test_metadata_travels_with_the_source_and_missing_files_are_sources_too(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7")
    path = write(tmp_path / "list.csv", "path,client\na.pdf,Bee\ngone.pdf,Cee\na.pdf,Dee\n")
    first, second = discover([], manifests=[str(path)])
    assert (first.uri, first.size, first.metadata) == (str(tmp_path / "a.pdf"), 8, (("client", "Bee"),))
    assert (second.uri, second.size, second.metadata) == (str(tmp_path / "gone.pdf"), 0, (("client", "Cee"),))
