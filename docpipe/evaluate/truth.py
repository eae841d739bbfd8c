"""Labels: what is known to be right of a document, read from labels.jsonl.

A line is {id, file, label} and perhaps sha256, accept, boxes, complete, page_range and schema; others are
not looked at. Labels are partial: an absent key is not labelled. docs/evaluation.md has the format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidTruth, PathNotFound
from docpipe.records import Box

LABELS = "labels.jsonl"
_SEMANTIC = "semantic"  # a form's key that is our name, not the caption: the value alone is compared

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
        lines = file.open(encoding="utf-8")
    except OSError as error:
        raise PathNotFound(f"{file}: {error.strerror}", remedy="Name a labels.jsonl or a folder with one.") from error
    with lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                try:
                    yield truth_of(json.loads(line), number)
                except (ValueError, TypeError, KeyError, AttributeError) as error:
                    raise InvalidTruth(f"{file}, line {number}: {type(error).__name__}: {error}") from error


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
        doc_id=entry.get("sha256"),
        accept={path: list(values) for path, values in (entry.get("accept") or {}).items()},
        boxes={path: [_place(one) for one in places] for path, places in (entry.get("boxes") or {}).items()},
        complete=entry.get("complete") is not False,
        page_range=(int(first_last[0]), int(first_last[1])) if first_last else None,
        schema=entry.get("schema"),
    )


def _place(place: Mapping[str, Any]) -> tuple[int, Box]:
    x0, y0, x1, y1 = place["box"]
    return int(place["page"]), (float(x0), float(y0), float(x1), float(y1))


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
    return all(isinstance(row, Mapping) and not any(isinstance(one, list) for one in row.values()) for row in value)
