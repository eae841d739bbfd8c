"""A label and what was found, both cut to what the label speaks of: what a metric of whole records compares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from docpipe.evaluate.truth import Truth
from docpipe.evaluate.values import same


def labelled(label: Mapping[str, Any], record: Mapping[str, Any], truth: Truth) -> tuple[Any, Any]:
    """(what is right, with equally right values as tuples; what was found under the same keys).

    `label` is the truth's own or a part of it. Of a list of objects the keys that every row labels are
    kept: what one row labels and another does not is not known of the other. Where the list is empty, the
    values of all found rows are kept: there should be none. Where the list names only
    some rows, found rows that have nothing in common with any of them are left out.
    """
    return _object(label, record, "", truth)


def _object(label: Mapping[str, Any], record: Mapping[str, Any], prefix: str, truth: Truth) -> tuple[Any, Any]:
    pairs = {key: _pair(value, record.get(key), f"{prefix}{key}", truth) for key, value in label.items()}
    return {key: left for key, (left, _) in pairs.items()}, {key: other for key, (_, other) in pairs.items()}


def _pair(value: Any, found: Any, path: str, truth: Truth) -> tuple[Any, Any]:
    if isinstance(value, Mapping):
        return _object(value, found if isinstance(found, Mapping) else {}, f"{path}.", truth)
    if not isinstance(value, list):
        return _options(value, truth.accept.get(path)), found
    rows = list(found) if isinstance(found, list | tuple) else []
    if not all(isinstance(item, Mapping) for item in (*value, *rows)):
        return value, rows
    if not value:
        cells = [{key: cell for key, cell in row.items() if cell is not None} for row in rows]
        return value, cells if truth.complete else []
    keys = [key for key in value[0] if all(key in row for row in value)]
    if not truth.complete:
        rows = [row for row in rows if _is_meant(row, value)]
    return (
        [
            {key: _options(row[key], _accepted(truth, path, index, key)) for key in keys}
            for index, row in enumerate(value)
        ],
        [{key: row.get(key) for key in keys} for row in rows],
    )


def _accepted(truth: Truth, path: str, index: int, key: str) -> Sequence[Any] | None:
    return truth.accept.get(f"{path}[{index}].{key}") or truth.accept.get(f"{path}.{key}")


def _options(value: Any, others: Sequence[Any] | None) -> Any:
    return (value, *others) if others else value


def _is_meant(row: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(
        same(value, row[key]) for other_row in rows for key, value in other_row.items() if row.get(key) is not None
    )
