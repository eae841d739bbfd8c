"""The shipped checks are true of every right document, and tell most wrong amounts."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest

from docpipe.schema.checks import evaluate
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Node
from docpipe.synth.generate import KINDS, Order, lines, make

SCHEMAS = {"invoice": "invoice", "bundle": "invoice", "orders": "invoice", "receipt": "receipt"}
OTHERS = {
    "form": "form",
    "siblings": "form",
    "copies": "form",
    "table": "table",
    "chart": "chart",
}  # whose schemas have no checks
STATEMENT = "statement"  # no schema is shipped for it
SEEDS = (11, 4711)


@lru_cache(maxsize=8)
def records(kind: str, seed: int, count: int = 14) -> tuple[dict[str, Any], ...]:
    """The labels of some documents, numbers exact as in a record."""
    order = Order(kind.removeprefix("hard "), seed, boxes=False, hard=float(kind.startswith("hard ")))
    products = (make(order, index) for index in range(count))
    return tuple(exact(line["label"]) for product in products for line in lines(order, product))


def exact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: exact(below) for name, below in value.items()}
    if isinstance(value, list):
        return [exact(below) for below in value]
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


def amounts(node: Node, value: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The keys to every amount of money that is not zero."""
    if isinstance(value, dict):
        for child in node.children:
            yield from amounts(child, value.get(child.name), (*keys, child.name))
    elif isinstance(value, list) and node.item is not None:
        for index, below in enumerate(value):
            yield from amounts(node.item, below, (*keys, index))
    elif node.type == "money" and value:
        yield keys


def in_whole_units(record: dict[str, Any]) -> bool:
    """Whether money that has cents is printed without them, as in Colombia: rounded by more than checks allow."""
    return record["currency"] in ("COP", "TWD", None) and not record["total"] % 1 and record["total"] > 1000


def test_every_kind_is_looked_at_whose_schema_has_checks() -> None:
    assert {*SCHEMAS, *OTHERS, STATEMENT} == set(KINDS)
    assert not any(load_schema(schema).checks for schema in OTHERS.values())


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", [*SCHEMAS, "hard invoice", "hard receipt"])
def test_right_labels_break_no_shipped_check(kind: str, seed: int) -> None:
    checks = load_schema(SCHEMAS[kind.removeprefix("hard ")]).checks
    count = 40 if kind.startswith("hard ") else 14
    exact_enough = [record for record in records(kind, seed, count) if not in_whole_units(record)]
    broken = [violation.message for record in exact_enough for violation in evaluate(checks, record)]
    assert broken == []
    assert len(exact_enough) > count * 0.8


@pytest.mark.parametrize("kind", ["invoice", "receipt"])
@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda amount: amount + 1, id="a digit"),
        pytest.param(lambda amount: amount * 10, id="a place"),
        pytest.param(lambda amount: -amount, id="a sign"),
    ],
)
def test_a_check_tells_most_wrong_amounts(kind: str, wrong: Any) -> None:
    schema = load_schema(SCHEMAS[kind])
    told = spoilt = 0
    for record in records(kind, SEEDS[0]):
        for keys in amounts(schema.root, record):
            other = deepcopy(record)
            home: Any = other
            for key in keys[:-1]:
                home = home[key]
            home[keys[-1]] = wrong(home[keys[-1]])
            spoilt += 1
            told += bool(evaluate(schema.checks, other))
    print(f"{kind}: {told} of {spoilt} wrong amounts told")
    assert told >= 0.8 * spoilt
