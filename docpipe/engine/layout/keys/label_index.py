"""The schema as keys: which printed words belong to which field, exact or nearly so.

A key's key is its words folded, numbering words made one ("Nr.", "N°", "#", "number"), currencies
and percentages left out, spaces dropped: "Rechnungs-Nr. (EUR)" and "RECHNUNGSNUMMER" are one key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rapidfuzz import fuzz, process

from docpipe.engine.layout.keys.field_names import Names, with_names
from docpipe.engine.layout.keys.fields import Field, Section, fields_of, key_of, sections_of, words_of
from docpipe.engine.layout.keys.owners import owner, side
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.currencies import iso_codes
from docpipe.schema.nodes import Role, Schema
from docpipe.schema.roles import FORM_ROLES

T = TypeVar("T")

BARE = weight("label.bare")  # quality of a label of one short word: "Total" says less than "Invoice total"
TELLING = 9  # letters of a single word that says as much as two: "Fälligkeitsdatum"
VERSION = weight("label.one_of_two_languages")  # quality of a label that is one of two languages in a key
COMPOUND = weight("label.compound")  # quality of a label that ends a longer word
SHORTENED = weight("label.abbreviated")  # quality of a label whose words are abbreviated
MIN_SHORT = 4  # letters of an abbreviated key
SPELLING = weight("label.spelling")  # of the similarity is the quality of a label that is spelt otherwise
UNNUMBERED = weight("label.unnumbered")  # quality of an identifier's label without its "No."
NUMBERED = ("no", "sno")  # what the key of such a label ends with: "Vorgangs-Nr"
OWNED = weight("label.owned")  # quality of a label with a word that says whose it is
NEARLY = 86.0  # of 100: Indel similarity from which two keys are the same words misspelt or inflected
SHORTEST = 0.75  # of the other's length: below it two keys cannot be NEARLY alike
MIN_FUZZY = 5  # letters of a key: shorter words are too near to each other
MIN_TAIL = 8  # letters of a label that may end a longer compound: "Handels|rechnung no"
MAX_KEY = 48  # letters of the longest key; what is longer is a sentence
CACHE = 20_000  # keys remembered; the same keys come back on every page

_TWICE = re.compile(r"\s+[/|]\s*|\s*[/|]\s+|/")
_PARENTHESIS = re.compile(r"\([^)]*\)?")


@dataclass(frozen=True, slots=True)
class Match:
    """A field that a key may name; `quality` in (0, 1], 1.0 where the words are a label.

    `inner`: they mean it under its section's heading only. `unnumbered`: they lack the label's word for a number.
    `general`: they stand beside many things.
    """

    field: Field
    quality: float
    inner: bool = False
    unnumbered: bool = False
    general: bool = False


@dataclass(slots=True)
class LabelIndex:
    """All keys of one schema, looked up in constant time."""

    schema: Schema
    fields: tuple[Field, ...]
    sections: tuple[Section, ...]
    by_key: dict[str, tuple[Field, ...]]
    section_keys: dict[str, tuple[Section, ...]]
    enum_words: dict[str, tuple[tuple[Field, str], ...]]  # key -> (field, the enum's value that it means)
    by_words: dict[int, tuple[tuple[str, ...], ...]]  # number of words -> the labels of so many words
    by_length: dict[int, tuple[str, ...]]  # number of letters -> the keys of so many letters
    longest: int
    own_names: frozenset[tuple[str, str]]  # (key, path) of the first label of a field in a language
    sides: dict[str, Role]  # key of a label that says whose it is -> the role that it says
    _found: dict[str, tuple[Match, ...]] = field(default_factory=dict)

    def exact(self, key: str) -> tuple[Field, ...]:
        """Fields that have this very label."""
        return self.by_key.get(key, ())

    def names_others(self, text: str) -> bool:
        """Whether a key is a label with a word for whose it is, which no field of that label is: "Our ref"."""
        words = words_of(text)
        return bool(side(words)) and bool(self.exact("".join(words[1:]))) and not self.matches(text)

    def is_of(self, role: Role, labelled: Field) -> bool:
        """Whether a field can be of the party that a key names: its labels do not all name the other one."""
        sides = {self.sides.get(key_of(label), "") for label in labelled.node.all_labels()} - {""} if role else set()
        return not sides or role in sides

    def sections_of(self, text: str) -> tuple[Section, ...]:
        """Sections whose heading this is, in one of the languages it is printed in."""
        for part in (text, *_versions(text)):
            found = self.section_keys.get(key_of(part), ())
            if found:
                return found
        return ()

    def matches(self, text: str) -> tuple[Match, ...]:
        """Fields that a key may name: exactly, in two languages, misspelt, or as a compound's head."""
        words = words_of(text)
        key = "".join(words)
        if not key or len(key) > MAX_KEY:
            return ()
        if text not in self._found:  # by the text: "A / B" is two keys, "A B" is one
            if len(self._found) >= CACHE:
                self._found.clear()
            self._found[text] = self._look(text, words, key)
        return self._found[text]

    def _look(self, text: str, words: Sequence[str], key: str) -> tuple[Match, ...]:
        if key in self.by_key:
            quality = 1.0 if len(words) > 1 or len(key) >= TELLING else BARE
            return tuple(_match(schema_field, quality, key) for schema_field in self.by_key[key])
        versions = {named: part for part in map(key_of, _versions(text)) for named in self.exact(part)}
        if versions:
            return tuple(_match(named, VERSION, part) for named, part in versions.items())
        if key in self.section_keys:
            return ()
        owned = self._owned(words)
        if any(not match.field.array for match in owned):
            return owned
        others = self._unnumbered(key) or self._near(key, len(words[0]), side(words)) or self._abbreviated(words, text)
        return (*owned, *others)

    def _unnumbered(self, key: str) -> tuple[Match, ...]:
        """A label of an identifier without its word for a number: "Beleg" for "Beleg-Nr"."""
        fields = ((labelled, key + ending) for ending in NUMBERED for labelled in self.exact(key + ending))
        return tuple(
            Match(labelled, UNNUMBERED, whole in labelled.inner, unnumbered=True)
            for labelled, whole in fields
            if labelled.type == "identifier"
        )

    def _owned(self, words: Sequence[str]) -> tuple[Match, ...]:
        """A label with a word for whose it is: "Your VAT no", "VAT no customer"."""
        role = side(words)
        if role:
            fields = [
                owned
                for owned in self.exact("".join(words[1:]))
                if owned.role in ("", role) and self.is_of(role, owned)
            ]
            return tuple(Match(owned, OWNED) for owned in fields)
        for cut in range(1, len(words)):
            left, right = "".join(words[:cut]), "".join(words[cut:])
            for label, heading in ((left, right), (right, left)):
                paths = {section.path for section in self.section_keys.get(heading, ())}
                fields = [owned for owned in self.exact(label) if owned.section in paths]
                if fields:
                    return tuple(Match(owned, OWNED) for owned in fields)
        return ()

    def _near(self, key: str, first: int, said: Role) -> tuple[Match, ...]:
        """Fields of the label nearest to an unknown key; a compound may add to the `first` letters only.

        `said`: the role that the key names. "Notre référence" is no misspelt "Votre référence".
        """
        for start in range(1, min(first, len(key) - MIN_TAIL + 1)):
            if key[start:] in self.by_key and owner(key[:start], self.section_keys) != "issuer":
                return tuple(_match(named, COMPOUND, key[start:]) for named in self.by_key[key[start:]])
        if len(key) < MIN_FUZZY:
            return ()
        reach = range(int(len(key) * SHORTEST), int(len(key) / SHORTEST) + 1)
        choices = [other for length in reach for other in self.by_length.get(length, ())]
        if said:
            choices = [other for other in choices if self.sides.get(other, said) == said]
        found = process.extractOne(key, choices, scorer=fuzz.ratio, score_cutoff=NEARLY)
        return (
            tuple(_match(named, SPELLING * found[1] / 100.0, found[0]) for named in self.by_key[found[0]])
            if found
            else ()
        )

    def _abbreviated(self, words: Sequence[str], text: str) -> tuple[Match, ...]:
        """Fields whose label the words shorten: "Inv. No." is "Invoice No", "Cod. cli." is "Codice cliente"."""
        if "." not in text or sum(map(len, words)) < MIN_SHORT:
            return ()
        for label in self.by_words.get(len(words), ()):
            if all(map(_shortens, words, label)):
                return tuple(_match(named, SHORTENED, "".join(label)) for named in self.by_key["".join(label)])
        return ()


