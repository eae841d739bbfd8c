"""A file of corrections is a file of others: what cannot be read is one error, and nothing of it is taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from docpipe.errors import InvalidCorrections
from docpipe.review.corrections import read_corrections

BAD: dict[str, bytes] = {
    "latin.csv": "_record_id,path,value\nr,tötal,1\n".encode("latin-1"),
    "long.csv": b"_record_id,path,value\nr,total," + b"9" * 200_000 + b"\n",
    "quote.csv": b'_record_id,path,value\n"r\n',
    "empty.csv": b"",
    "garbage.parquet": b"PAR1 garbage PAR1",
    "empty.parquet": b"",
    "latin.jsonl": b'{"_record_id": "\xff"}\n',
    "deep.jsonl": b"[" * 5_000 + b"\n",
    "digits.jsonl": b'{"_record_id": "r", "path": "x", "value": ' + b"9" * 5_000 + b"}\n",
    "list.jsonl": b"[1]\n",
    "unknown.txt": b"x",
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_read_is_one_error(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(InvalidCorrections):
        read_corrections(path)


def test_a_folder_is_no_file_of_corrections(tmp_path: Path) -> None:
    (tmp_path / "x.csv").mkdir()
    with pytest.raises(InvalidCorrections):
        read_corrections(tmp_path / "x.csv")
