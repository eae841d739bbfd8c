"""A pipeline file is a stranger's file: whatever is in it, settings come of it or one clear error."""

from __future__ import annotations

from pathlib import Path

import pytest

from docpipe.errors import InvalidSettings
from docpipe.pipelines import MAX_BYTES, read_pipeline, shipped_pipelines
from docpipe.settings_sources import load_settings

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{name}: &{name} [{','.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
FILES: dict[str, tuple[bytes, str]] = {
    "not UTF-8": (b"schema: x\n# \xff\n", "line 2: not UTF-8"),
    "UTF-16": (b"\xff\xfes\x00", "line 1: not UTF-8"),
    "a NUL": (b"schema: \x00", "is not YAML"),
    "nested": (b"limits: " + b"[" * 5_000 + b"]" * 5_000, "nested too deeply"),
    "nested mappings": (b"{a: " * 5_000 + b"1" + b"}" * 5_000, "nested too deeply"),
    "billion laughs": (LAUGHS.encode(), "no such setting"),
    "laughing inputs": (f"{LAUGHS}inputs: *i\n".encode(), "inputs"),
    "a self-reference": (b"limits: &l\n  max_pages: *l\n", "limits.max_pages"),
    "a list": (b"- a\n", "no mapping"),
    "a text": (b"limits", "no mapping"),
    "a group that is a number": (b"limits: 5\n", "limits"),
    "keys that are numbers": (b"1: 2\n", "no name of a setting"),
    "keys that are nothing": (b"limits:\n  null: 3\n", "no name of a setting"),
    "keys that are lists": (b"? [1]\n: 2\n", "line 1"),
    "a date": (b"schema: 2024-01-01\n", "schema"),
    "a date that is none": (b"schema: 2024-13-45\n", "is not YAML"),
    "a number of 5,000 digits": (b"limits: {max_pages: " + b"9" * 5_000 + b"}\n", "is not YAML"),
    "a number that is none": (b"limits: {page_timeout_s: .nan}\n", "limits.page_timeout_s is nan"),
    "said twice": (b"schema: a\nengine: layout\nschema: b\n", "schema is said twice"),
    "no YAML": (b"schema: [\n", "line 2"),
    "a tab": (b"limits:\n\tmax_pages: 5\n", "line 2"),
    "an object": (b"schema: !!python/object/apply:os.getcwd []\n", "line 1"),
    "too large": (b"#" * (MAX_BYTES + 1), "larger than"),
    "unknown": (b"limits:\n  max_page: 5\n", "did you mean limits.max_pages"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_pipeline_is_one_clear_error(tmp_path: Path, name: str) -> None:
    content, told = FILES[name]
    path = tmp_path / "nightly.yaml"
    path.write_bytes(content)
    with pytest.raises(InvalidSettings) as caught:
        load_settings(str(path))
    assert told in caught.value.message
    assert "nightly.yaml" in caught.value.message
    assert len(caught.value.message) < 2_000
    assert "\n" not in caught.value.message


def test_a_pipeline_may_be_empty_and_begin_with_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "nightly.yaml"
    path.write_bytes(b"\xef\xbb\xbf# nothing yet\n")
    assert read_pipeline(str(path)) == {}


def test_a_pipeline_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(InvalidSettings) as caught:
        read_pipeline("invocies")
    assert shipped_pipelines()
    assert all(name in caught.value.what_to_do for name in shipped_pipelines())


@pytest.mark.parametrize("reference", ["a\0b", "x" * 5_000, "/dev/null/x", "."])
def test_a_name_that_is_none_is_refused(reference: str) -> None:
    with pytest.raises(InvalidSettings):
        read_pipeline(reference)
