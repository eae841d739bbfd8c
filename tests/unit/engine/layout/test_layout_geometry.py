"""A length says its unit, a wrong one is refused, and none stands in the code of a reader."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, fields, make_dataclass
from pathlib import Path
from typing import Any

import pytest

import docpipe.engine.layout as layout
from docpipe.engine.layout.forms.params import PARAMS as FORMS
from docpipe.engine.layout.geometry import Params
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.receipts.params import PARAMS as RECEIPTS
from docpipe.engine.layout.scalars.params import PARAMS as SCALARS
from docpipe.engine.layout.tables.params import PARAMS as TABLES

FOLDER = Path(layout.__file__).parent
READERS = [
    path
    for room in ("forms", "parties", "receipts", "scalars", "tables")
    for path in sorted(FOLDER.glob(f"{room}/*.py"))
    if path.name != "params.py"
]
NEUTRAL = {0.0, 1.0, 1e-6}  # nothing, all of it, and no division by nothing


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("gap_pt", 0.0, "above 0"),
        ("gap_pt", -1.0, "above 0"),
        ("gap_pitches", float("nan"), "above 0"),
        ("gap_em", float("inf"), "above 0"),
        ("most_rules", 0, "above 0"),
        ("side_pt", (3.0, 2.0), "must rise"),
        ("side_pt", (2.0, 2.0), "must rise"),
        ("left_share", 1.01, "at most 1"),
        ("square_ratio", 0.9, "at least 1"),
        ("gap", 1.5, "must end with its unit"),
    ],
)
def test_a_value_that_its_unit_cannot_have_is_refused(name: str, value: Any, why: str) -> None:
    params = make_dataclass("Gaps", [name], bases=(Params,), frozen=True)
    with pytest.raises(ValueError, match=f"Gaps.{name} = .*{why}"):
        params(value)


@pytest.mark.parametrize(
    ("name", "value"), [("gap_pt", 0.1), ("side_pt", (2.0, 3.0)), ("left_share", 1.0), ("a_ratio", 1.0), ("most", 3)]
)
def test_a_value_that_its_unit_can_have_is_taken(name: str, value: Any) -> None:
    params = make_dataclass("Gaps", [name], bases=(Params,), frozen=True)(value)
    assert getattr(params, name) == value


def test_a_group_of_params_is_checked_by_itself() -> None:
    @dataclass(frozen=True, slots=True)
    class Inner(Params):
        gap_pt: float = 1.0

    assert make_dataclass("Outer", ["inner"], bases=(Params,), frozen=True)(Inner()).inner == Inner()


def names(params: Params) -> Iterator[str]:
    for field in fields(params):
        value = getattr(params, field.name)
        yield from names(value) if isinstance(value, Params) else (field.name,)


def test_every_parameter_is_used() -> None:
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in FOLDER.rglob("*.py")]
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert {name for params in (FORMS, TABLES, RECEIPTS, PARTIES, SCALARS) for name in names(params)} <= used


@pytest.mark.parametrize("path", READERS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_length_is_written_in_code(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    numbers = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, float)]
    assert [(node.lineno, node.value) for node in numbers if node.value not in NEUTRAL] == []
