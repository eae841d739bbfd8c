"""The fields of a schema as this engine sees them: kinds, labels and places; names.py makes labels of names."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from docpipe.literals.text import folded
from docpipe.schema.nodes import Node, Role

Shape = Literal["count", "value", "identifier", "text", "block", "name", "address", "rate"]

BLOCK_CHARS = 500  # a string that may be longer than this is a block of lines

_NUMBERING = re.compile(r"(?<![^\W\d_])(?:n\s?\.?\s?[o°]|nr|num|no|number|nummer|numero|n)(?![^\W\d_])|#")
_NUMBER_TAIL = re.compile(r"([^\W\d_]{2,})(?:nummer|nr)\b")
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%")
_CODE = re.compile(r"\(\s*[\d.,/ -]*\)")
_TOKEN = re.compile(r"[^\W\d_]+|%")
_FILLERS = frozenset({"in", "eur", "usd", "gbp", "chf", "sek", "dkk", "pln", "myr", "rm", "euro", "the"})

_IDENTIFYING = frozenset({"no", "id", "code", "ref", "reference", "sku"})
_RATES = ("%", "rate", "satz", "taux", "aliquota", "taxa", "tarif", "percent", "prozent")
_NAMES = ("name", "nom", "nombre", "nome", "naam", "company", "firma", "empresa", "bedrijf", "razon", "ragione")
_ADDRESSES = ("address", "anschrift", "adres", "direccion", "indirizzo", "endereco", "morada", "domicilio")
_COUNTS = ("quantity", "qty", "menge", "anzahl", "quantit", "cantidad", "aantal", "quantidade", "qte", "pieces")
_TYPE_WORDS = frozenset({"date", "datum", "data", "fecha", "total", "totale", "totaal", "summe", "gesamt"})


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One leaf of the schema. `section` and `array` are the paths of the object and array around it.

    `inner`: keys of its captions that mean it under its section's heading only: a bare "Name".
    """

    path: str
    node: Node
    section: str = ""
    array: str = ""
    shape: Shape = "value"
    role: Role = ""  # of the section
    plain: bool = False  # a label is the bare word for the type: this is the date, the total
    inner: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """An object of the schema: captions inside it mean its fields."""

    path: str
    role: Role
    node: Node


def words_of(text: str) -> list[str]:
    """The caption's words as keys see them."""
    return list(_words(text))


@lru_cache(maxsize=20_000)  # the same pieces of a page are looked at as captions, headers and totals
def _words(text: str) -> tuple[str, ...]:
    plain = _CODE.sub(" ", _PERCENT.sub(" ", folded(text)))
    plain = _NUMBERING.sub(" no ", _NUMBER_TAIL.sub(r"\1 no ", plain))
    return tuple(word for word in _TOKEN.findall(plain) if word not in _FILLERS)


def key_of(text: str) -> str:
    """The caption's key: its words without spaces."""
    return "".join(words_of(text))


def fields_of(node: Node, path: str, section: str, array: str, role: Role = "") -> Iterable[Field]:
    shapes = [_shape(child) for child in node.children]
    if role:
        shapes = _party_shapes(node, shapes)
    for child, shape in zip(node.children, shapes, strict=True):
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "object":
            yield from fields_of(child, here, here, array, child.role)
        elif child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not array:
                yield from fields_of(child.item, here, section, here)
        else:
            yield Field(here, child, section, array, shape, role, _plain(child))


def sections_of(node: Node, path: str) -> Iterable[Section]:
    for child in node.children:
        if child.kind == "object":
            here = f"{path}.{child.name}" if path else child.name
            yield Section(here, child.role, child)
            yield from sections_of(child, here)


def _share(node: Node, words: Iterable[str], whole: bool = False) -> float:
    """Share of the labels that hold one of `words`, as a token or as a part of their key."""
    labels = node.all_labels()
    wanted = tuple(words)
    if whole:
        hits = sum(any(word in wanted for word in words_of(label)) for label in labels)
    else:
        hits = sum(any(word in key_of(label) for word in wanted) for label in labels)
    return hits / len(labels) if labels else 0.0


def _shape(node: Node) -> Shape:
    """What a value looks like, as far as kind, length and the labels' own words tell."""
    if node.kind in ("number", "integer"):
        return "rate" if _share(node, _RATES) > 0.3 else "count" if _share(node, _COUNTS) > 0.2 else "value"
    if node.kind != "string" or node.enum or node.format or node.pattern:
        return "value"
    if _share(node, _ADDRESSES) > 0.25:
        return "address" if (node.max_length or BLOCK_CHARS) >= BLOCK_CHARS else "text"
    if _share(node, _NAMES) > 0.5:
        return "name"
    if _share(node, _IDENTIFYING, whole=True) > 0.3:
        return "identifier"
    return "text"


def _party_shapes(node: Node, shapes: list[Shape]) -> list[Shape]:
    """The shapes of a party's fields: an address takes several lines, and the first other text is the name."""
    found: list[Shape] = [
        "address" if shape == "text" and _share(child, _ADDRESSES) > 0.25 and not child.enum else shape
        for child, shape in zip(node.children, shapes, strict=True)
    ]
    if "name" not in found and "text" in found:
        found[found.index("text")] = "name"
    return found


def _plain(node: Node) -> bool:
    return any(key_of(label) in _TYPE_WORDS for label in node.all_labels())
