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
    flat = [field for field in index.fields if not field.array]
    numbers = [field for field in flat if field.node.kind == "number"]
    found = []
    for text in (field for field in flat if field.node.kind == "string" and field.type == "text" and not field.section):
        labels = _keys(text)
        amounts = tuple(number for number in numbers if len(labels & _keys(number)) >= LEAST_SHARED)
        if amounts:
            names = {amount.path for amount in amounts}
            tied = {name for equation in equations if not names.isdisjoint(equation.names) for name in equation.names}
            total = next((number for number in numbers if number.plain and number.path in tied), None)
            found.append(KeyAsValue(text, amounts, total))
    return tuple(found)


def _keys(field: Field) -> frozenset[str]:
    return frozenset(key_of(label) for label in field.node.all_labels())
