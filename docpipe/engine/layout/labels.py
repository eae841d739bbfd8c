"""The schema as captions: which printed words belong to which field, exact or nearly so.

A caption's key is its words folded, numbering words made one ("Nr.", "N°", "#", "number"), currencies
and percentages left out, spaces dropped: "Rechnungs-Nr. (EUR)" and "RECHNUNGSNUMMER" are one key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from rapidfuzz import fuzz, process

from docpipe.schema.nodes import Node, Role, Schema
from docpipe.schema.values import currency_symbols, folded

Shape = Literal["value", "identifier", "text", "block", "name", "address", "rate"]

NEARLY = 86.0  # of 100: Indel similarity from which two captions are the same words misspelt or inflected
MIN_FUZZY = 5  # letters of a key: shorter words are too near to each other
MIN_TAIL = 8  # letters of a label that may end a longer compound: "Handels|rechnung no"
MAX_KEY = 48  # letters of the longest caption; what is longer is a sentence
BLOCK_CHARS = 500  # a string that may be longer than this is a block of lines
CACHE = 20_000  # keys remembered; the same captions come back on every page

_NUMBERING = re.compile(r"(?<![^\W\d_])(?:n\s?\.?\s?[o°]|nr|num|no|number|nummer|numero|n)(?![^\W\d_])|#")
_NUMBER_TAIL = re.compile(r"([^\W\d_]{2,})(?:nummer|nr)\b")
_PERCENT = re.compile(r"\d+(?:[.,]\d+)?\s*%")
_CODE = re.compile(r"\(\s*[\d.,/ -]*\)")
_TOKEN = re.compile(r"[^\W\d_]+|%")
_FILLERS = frozenset({"in", "eur", "usd", "gbp", "chf", "euro", "the"})

_IDENTIFYING = frozenset({"no", "id", "code", "ref", "reference", "sku"})
_RATES = ("%", "rate", "satz", "taux", "aliquota", "taxa", "tarif", "percent", "prozent")
_NAMES = ("name", "nom", "nombre", "nome", "naam", "company", "firma", "empresa", "bedrijf", "razon", "ragione")
_ADDRESSES = ("address", "anschrift", "adres", "direccion", "indirizzo", "endereco", "morada", "domicilio")
_TYPE_WORDS = frozenset({"date", "datum", "data", "fecha", "total", "totale", "totaal", "summe", "gesamt"})


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One leaf of the schema. `section` and `array` are the paths of the object and array around it."""

    path: str
    node: Node
    section: str = ""
    array: str = ""
    shape: Shape = "value"
    role: Role = ""  # of the section
    plain: bool = False  # a label is the bare word for the type: this is the date, the total


@dataclass(frozen=True, slots=True)
class Section:
    """An object of the schema: captions inside it mean its fields."""

    path: str
    role: Role
    node: Node


@dataclass(frozen=True, slots=True)
class Match:
    """A field that a caption may name; `quality` in (0, 1], 1.0 where the words are a label."""

    field: Field
    quality: float


@dataclass(slots=True)
class LabelIndex:
    """All captions of one schema, looked up in constant time."""

    schema: Schema
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    by_key: dict[str, tuple[Field, ...]]
    section_keys: dict[str, tuple[Section, ...]]
    longest: int
    _near: dict[str, tuple[str, float] | None] = field(default_factory=dict)

    def exact(self, key: str) -> tuple[Field, ...]:
        """Fields that have this very label."""
        return self.by_key.get(key, ())

    def section_of(self, key: str) -> tuple[Section, ...]:
        """Sections whose heading this is."""
        return self.section_keys.get(key, ())

    def matches(self, text: str) -> tuple[Match, ...]:
        """Fields that a caption may name: exactly, misspelt, or as the head of a compound."""
        words = words_of(text)
        key = "".join(words)
        if not key or len(key) > MAX_KEY:
            return ()
        if key in self.by_key:
            return tuple(Match(one, 1.0) for one in self.by_key[key])
        near = self._nearest(key, len(words[0]))
        return tuple(Match(one, near[1]) for one in self.by_key.get(near[0], ())) if near else ()

    def _nearest(self, key: str, first: int) -> tuple[str, float] | None:
        if key not in self._near:
            if len(self._near) >= CACHE:
                self._near.clear()
            self._near[key] = self._look(key, first)
        return self._near[key]

    def _look(self, key: str, first: int) -> tuple[str, float] | None:
        """The label nearest to an unknown key; a compound may add to the `first` letters only."""
        if key in self.section_keys:
            return None
        for start in range(1, min(first, len(key) - MIN_TAIL + 1)):
            if key[start:] in self.by_key:
                return key[start:], 0.8
        if len(key) < MIN_FUZZY:
            return None
        found = process.extractOne(key, self.by_key.keys(), scorer=fuzz.ratio, score_cutoff=NEARLY)
        return (found[0], 0.9 * found[1] / 100.0) if found else None


def words_of(text: str) -> list[str]:
    """The caption's words as keys see them."""
    plain = _CODE.sub(" ", _PERCENT.sub(" ", folded(text)))
    plain = _NUMBERING.sub(" no ", _NUMBER_TAIL.sub(r"\1 no ", plain))
    return [word for word in _TOKEN.findall(plain) if word not in _FILLERS]


def key_of(text: str) -> str:
    """The caption's key: its words without spaces."""
    return "".join(words_of(text))


def build_index(schema: Schema) -> LabelIndex:
    """The label index of a schema; costs a few milliseconds, so keep it."""
    currency_symbols()  # loads locale data once, outside the first page's time
    fields = tuple(_fields(schema.root, "", "", ""))
    sections = tuple(_sections(schema.root, ""))
    by_key: dict[str, list[Field]] = {}
    for one in fields:
        for key in dict.fromkeys(map(key_of, one.node.all_labels())):
            by_key.setdefault(key, []).append(one)
    section_keys: dict[str, list[Section]] = {}
    for section in sections:
        for key in dict.fromkeys(map(key_of, section.node.all_labels())):
            section_keys.setdefault(key, []).append(section)
    for index in (by_key, section_keys):
        index.pop("", None)
    longest = max((len(label.split()) + 1 for one in fields for label in one.node.all_labels()), default=1)
    return LabelIndex(
        schema=schema,
        fields=fields,
        sections=sections,
        by_key={key: tuple(found) for key, found in by_key.items()},
        section_keys={key: tuple(found) for key, found in section_keys.items()},
        longest=longest,
    )


def _fields(node: Node, path: str, section: str, array: str, role: Role = "") -> Iterable[Field]:
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "object":
            yield from _fields(child, here, here, array, child.role)
        elif child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not array:
                yield from _fields(child.item, here, section, here)
        else:
            yield Field(here, child, section, array, _shape(child), role, _plain(child))


def _sections(node: Node, path: str) -> Iterable[Section]:
    for child in node.children:
        if child.kind == "object":
            here = f"{path}.{child.name}" if path else child.name
            yield Section(here, child.role, child)
            yield from _sections(child, here)


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
        return "rate" if _share(node, _RATES) > 0.3 else "value"
    if node.kind != "string" or node.enum or node.format or node.pattern:
        return "value"
    if _share(node, _ADDRESSES) > 0.5:
        return "address" if (node.max_length or BLOCK_CHARS) >= BLOCK_CHARS else "text"
    if _share(node, _NAMES) > 0.5:
        return "name"
    if _share(node, _IDENTIFYING, whole=True) > 0.3:
        return "identifier"
    return "text"


def _plain(node: Node) -> bool:
    return any(key_of(label) in _TYPE_WORDS for label in node.all_labels())
