"""Values that a name found, beside those that labels, formats and patterns found: theirs stand, as sure as before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.field_names import BY_NAME, Names
from docpipe.engine.layout.scoring.confidence import doubted

Leaves = dict[str, Leaf]
Rows = dict[str, list[Row]]


def with_named(
    leaves: Leaves, rows: Rows, named: Leaves, named_rows: Rows, names: Mapping[str, Names]
) -> tuple[Leaves, Rows]:
    """Both with what was read `named`, for the fields in `names` that are empty; less sure than by labels.

    A number or date that is some other field's value already stays that field's alone.
    """
    used = {token.index for leaf in leaves.values() if not isinstance(leaf.value, str) for token in leaf.tokens}
    added = {
        path: _doubted(path, leaf, names)
        for path, leaf in named.items()
        if path in names and path not in leaves and used.isdisjoint(token.index for token in leaf.tokens)
    }
    arrays = {path: _rows(rows.get(path, []), found, names) for path, found in named_rows.items()}
    return leaves | added, rows | arrays


def _rows(before: Sequence[Row], named: Sequence[Row], names: Mapping[str, Names]) -> list[Row]:
    """The rows that labels found, with cells for other columns where both readings saw the same rows."""
    if not before:
        fresh = any(path in names for row in named for path in row)
        return [{path: _doubted(path, leaf, names) for path, leaf in row.items()} for row in named] if fresh else []
    if len(before) != len(named) or not all(map(_agree, before, named)):
        return list(before)
    return [
        {**{path: _doubted(path, leaf, names) for path, leaf in more.items() if path in names}, **row}
        for row, more in zip(before, named, strict=True)
    ]


def _agree(row: Row, other: Row) -> bool:
    return all(path in other and other[path].value == leaf.value for path, leaf in row.items())


def _doubted(path: str, leaf: Leaf, names: Mapping[str, Names]) -> Leaf:
    """The leaf, its odds divided; a column that has labels, in a table that only names showed, is no surer."""
    doubt = names[path].doubt if path in names else BY_NAME
    return replace(leaf, score=doubted(leaf.score, doubt))
