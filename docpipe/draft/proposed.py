"""A schema document from what repeats over samples: fields, lists with columns, labels as printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from docpipe.draft.gathered import Gathered, List
from docpipe.draft.kinds import ValueKind
from docpipe.draft.languages import language_of
from docpipe.draft.leaves import Leaf, names
from docpipe.literals.text import folded
from docpipe.schema.names import is_name

MOST_LABELS = 12  # of one field: what hundreds of layouts print is no label list
MOST_NAME_CHARS = 48

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NO_LETTERS = re.compile(r"[^a-z0-9]+")
_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_NUMBER: Mapping[str, Any] = {"type": ["number", "null"]}
OF_KIND: Mapping[ValueKind, Mapping[str, Any]] = {  # what a schema says of values of a type
    "boolean": {"type": ["boolean", "null"]},
    "currency": {**_TEXT, "format": "currency"},
    "date": {**_TEXT, "format": "date"},
    "email": {**_TEXT, "format": "email"},
    "iban": {**_TEXT, "format": "iban"},
    "identifier": {**_TEXT, "x-docpipe": {"type": "identifier"}},
    "integer": {"type": ["integer", "null"]},
    "money": {**_NUMBER, "x-docpipe": {"type": "money", "scale": 3}},
    "number": {**_NUMBER, "x-docpipe": {"scale": 3}},
    "rate": {**_NUMBER, "x-docpipe": {"type": "rate", "scale": 2}},
    "string": _TEXT,
}
_ITEMS = frozenset(("quantity", "unit_price", "price", "line_total"))  # concepts of what is sold


def proposed_schema(found: Gathered, title: str) -> dict[str, Any]:
    """A JSON Schema with a field for every key, optional and nullable, and a list for every table."""
    seen = found.languages
    fields = names(found.fields, slug)
    properties: dict[str, Any] = {name: _field(leaf, found.samples, seen) for name, leaf in fields.items()}
    for at, table in enumerate(found.lists, 1):
        name = _list_name(table, at, properties)
        properties[name] = _list(table, found.samples, seen)
    return {
        "$schema": DIALECT,
        "title": title,
        "description": f"Drafted from {found.samples} sample document{'s' * (found.samples > 1)}: review every field.",
        "type": "object",
        "properties": properties,
    }


def slug(text: str) -> str:
    """A property's name from a printed text; "" where it has no Latin letter."""
    words = _NO_LETTERS.sub("_", folded(text).replace("ß", "ss")).strip("_")
    name = words[:MOST_NAME_CHARS].strip("_")
    if name and not name[0].isalpha():
        name = f"f_{name}"
    return name if is_name(name) and any(char.isalpha() for char in words) else ""


def labels(printed: Iterable[str], seen: Sequence[str]) -> dict[str, list[str]]:
    """language -> texts as they are printed, once each whatever their case."""
    found: dict[str, list[str]] = {}
    known: set[str] = set()
    for text in printed:
        if folded(text) not in known and len(known) < MOST_LABELS:
            known.add(folded(text))
            found.setdefault(language_of(text, seen), []).append(text)
    return found


def _field(leaf: Leaf, samples: int, seen: Sequence[str], where: str = "samples") -> dict[str, Any]:
    said = OF_KIND[leaf.kind]
    return {
        "description": f'Printed in {leaf.samples} of {samples} {where} as "{_quoted(leaf.printed[0])}".',
        **said,
        "x-docpipe": {**said.get("x-docpipe", {}), "labels": labels(leaf.printed, seen)},
    }


def _list(table: List, samples: int, seen: Sequence[str]) -> dict[str, Any]:
    columns = names(table.columns, slug)
    role = {"x-docpipe": {"role": "line_items"}} if _is_of_items(table) else {}
    return {
        "description": f"A table that is printed in {table.samples} of {samples} samples.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                name: _field(leaf, table.samples, seen, "samples with the table") for name, leaf in columns.items()
            },
        },
        **role,
    }


def _is_of_items(table: List) -> bool:
    """Whether the table is of what is sold: a text, an amount, and a column of counts or prices."""
    concepts = {leaf.concept.name for leaf in table.columns if leaf.concept is not None}
    kinds = {leaf.kind for leaf in table.columns}
    return "string" in kinds and "money" in kinds and not concepts.isdisjoint(_ITEMS)


def _list_name(table: List, at: int, taken: Iterable[str]) -> str:
    base = "line_items" if _is_of_items(table) else f"table_{at}"
    return next(name for name in (base, *(f"{base}_{n}" for n in range(2, at + 3))) if name not in taken)


def _quoted(text: str) -> str:
    return text.replace('"', "'")
