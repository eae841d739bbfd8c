"""Texts of a schema whose value is the key of an amount: "VISA 13.14" says how 13.14 was paid.

A text field and an amount that share labels ("Cash", "Bar", "Contanti") are such a pair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.schema.equations import Equation

LEAST_SHARED = 3  # labels that both fields have; fewer are a coincidence


@dataclass(frozen=True, slots=True)
class KeyAsValue:
    """A text, the amounts that share its labels, and the sum which such an amount may repeat, plus extras."""

    text: Field
    amounts: tuple[Field, ...]
    total: Field | None


def keys_as_values(index: LabelIndex, equations: Iterable[Equation]) -> tuple[KeyAsValue, ...]:
    """The texts of a schema that keys of amounts can fill."""
    flat = [one for one in index.fields if not one.array]
    numbers = [one for one in flat if one.node.kind == "number"]
    found = []
    for text in (one for one in flat if one.node.kind == "string" and one.type == "text" and not one.section):
        labels = _keys(text)
        amounts = tuple(one for one in numbers if len(labels & _keys(one)) >= LEAST_SHARED)
        if amounts:
            names = {one.path for one in amounts}
            tied = {name for equation in equations if not names.isdisjoint(equation.names) for name in equation.names}
            total = next((one for one in numbers if one.plain and one.path in tied), None)
            found.append(KeyAsValue(text, amounts, total))
    return tuple(found)


def _keys(one: Field) -> frozenset[str]:
    return frozenset(key_of(label) for label in one.node.all_labels())
