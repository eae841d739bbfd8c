"""Labels for the fields of a schema that have none: from their names, from captions, from what samples print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from docpipe.draft.gathered import Gathered, Leaf
from docpipe.draft.kinds import ValueKind
from docpipe.draft.languages import language_of, languages_of, languages_seen
from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.keys.concepts import is_general
from docpipe.engine.layout.keys.field_names import Names, spoken
from docpipe.engine.layout.keys.fields import key_of
from docpipe.schema.nodes import Node, Schema

LIKE = 86.0  # of 100: Indel similarity from which a printed key is a field's words misspelt or inflected
LEAST_FUZZY = 5  # letters of a key that may be misspelt
ENGLISH = "en"

_KINDS: Mapping[str, frozenset[ValueKind]] = {
    "date": frozenset(("date",)),
    "boolean": frozenset(("boolean",)),
    "integer": frozenset(("integer",)),
    "number": frozenset(("money", "number", "rate", "integer")),
}
_FORMATS: Mapping[str, frozenset[ValueKind]] = {
    each: frozenset((each,)) for each in ("iban", "email", "currency")  # type: ignore[misc]
}


@dataclass(frozen=True, slots=True)
class Label:
    """A proposed label, and where it came from, in words."""

    language: str
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """The field or object at `path`, without indices, and what is proposed for it, the surest first."""

    path: str
    labels: tuple[Label, ...]

    def by_language(self) -> dict[str, list[str]]:
        """As a schema writes them."""
        found: dict[str, list[str]] = {}
        for label in self.labels:
            found.setdefault(label.language, []).append(label.text)
        return found


@dataclass(frozen=True, slots=True)
class _Open:
    """A field, or an object, without labels; `array` is the path of the one around it."""

    path: str
    node: Node
    array: str
    names: Names | None

    def keys(self) -> frozenset[str]:
        """The keys of all words that may name it, general ones too."""
        words = [spoken(self.node.name), self.node.title]
        if self.names is not None:
            words += [*self.names.keys, *self.names.inner, *self.names.captions]
        return frozenset(filter(None, map(key_of, words)))


def label_proposals(schema: Schema, found: Gathered | None, asked: Sequence[str]) -> list[Labelled]:
    """What is proposed for each field without labels, in the schema's order.

    Captions are of the languages that the samples print and of those `asked` for; English without samples. A label
    that a field has already, or that would be two fields', is nobody's.
    """
    compiled = compile_schema(schema)
    fields = list(_open(schema, compiled))
    seen = languages_seen(found.keys) if found is not None else ()
    languages = tuple(dict.fromkeys((*(seen or (ENGLISH,)), *asked)))
    printed = dict(_printed(fields, found, seen)) if found is not None else {}
    proposed = {
        field.path: [*printed.get(field.path, []), *_told(field, languages)] for field in fields
    }
    return list(_nobody_elses(fields, proposed, _declared(schema.root, "", "")))


def _open(schema: Schema, compiled: CompiledSchema) -> Iterator[_Open]:
    names = compiled.by_name.names if compiled.by_name is not None else {}
    forms = {*(array.path for array in compiled.pairs), *(array.path for array in compiled.checkboxes)}
    yield from (each for each in _below(schema.root, "", "", names) if each.array not in forms)


def _below(node: Node, path: str, array: str, names: Mapping[str, Names]) -> Iterator[_Open]:
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not array:
                yield from _below(child.item, here, here, names)
            continue
        if not child.all_labels() and child.role != "title" and child.kind != "datetime":
            yield _Open(here, child, array, names.get(here))
        if child.kind == "object":
            yield from _below(child, here, array, names)


def _told(field: _Open, languages: Sequence[str]) -> Iterator[Label]:
    """From the field's name, title and description, and the captions of what they mean."""
    names = field.names
    if names is None or names.general:
        return
    own = [text for text in names.keys if text not in names.captions]
    for text in own:
        yield Label(_own_language(text, languages), _as_key(text), "its name" if _is_name(text, field) else "its texts")
    if names.meaning is None or names.meaning.party is not None:
        return
    for concept in names.meaning.concepts:
        for language in languages:
            for caption in concept.captions.get(language, ()):
                if field.array or not is_general(caption):
                    yield Label(language, caption, f"a caption of {concept.name}")


def _is_name(text: str, field: _Open) -> bool:
    return key_of(text).endswith(key_of(spoken(field.node.name))) or key_of(spoken(field.node.name)).startswith(key_of(text))


def _as_key(text: str) -> str:
    return text[:1].upper() + text[1:]


def _own_language(text: str, languages: Sequence[str]) -> str:
    """English, in which schemas are written, unless the words are a caption of another language only."""
    known = languages_of(text)
    return ENGLISH if ENGLISH in known or not known else language_of(text, [each for each in languages if each in known])


