"""Labels: what is known to be right of a document, read from labels.jsonl.

A line is {id, file, label} and perhaps sha256, accept, boxes, complete, page_range and schema; others are
not looked at. Labels are partial: an absent key is not labelled. docs/evaluation.md has the format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.evaluate.grounding import Box

LABELS = "labels.jsonl"
MAX_DEPTH = 40  # a record is nested a few deep, a table's cells some more
MAX_PAGE = 8_388_607  # the highest object number of a PDF (1.7, annex C)
_SEMANTIC = "semantic"  # a form's key that is our name, not the printed one: the value alone is compared

Plan = Mapping[str, Any]
"""What a schema has: name -> anything for a scalar or a list of scalars, a Plan for an object, [table, Plan]
for a list of objects (the `docpipe.plan` of an output's tables)."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one record. `doc_id`: sha256 of the file in hex, if known. `file`: a path or a name.

    `accept`: path -> equally right values. `boxes`: path -> (page from 1, box) of every place.
    `complete`: whether lists of the label name all rows. `page_range`: first and last page of the
    record in a file of several. `schema`: whose names the label has, if it says so.
    """

    id: str
    file: str
    label: Mapping[str, Any] = field(repr=False)
    doc_id: str | None = None
    accept: Mapping[str, Sequence[Any]] = field(default_factory=dict, repr=False)
    boxes: Mapping[str, Sequence[tuple[int, Box]]] = field(default_factory=dict, repr=False)
    complete: bool = True
    page_range: tuple[int, int] | None = None
    schema: str | None = None


def read_labels(path: Path) -> Iterator[Truth]:
    """The lines of a labels file, or of `labels.jsonl` in a folder.

    Raises PathNotFound, or InvalidTruth naming the line that cannot be read.
    """
    file = path / LABELS if path.is_dir() else path
    try:
        lines = file.open("rb")
    except OSError as error:
        raise PathNotFound(f"{file}: {error.strerror}", remedy="Name a labels.jsonl or a folder with one.") from error
    with lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield truth_of(_entry(line), number)
                except KeyError as error:
                    raise InvalidTruth(f"{file}, line {number}: {error} is missing") from error
                except (ValueError, TypeError, AttributeError, IndexError, RecursionError) as error:
                    raise InvalidTruth(f"{file}, line {number}: {error}") from error


def _entry(line: bytes) -> Any:
    """A line as JSON of finite numbers, nested as records are. Raises ValueError, RecursionError."""
    text = line.decode("utf-8-sig")
    entry = json.loads(text, parse_constant=_refuse, parse_float=_finite)
    if not isinstance(entry, dict):
        raise TypeError("not a JSON object")
    level = [entry]
    for _ in range(MAX_DEPTH):
        level = [inner for below in level for inner in _inner(below)]
        if not level:
            return entry
    raise ValueError(f"nested more than {MAX_DEPTH} deep")


def _inner(value: Any) -> Iterable[Any]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _refuse(text)


def truth_of(entry: Mapping[str, Any], number: int = 0) -> Truth:
    """One entry of a labels file; raises KeyError, TypeError or ValueError if it is none."""
    label, file = entry["label"], str(entry["file"])
    if not isinstance(label, Mapping):
        raise TypeError("label is not an object")
    first_last = entry.get("page_range")
    return Truth(
        id=str(entry.get("id") or f"{number}:{file}"),
        file=file,
        label={key: _without_hints(value) for key, value in label.items()},
        doc_id=_text(entry, "sha256"),
        accept={path: list(values) for path, values in (entry.get("accept") or {}).items()},
        boxes={path: [_place(place) for place in places] for path, places in (entry.get("boxes") or {}).items()},
        complete=entry.get("complete") is not False,
        page_range=(_page(first_last[0]), _page(first_last[1])) if first_last else None,
        schema=_text(entry, "schema"),
    )


def _text(entry: Mapping[str, Any], name: str) -> str | None:
    value = entry.get(name)
    if value is not None and not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value


def _page(number: Any) -> int:
    if not 1 <= int(number) <= MAX_PAGE:
        raise ValueError(f"there is no page {number}")
    return int(number)


def _place(place: Mapping[str, Any]) -> tuple[int, Box]:
    x0, y0, x1, y1 = (float(side) for side in place["box"])
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        raise ValueError("a side of a box is no number")
    return _page(place["page"]), (x0, y0, x1, y1)


def _without_hints(value: Any) -> Any:
    """Rows of forms without what only says how to compare them."""
    if not isinstance(value, list):
        return value
    return [_row(row) if isinstance(row, Mapping) and "key_kind" in row else row for row in value]


def _row(row: Mapping[str, Any]) -> dict[str, Any]:
    left_out = {"key_kind", "key"} if row["key_kind"] == _SEMANTIC else {"key_kind"}
    return {key: value for key, value in row.items() if key not in left_out}


def within(truth: Truth, plan: Plan) -> tuple[Truth, frozenset[str]]:
    """The truth without what the schema has no place for, and the paths of that."""
    left_out: set[str] = set()
    label = _within(truth.label, plan, "", left_out)
    return replace(truth, label=label), frozenset(left_out)


def _within(label: Mapping[str, Any], plan: Plan, prefix: str, left_out: set[str]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, value in label.items():
        path, where = f"{prefix}{key}", plan.get(key)
        if where is None:
            left_out.add(path)
        elif isinstance(value, Mapping) and isinstance(where, Mapping):
            kept[key] = _within(value, where, f"{path}.", left_out)
        elif isinstance(value, list) and isinstance(where, list) and _are_rows(value):
            kept[key] = [_within(row, where[1], f"{path}.", left_out) for row in value]
        else:
            kept[key] = value
    return kept


def _are_rows(value: Sequence[Any]) -> bool:
    """Rows of scalars; tables and series are compared by metrics of their own, whatever keys they have."""
    return all(isinstance(row, Mapping) and not any(isinstance(cell, list) for cell in row.values()) for row in value)
