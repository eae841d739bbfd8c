"""Whatever later answers say: only what was asked for changes, never unseen, and never to nothing."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from docpipe.records import Reply
from docpipe.resolve.amend import Amendment, amended, json_copy
from docpipe.resolve.follow_up import FollowUp, Rung
from docpipe.resolve.tolerant import Decoded
from docpipe.schema.paths import leaves, parts, value_at

ABSENT = object()
scalars = st.none() | st.integers(0, 3) | st.sampled_from(["a", "b", "c"])
rows = st.lists(st.fixed_dictionaries({}, optional={"text": scalars, "amount": scalars, "unit": scalars}), max_size=4)
records = st.fixed_dictionaries(
    {"net": scalars, "tax": scalars, "shop": st.fixed_dictionaries({"name": scalars, "city": scalars}), "lines": rows}
)
anything = st.recursive(scalars, lambda below: st.lists(below, max_size=3) | st.dictionaries(
    st.sampled_from(["net", "shop", "name", "lines", "text", "amount"]), below, max_size=3), max_leaves=8)  # fmt: skip
answers = records | st.fixed_dictionaries(
    {}, optional={"net": anything, "tax": anything, "shop": anything, "lines": anything}
)
FIELDS = ("net", "tax", "shop.name", "shop.city")


@st.composite
def questions(draw: st.DrawFn, first: dict[str, Any]) -> FollowUp:
    """A question as follow_up and second ask them: about fields, cells of rows or a whole list."""
    rung: Rung = draw(st.sampled_from(["fields", "closer", "cells", "rows", "continue", "second"]))
    cells = [f"lines[{at}].{name}" for at in range(len(first["lines"])) for name in ("text", "amount")]
    known = {"fields": FIELDS, "closer": FIELDS, "cells": cells, "second": [*FIELDS, *cells, "lines"]}
    paths = known.get(rung, ["lines"])
    asked = draw(st.lists(st.sampled_from(paths), min_size=1, max_size=3, unique=True)) if paths else []
    return FollowUp(rung, tuple(asked), (), {}, (1,))


def leaf_at(value: Any, path: str) -> Any:
    for part in parts(path):
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return ABSENT
    return value


@settings(max_examples=60, deadline=None)
@given(first=records, data=st.data())
def test_what_was_not_asked_for_stays_and_every_change_is_an_edit(first: dict[str, Any], data: st.DataObject) -> None:
    asked = [data.draw(questions(first)) for _ in range(data.draw(st.integers(0, 3)))]
    told = [Amendment(one, Reply(json.dumps(data.draw(answers)), "stop", "vlm")) for one in asked]
    before = json_copy(first)
    found = amended(Decoded(first), told)
    assert first == before, "the first answer stays what it was"

    named = {path for one in asked for path in one.paths}
    edited = {edit.path for edit in found.edits}
    assert edited <= named
    assert all(edit.rule.startswith("asked:") and edit.after is not None for edit in found.edits)
    for path, leaf in leaves(first):
        now = leaf_at(found.value, path)
        assert now not in (None, ABSENT) or any(path.startswith(f"{one}[") for one in edited), "nothing becomes null"
        assert now == leaf or any(path == one or path.startswith(f"{one}[") for one in edited)
    for path, _ in leaves(found.value):
        known = leaf_at(first, path) == leaf_at(found.value, path)
        assert known or any(path == one or path.startswith((f"{one}[", f"{one}.")) for one in edited)


@settings(max_examples=60, deadline=None)
@given(first=records, answer=answers)
def test_a_list_never_loses_a_row(first: dict[str, Any], answer: dict[str, Any]) -> None:
    for rung in ("rows", "continue", "second"):
        found = amended(
            Decoded(first),
            [Amendment(FollowUp(rung, ("lines",), (), {}, (1,)), Reply(json.dumps(answer), "stop", "x"))],
        )
        assert len(value_at(found.value, "lines")) >= len(first["lines"])
        if rung == "continue":
            assert found.value["lines"][: len(first["lines"])] == first["lines"]
