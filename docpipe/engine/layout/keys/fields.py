"""The fields of a schema as this engine sees them: kinds, labels and places; names.py makes labels of names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from docpipe.literals.currencies import MILLS, Sign, minor_units, signs_in
from docpipe.literals.lexicon import all_languages, any_of
from docpipe.literals.text import folded
from docpipe.schema.nodes import Node, Role, ValueType

MAX_SIGN_CHARS = 7  # of a code or a sign in brackets: "(Rs.)"

_WORDS = all_languages()
_NUMBERING = re.compile(
    rf"(?<![^\W\d_])(?:n\s?\.?\s?[o°]|{'|'.join(re.escape(folded(word)) for word in _WORDS.number)})(?![^\W\d_])|#"
)
_NUMBER_TAIL = re.compile(rf"(?<=[^\W\d_]{{2}}){any_of(_WORDS.number_endings, inside=True)}")
_PERCENT = re.compile(r"(?<!\d)\d+(?:[.,]\d+)?\s*%")
_CODE = re.compile(r"\(\s*[\d.,/ -]*\)")
_TOKEN = re.compile(r"[^\W\d_]+|%")
_CURRENCIES = ("eur", "usd", "gbp", "chf", "sek", "dkk", "pln", "myr", "rm", "euro")
_FILLERS = frozenset((*_CURRENCIES, *map(folded, _WORDS.label_fillers)))


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One leaf of the schema. `section` and `array` are the paths of the object and array around it.

    `type`: what the schema says that its values mean; a string of which it says nothing is text.
    `inner`: keys of its keys that mean it under its section's heading only: a bare "Name".
    `qualities`: of keys that are no labels but captions of what it means, how good each is; `general`: those that
    stand beside many things. `shape`: the form of a text that the schema says nothing of: "date", "number", "time", ...
    """

    path: str
    node: Node
    section: str = ""
    array: str = ""
    type: ValueType = ""
    role: Role = ""  # of the section
    plain: bool = False  # a label is the bare word for the type: this is the date, the total
    inner: frozenset[str] = frozenset()
    qualities: Mapping[str, float] = field(default_factory=dict)
    general: frozenset[str] = frozenset()
    shape: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """An object of the schema: keys inside it mean its fields."""

    path: str
    role: Role
    node: Node


def words_of(text: str) -> list[str]:
    """The key's words as keys see them."""
    return list(_words(text))


@lru_cache(maxsize=20_000)  # the same pieces of a page are looked at as keys, headers and totals
def _words(text: str) -> tuple[str, ...]:
    plain = _CODE.sub(" ", _PERCENT.sub(" ", folded(_without_currency(text))))
    plain = _NUMBERING.sub(" no ", _NUMBER_TAIL.sub(" no ", plain))
    return tuple(word for word in _TOKEN.findall(plain) if word not in _FILLERS)


def _without_currency(text: str) -> str:
    """A key without the code or sign at its end, which is its amount's: "Total Rs.", "Amount (KWD)"."""
    first, _, last = text.rstrip(": ").rpartition(" ")
    signs = signs_in(last.strip("()[]")) if first and len(last) <= MAX_SIGN_CHARS else ()
    return first if any(sign.text == last.strip("()[]") and _ends_key(sign) for sign in signs) else text


def _ends_key(sign: Sign) -> bool:
    """Whether a sign ends a key without an amount behind it: not if it may be a word, but for codes of dinars."""
    return not sign.at_amount or minor_units(sign.codes[0]) == MILLS


@lru_cache(maxsize=20_000)
def key_of(text: str) -> str:
    """The key's key: its words without spaces."""
    return "".join(_words(text))


_BARE_LABELS = frozenset(map(key_of, (*_WORDS.date_labels, *_WORDS.total_labels)))


def fields_of(node: Node, path: str, section: str, array: str, role: Role = "") -> Iterable[Field]:
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "object":
            yield from fields_of(child, here, here, array, child.role)
        elif child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not array:
                yield from fields_of(child.item, here, section, here)
        else:
            yield Field(here, child, section, array, child.type or type_of_kind(child), role, _plain(child))


def type_of_kind(node: Node) -> ValueType:
    """The type of a value of which the schema says nothing more: "text" of a string that may be anything."""
    return "" if node.kind != "string" or node.enum or node.format or node.pattern else "text"


def sections_of(node: Node, path: str) -> Iterable[Section]:
    for child in node.children:
        if child.kind == "object":
            here = f"{path}.{child.name}" if path else child.name
            yield Section(here, child.role, child)
            yield from sections_of(child, here)


def _plain(node: Node) -> bool:
    return any(key_of(label) in _BARE_LABELS for label in node.all_labels())
