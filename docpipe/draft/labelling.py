"""Labels for the fields of a schema that have none: from their names, from captions, from what samples print."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from docpipe.draft.gathered import Gathered
from docpipe.draft.kinds import ValueKind
from docpipe.draft.languages import language_of, languages_of
from docpipe.draft.leaves import Leaf
from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.keys.concepts import is_general
from docpipe.engine.layout.keys.field_names import Names, spoken
from docpipe.engine.layout.keys.fields import key_of
from docpipe.literals.captions import Concept
from docpipe.schema.nodes import Node, Schema

LIKE = 86.0  # of 100: Indel similarity from which a printed key is a field's words misspelt or inflected
SAME, MEANT, OWN_NAME = 100.0, 101.0, 102.0  # a caption; one that means the field by its values too; its very name
LEAST_FUZZY = 5  # letters of a key that may be misspelt
ENGLISH = "en"
CAPTION = "a caption of"

_KINDS: Mapping[str, frozenset[ValueKind]] = {
    "date": frozenset(("date",)),
    "boolean": frozenset(("boolean",)),
    "integer": frozenset(("integer",)),
    "number": frozenset(("money", "number", "rate", "integer")),
}
_FORMATS: Mapping[str, frozenset[ValueKind]] = {each: frozenset((each,)) for each in ("iban", "email", "currency")}


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

    @property
    def is_general_inside(self) -> bool:
        """Whether it is a field of an object that is called by a word for many things: its "name"."""
        return "." in self.path and not self.array and is_general(spoken(self.node.name))

    def words(self) -> frozenset[str]:
        """The keys of all words that may name it, general ones too."""
        texts = [spoken(self.node.name), self.node.title]
        if self.names is not None:
            texts += [*self.names.keys, *self.names.inner, *self.names.captions]
        return frozenset(filter(None, map(key_of, texts)))


def label_proposals(schema: Schema, found: Gathered | None, asked: Sequence[str]) -> list[Labelled]:
    """What is proposed for each field without labels, in the schema's order.

    Captions are of the languages that the samples print and of those `asked` for; English without samples. A label
    that a field has already, or that would be two fields', is nobody's.
    """
    compiled = compile_schema(schema)
    fields = list(_open(schema, compiled))
    seen = found.languages if found is not None else ()
    languages = tuple(dict.fromkeys((*(seen or (ENGLISH,)), *asked)))
    printed = dict(_printed(fields, found)) if found is not None else {}
    proposed: dict[str, list[Label]] = {}
    for field in fields:
        leaf, source = printed.get(field.path, (None, ""))
        of_samples = [Label(language_of(text, seen), text, source) for text in leaf.printed] if leaf is not None else []
        concept = leaf.concept if leaf is not None else None
        proposed[field.path] = [*of_samples, *_told(field, languages, concept)]
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


def _told(field: _Open, languages: Sequence[str], printed: Concept | None) -> Iterator[Label]:
    """From the field's name, title and description, and the captions of what they mean.

    Of what it may mean only what samples print for it counts, if they do.
    """
    names = field.names
    if names is None or names.general:
        return
    for text in names.keys:
        if text not in names.captions:
            yield Label(_own_language(text, languages), _as_key(text), _source(text, field.node))
    if names.meaning is None or names.meaning.party is not None or field.is_general_inside:
        return
    meant = names.meaning.concepts
    for concept in (printed,) if printed is not None and printed in meant else meant:
        for language in languages:
            for caption in concept.captions.get(language, ()):
                if field.array or not is_general(caption):
                    yield Label(language, caption, f"{CAPTION} {concept.name}")


def _source(text: str, node: Node) -> str:
    """What of the schema says so: a field's title, the beginning of its description, or its name."""
    if key_of(text) == key_of(node.title):
        return "its title"
    of_name = set(spoken(node.name).split()).intersection(text.lower().split())
    return "its name" if of_name else "its description"


def _as_key(text: str) -> str:
    return text[:1].upper() + text[1:]


def _own_language(text: str, languages: Sequence[str]) -> str:
    """English, in which schemas are written, unless the words are a caption of another language only."""
    known = languages_of(text)
    if ENGLISH in known or not known:
        return ENGLISH
    return language_of(text, [language for language in languages if language in known])


def _printed(fields: Sequence[_Open], found: Gathered) -> Iterator[tuple[str, tuple[Leaf, str]]]:
    """(path, key and source) by what the samples print: a key like the name or a caption, or the only one of a type."""
    for some, leaves in _groups(fields, found):
        matched = _matched(some, leaves)
        often = {leaf: f"printed in {leaf.samples} of {found.samples} samples" for leaf in leaves}
        yield from ((path, (leaf, often[leaf])) for path, leaf in matched.items())
        left = [leaf for leaf in leaves if leaf not in matched.values()]
        for field, leaf in _only_left([field for field in some if field.path not in matched], left):
            yield field.path, (leaf, f"the only {leaf.kind} left, {often[leaf]}")


def _groups(fields: Sequence[_Open], found: Gathered) -> Iterator[tuple[list[_Open], Sequence[Leaf]]]:
    """The fields outside tables with the keys, and those of each array with the columns of the table most like it."""
    yield [field for field in fields if not field.array], found.fields
    for array in dict.fromkeys(field.array for field in fields if field.array):
        tables = [(_likeness(fields, array, table.columns), -at) for at, table in enumerate(found.lists)]
        best, at = max(tables, default=(0, 0))
        if best:
            yield [field for field in fields if field.array == array], found.lists[-at].columns


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
    best, meaning = 0.0, field.names.meaning if field.names is not None else None
    meant = meaning is not None and leaf.concept in meaning.concepts
    for text in leaf.printed:
        key = key_of(text)
        if key in (key_of(spoken(field.node.name)), key_of(field.node.title)):
            return OWN_NAME
        if leaf.counts:
            continue  # "No." of rows is no quantity
        for word in field.words():
            fuzzy = min(len(key), len(word)) >= LEAST_FUZZY
            best = max(best, (MEANT if meant else SAME) if key == word else fuzz.ratio(key, word) if fuzzy else 0.0)
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
    sure: dict[tuple[str, str], str] = {}
    for path, labels in proposed.items():
        for each in labels:
            if not each.source.startswith(CAPTION):
                sure.setdefault((array_of[path], key_of(each.text)), path)
    for field in fields:
        kept: dict[str, Label] = {}
        for label in proposed[field.path]:
            place = (field.array, key_of(label.text))
            mine = wanted[place] == 1 or sure.get(place) == field.path
            if place not in declared and mine and place[1] not in kept:
                kept[place[1]] = label
        if kept:
            yield Labelled(field.path, tuple(kept.values()))