def _match(named: Field, quality: float, key: str) -> Match:
    quality *= named.qualities.get(key, 1.0)
    return Match(named, quality, key in named.inner, general=key in named.general)


def _shortens(short: str, word: str) -> bool:
    """True if `short` is the word or drops letters of it but not its first."""
    if short == word or (len(short) > 1 and word.startswith(short)):
        return True
    letters = iter(word)
    return 1 < len(short) < len(word) and short[0] == word[0] and all(letter in letters for letter in short)


def _versions(text: str) -> list[str]:
    """The parts of a key printed twice over: "Datum / Date", "Total (TTC)"."""
    parts = [part for whole in _TWICE.split(text.rstrip(": ")) for part in (whole, _PARENTHESIS.sub(" ", whole))]
    return [part for part in parts if part != text]


def build_index(schema: Schema, names: Mapping[str, Names] | None = None) -> LabelIndex:
    """The label index of a schema; costs a few milliseconds, so keep it.

    `names`: path -> what labels that were made of names may not do.
    """
    iso_codes()  # loads locale data once, outside the first page's time
    fields = tuple(with_names(fields_of(schema.root, "", "", ""), names or {}))
    sections = tuple(sections_of(schema.root, ""))
    forms = {path for path, array in schema.root.arrays() if array.role in FORM_ROLES}
    keys = {labelled: labelled.node.all_labels() for labelled in fields if labelled.array not in forms}
    labels = [label for found in keys.values() for label in found]
    by_words: dict[int, dict[tuple[str, ...], None]] = {}
    for words in map(words_of, labels):
        by_words.setdefault(len(words), {})[tuple(words)] = None
    by_key = _grouped((key_of(label), labelled) for labelled, found in keys.items() for label in found)
    by_length: dict[int, list[str]] = {}
    for key in by_key:
        by_length.setdefault(len(key), []).append(key)
    return LabelIndex(
        schema=schema,
        fields=fields,
        sections=sections,
        by_key=by_key,
        section_keys=_grouped((key_of(label), section) for section in sections for label in section.node.all_labels()),
        enum_words=_grouped(pair for choice in fields if choice.node.enum for pair in _enum_words(choice)),
        by_words={count: tuple(found) for count, found in by_words.items()},
        by_length={length: tuple(keys) for length, keys in by_length.items()},
        longest=max((len(label.split()) + 1 for label in labels), default=1),
        own_names=frozenset(
            (key_of(words[0]), labelled.path) for labelled in fields for words in labelled.node.labels.values() if words
        ),
        sides={key_of(label): said for label in labels if (said := side(words_of(label)))},
    )


def _grouped(pairs: Iterable[tuple[str, T]]) -> dict[str, tuple[T, ...]]:
    """key -> its things, in order and once each; an empty key names nothing."""
    found: dict[str, dict[T, None]] = {}
    for key, thing in pairs:
        if key:
            found.setdefault(key, {})[thing] = None
    return {key: tuple(things) for key, things in found.items()}


def _enum_words(choice: Field) -> Iterable[tuple[str, tuple[Field, str]]]:
    """Keys of the words that documents print for an enum's values, and of the values themselves."""
    for value in choice.node.enum:
        yield key_of(value.replace("_", " ")), (choice, value)
    for value, words in choice.node.values.items():
        for word in words:
            yield key_of(word), (choice, value)
