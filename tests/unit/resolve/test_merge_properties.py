"""However a document is cut into windows, what they say together is one record."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.records import Edit, Field, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.merge import Part, merge
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves, put, value_at

STEADY = settings(max_examples=100, deadline=None)
texts = st.sampled_from(["a", "b", "c"])
amounts = st.integers(0, 3).map(Decimal)
rows = st.fixed_dictionaries(
    {"text": st.none() | texts, "amount": st.none() | amounts},
    optional={"batches": st.lists(st.fixed_dictionaries({"code": texts}), max_size=2)},
)
headers = st.fixed_dictionaries(
    {}, optional={"number": texts, "net": amounts, "total": amounts, "shop": st.fixed_dictionaries({"name": texts})}
)


def window(value: dict[str, Any], page: int) -> Part:
    """A window that says `value`; each leaf was edited and doubted, so that paths are seen to follow."""
    found = list(leaves(value))
    return Part(
        value,
        (page,),
        tuple(Field(path, leaf, 0.9, page) for path, leaf in found),
        tuple(Edit(path, "?", leaf, "coerce:x") for path, leaf in found),
        tuple(Violation("doubt", "warning", str(leaf), (path,)) for path, leaf in found),
    )


def edges(cuts: Sequence[int], length: int) -> list[tuple[int, int]]:
    return list(itertools.pairwise([0, *sorted(min(cut, length) for cut in cuts), length]))


@STEADY
@given(
    header=headers,
    lines=st.lists(rows, max_size=8),
    tags=st.lists(texts, max_size=4),
    cuts=st.lists(st.integers(0, 8), max_size=4),
    data=st.data(),
)
def test_a_record_cut_anywhere_is_one_again(
    order: Schema,
    header: dict[str, Any],
    lines: list[dict[str, Any]],
    tags: list[str],
    cuts: list[int],
    data: st.DataObject,
) -> None:
    """Each scalar stands in one window or in several that agree, windows without any row among them.

    A row that holds records has a name of its own: of two that say the same, the second is the first going on.
    """
    lines = [{**row, "text": f"row {at}"} if row.get("batches") else row for at, row in enumerate(lines)]
    whole = coerce(order.root, {**header, "lines": lines, "tags": tags}, Coercion())
    scalars = [(path, leaf) for path, leaf in leaves(whole) if "[" not in path]
    said = {path: data.draw(st.sets(st.integers(0, len(cuts)), min_size=1)) for path, _ in scalars}
    pieces = []
    for at, ((start, end), (first, last)) in enumerate(
        zip(edges(cuts, len(lines)), edges(cuts, len(tags)), strict=True)
    ):
        value = coerce(order.root, {"lines": lines[start:end], "tags": tags[first:last]}, Coercion())
        for path, leaf in scalars:
            if at in said[path]:
                put(value, path, leaf)
        pieces.append(window(value, at + 1))
    merged = merge(order.root, pieces)
    assert merged.value == whole
    assert sorted((one.path, str(one.value)) for one in merged.fields) == sorted((p, str(v)) for p, v in leaves(whole))
    assert {one.rule for one in merged.violations} <= {"doubt"}
    for edit in merged.edits:
        assert value_at(whole, edit.path) == edit.after
    for violation in merged.violations:
        assert str(value_at(whole, violation.paths[0])) == violation.message
    assert {one.path: one.page for one in merged.fields if one.path in said} == {
        path: min(windows) + 1 for path, windows in said.items()
    }


@st.composite
def tables(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Tables with a name or with names of columns, or one that has neither."""
    found = []
    for at in range(draw(st.integers(1, 3))):
        width = draw(st.integers(2, 4))
        title, header = draw(st.sampled_from([(True, True), (True, False), (False, True)]))
        cells = st.lists(st.none() | texts, min_size=width, max_size=width)
        found.append(
            {
                "title": f"Table {at}" if title else None,
                "header": [f"{at} {column}" for column in range(width)] if header else [],
                "rows": [{"cells": row} for row in draw(st.lists(cells, min_size=1, max_size=6))],
            }
        )
    return found


@STEADY
@given(told=tables(), data=st.data())
def test_tables_cut_anywhere_are_whole_again(told: list[dict[str, Any]], data: st.DataObject) -> None:
    """Between two tables or within one, which then goes on under its name, its header, its header as a row, or bare."""
    root = load_schema("table").root
    spots = [(at, row) for at, table in enumerate(told) for row in range(len(table["rows"]))][1:]
    cuts = sorted(data.draw(st.sets(st.sampled_from(spots), max_size=4))) if spots else []
    pieces: list[list[dict[str, Any]]] = [[]]
    pages: list[list[int]] = [[] for _ in told]
    dropped = 0
    for at, table in enumerate(told):
        for row, cells in enumerate(table["rows"]):
            if (at, row) in cuts:
                pieces.append([])
            if row == 0:
                pieces[-1].append({**table, "rows": []})
            elif (at, row) in cuts:
                how = data.draw(st.sampled_from(["bare", "named", "headed", "header as a row"]))
                again = how == "header as a row" and bool(table["header"])
                dropped += again
                pieces[-1].append(
                    {
                        "title": table["title"] if how == "named" else None,
                        "header": table["header"] if how == "headed" else [],
                        "rows": [{"cells": list(table["header"])}] * again,
                    }
                )
            pieces[-1][-1]["rows"].append(cells)
            if len(pieces) not in pages[at]:
                pages[at].append(len(pieces))
    parts = [
        window(coerce(root, {"tables": [{**one, "pages": [page]} for one in piece]}, Coercion()), page)
        for page, piece in enumerate(pieces, 1)
    ]
    merged = merge(root, parts)
    whole = coerce(root, {"tables": [{**one, "pages": on} for one, on in zip(told, pages, strict=True)]}, Coercion())
    assert merged.value == whole
    assert {one.path: one.value for one in merged.fields} == dict(leaves(whole))
    assert len(merged.fields) == len(list(leaves(whole)))
    assert sum(one.rule == "merge:header" for one in merged.edits) == dropped