def _printed(
    fields: Sequence[_Open], found: Gathered, seen: Sequence[str]
) -> Iterator[tuple[str, list[Label]]]:
    """(path, labels) by what the samples print: a key like the name or a caption, or the only one left of a type."""
    groups = [([field for field in fields if not field.array], found.fields)]
    arrays = dict.fromkeys(field.array for field in fields if field.array)
    groups += [
        ([field for field in fields if field.array == array], table.columns)
        for array in arrays
        if (table := max(found.lists, key=lambda each: _likeness(fields, array, each.columns), default=None)) is not None
        and _likeness(fields, array, table.columns)
    ]
    for some, leaves in groups:
        matched = _matched(some, leaves)
        for path, leaf in matched.items():
            yield path, _labels(leaf, f"printed in {leaf.samples} of {found.samples} samples", seen)
        left = [leaf for leaf in leaves if leaf not in matched.values()]
        for field, leaf in _only_left([field for field in some if field.path not in matched], left):
            about = f"the only {leaf.kind} left, printed in {leaf.samples} of {found.samples} samples"
            yield field.path, _labels(leaf, about, seen)


def _likeness(fields: Iterable[_Open], array: str, leaves: Sequence[Leaf]) -> int:
    """How many columns of a table are like those of an array."""
    return len(_matched([field for field in fields if field.array == array], leaves))


def _matched(fields: Iterable[_Open], leaves: Sequence[Leaf]) -> dict[str, Leaf]:
    """path -> the key that is like its words; a key that is like those of two fields is neither's."""
    likeness = [
        (_like(leaf, field), field.path, at)
        for field in fields
        for at, leaf in enumerate(leaves)
        if _can_be(field.node, leaf.kind)
    ]
    found: dict[str, Leaf] = {}
    for score, path, at in sorted(likeness, key=lambda each: -each[0]):
        rivals = [other for other, where, place in likeness if place == at and where != path and other >= score]
        if score >= LIKE and path not in found and leaves[at] not in found.values() and not rivals:
            found[path] = leaves[at]
    return found


def _like(leaf: Leaf, field: _Open) -> float:
    """How like a printed key is to the field's words, of 100; a name of its own is the surest."""
    best = 0.0
    for text in leaf.printed:
        key = key_of(text)
        if key in (key_of(spoken(field.node.name)), key_of(field.node.title)):
            return 101.0
        for word in field.keys():
            fuzzy = min(len(key), len(word)) >= LEAST_FUZZY
            best = max(best, 100.0 if key == word else fuzz.ratio(key, word) if fuzzy else 0.0)
    return best


def _only_left(fields: Sequence[_Open], leaves: Sequence[Leaf]) -> Iterator[tuple[_Open, Leaf]]:
    """A field and a key where only these two are left of a type that proves a value."""
    for field in fields:
        kinds = _proven(field.node)
        rivals = [other for other in fields if _proven(other.node) & kinds]
        fitting = [leaf for leaf in leaves if leaf.kind in kinds]
        if kinds and len(rivals) == 1 and len(fitting) == 1 and fitting[0].concept is None:
            yield field, fitting[0]


def _proven(node: Node) -> frozenset[ValueKind]:
    """The types of values that a field can have and texts cannot."""
    return _FORMATS.get(node.format) or _KINDS.get(node.kind, frozenset())


def _can_be(node: Node, kind: ValueKind) -> bool:
    proven = _proven(node)
    return kind in proven if proven else node.kind in ("string", "object")


def _labels(leaf: Leaf, source: str, seen: Sequence[str]) -> list[Label]:
    return [Label(language_of(text, seen), text, source) for text in leaf.printed]


def _declared(node: Node, path: str, array: str) -> frozenset[tuple[str, str]]:
    """(array, key) of every label that the schema has."""
    found: set[tuple[str, str]] = set()
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        found |= {(array, key_of(text)) for text in (*child.all_labels(), *child.all_weak_labels())}
        inner = child.item if child.item is not None else child
        found |= _declared(inner, here, here if child.kind == "array" and not array else array)
    return frozenset(found)


def _nobody_elses(
    fields: Sequence[_Open], proposed: Mapping[str, Sequence[Label]], declared: frozenset[tuple[str, str]]
) -> Iterator[Labelled]:
    """The proposals without labels of other fields; what two would have is the one's whose samples or name say so."""
    array_of = {field.path: field.array for field in fields}
    wanted = Counter(
        (array_of[path], key) for path, labels in proposed.items() for key in {key_of(each.text) for each in labels}
    )
    sure = {
        (array_of[path], key_of(each.text)): path
        for path, labels in reversed(proposed.items())
        for each in reversed(labels)
        if not each.source.startswith("a caption")
    }
    for field in fields:
        kept: dict[str, Label] = {}
        for label in proposed[field.path]:
            place = (field.array, key_of(label.text))
            mine = wanted[place] == 1 or sure.get(place) == field.path
            if place not in declared and mine and place[1] not in kept:
                kept[place[1]] = label
        if kept:
            yield Labelled(field.path, tuple(kept.values()))
