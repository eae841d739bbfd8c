"""Keys for fields without labels: what their names, titles and descriptions say, at a lower prior.

A name is the schema's word, not the document's, so nothing that labels find depends on it: the page is read by
labels first, and a second time under `named` for the fields that labels, formats and patterns left empty. Beside the
words of the schema themselves, these are the captions that documents print for what a field means (`meanings`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from docpipe.engine.layout.keys.concepts import UNITS, is_general
from docpipe.engine.layout.keys.fields import Field, key_of, words_of
from docpipe.engine.layout.keys.meanings import Meaning, Place, meanings
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.lexicon import all_languages
from docpipe.schema.nodes import Node, Schema

# What the odds of being right are divided by where the key is a name. On synthetic documents values are right
# more often than they then say (benchmarks/names.py); a stranger's names are farther from what is printed.
BY_NAME = weight("odds.by_name")
# and where documents print the word for many things: below 0.5 however sure the print is
BY_GENERAL_NAME = weight("odds.by_general_name")
MOST_WORDS = 4  # of a title or description that looks like a key; what is longer is a sentence

_WORDS = all_languages()
GENERAL = frozenset(word for name in _WORDS.general_names for word in words_of(name))  # not whose, and not of what
SENTENCE = frozenset(map(str.lower, _WORDS.sentence_words))  # make a description an instruction or a condition
_ARTICLES = tuple(word if word.endswith("'") else f"{word} " for word in _WORDS.articles)
_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_KEY_END = re.compile(r"[:.;,(\n]| - ")


@dataclass(frozen=True, slots=True)
class Names:
    """What a field without labels is looked for by.

    keys      anywhere on the page;   inner: under the heading of the object around it only
    doubt     what the odds of a value are divided by
    captions  what documents print for what the field means -> the quality of such a key; of `keys` and `inner`
    meaning   what that is, if it is known
    """

    keys: tuple[str, ...]
    inner: tuple[str, ...]
    doubt: float
    captions: Mapping[str, float] = field(default_factory=dict)
    meaning: Meaning | None = None

    @property
    def general(self) -> bool:
        """Whether the name is a word for many things, so that every value goes to review."""
        return self.doubt >= BY_GENERAL_NAME


def named(schema: Schema, skipped: Collection[str]) -> tuple[Schema, dict[str, Names]]:
    """(the schema with labels for what has none, path -> what each such field is looked for by).

    Labels that a field has are nobody else's, and no two fields have one name. Arrays at the paths `skipped` are
    read in another way.
    """
    places = list(_places(schema.root, "", "", (), skipped))
    if not places:
        return schema, {}
    taken = {(array, key_of(label)) for array, node in _all(schema.root, "") for label in node.all_labels()}
    bare = Counter((place.array, key_of(place.bare)) for place in places)
    texts = Counter((place.array, key) for place in places for key in {key_of(text) for text in place.texts})
    meant = meanings(places, f"{schema.title} {spoken(schema.name)}")
    shared = _in_several_objects(places, meant)
    found: dict[str, Names] = {}
    for place in places:
        free = [name for name in _specific(place, bare) if (place.array, key_of(name)) not in taken]
        free += [
            text
            for text in place.texts
            if (place.array, key_of(text)) not in taken
            and texts[place.array, key_of(text)] == 1
            and (bare[place.array, key_of(text)] == 0 or key_of(text) == key_of(place.bare))
            and (place.array or not is_general_name(text))
        ]
        names = _names(place, tuple(dict.fromkeys(free)), (place.array, key_of(place.bare)) in taken)
        meaning = meant.get(place.path)
        if meaning is not None:
            names = _with_captions(place, names, meaning, _heading(place, places, meant), taken, shared)
        if names is not None:
            found[place.path] = names
    if not any(place.path in found for place in places if place.node.kind != "object"):
        return schema, {}  # headings alone name no field

    def labelled(path: str, node: Node) -> Node:
        mine = found.get(path)
        if mine is None:
            return node
        value = node.type or (mine.meaning.type_of(node) if mine.meaning is not None else "")
        return replace(node, labels={"": (*mine.keys, *mine.inner)}, type=value)

    return replace(schema, root=schema.root.changed(labelled)), found


def with_names(fields: Iterable[Field], names: Mapping[str, Names]) -> Iterator[Field]:
    """The fields, those with labels made of their names knowing what these may not do."""
    for each in fields:
        mine = names.get(each.path)
        if mine is None:
            yield each
        else:
            outer = {key_of(text) for text in mine.keys}
            inner = frozenset({key_of(text) for text in mine.inner} - outer)
            qualities = {key_of(text): quality for text, quality in mine.captions.items()}
            borrowed = mine.meaning.borrowed() if mine.meaning is not None else {}
            loose = (text for text in mine.keys if text in borrowed or (mine.captions and is_general(text)))
            general = frozenset() if each.array else frozenset(map(key_of, loose))
            shape = mine.meaning.shape(each.node) if mine.meaning is not None else ""
            plain = each.plain and not mine.general and not mine.captions
            yield replace(each, inner=inner, plain=plain, qualities=qualities, general=general, shape=shape)


def _with_captions(
    place: Place,
    names: Names | None,
    meaning: Meaning,
    heading: Meaning | None,
    taken: Collection[tuple[str, str]],
    shared: Collection[str],
) -> Names | None:
    """`names` with the captions of what the field means; those of its object's too, if it is the object's name.

    What fields of several objects mean, their captions mean under the objects' headings only; so do general ones.
    """
    captions = {
        text: quality for text, quality in meaning.captions().items() if (place.array, key_of(text)) not in taken
    }
    keys, inner = (names.keys, names.inner) if names is not None else ((), ())
    own = {key_of(text) for text in keys}
    captions = {text: quality for text, quality in captions.items() if key_of(text) not in own}
    of_object = {} if heading is None else heading.captions()
    if not (captions or of_object):
        return names
    apart = [text for text in captions if place.path in shared or (place.around and is_general(text))]
    outer = (*keys, *(text for text in captions if text not in apart), *of_object)
    within = (*inner, *apart)
    return Names(outer, within, BY_NAME, captions | of_object, meaning)


def _heading(place: Place, places: Iterable[Place], meant: Mapping[str, Meaning]) -> Meaning | None:
    """What the object around a field means, if the field is its name: a patient is who stands beside "Patient"."""
    outer = place.path.rpartition(".")[0]
    is_name = any(concept.name == "name" for concept in meant[place.path].concepts)
    around = next((each for each in places if each.path == outer and each.node.kind == "object"), None)
    return meant.get(outer) if is_name and around is not None and not around.node.role else None


def _in_several_objects(places: Iterable[Place], meant: Mapping[str, Meaning]) -> frozenset[str]:
    """The paths of the fields outside tables that mean what a field of another object means."""
    fields = [place for place in places if place.path in meant and not place.array and place.node.kind != "object"]
    counts = Counter(concept.name for place in fields for concept in meant[place.path].concepts)
    return frozenset(
        place.path
        for place in fields
        if place.around and any(counts[concept.name] > 1 for concept in meant[place.path].concepts)
    )


def _names(place: Place, keys: tuple[str, ...], taken: bool) -> Names | None:
    inner = (place.bare,) if place.around and place.node.kind != "object" else ()
    if keys or place.node.kind == "object":
        return Names(keys, inner, BY_NAME) if keys else None
    if not (place.around or place.array or taken) and _is_proven(place.node):
        return Names((place.bare,), (), BY_GENERAL_NAME)
    return Names((), inner, BY_NAME) if inner else None


def _specific(place: Place, bare: Mapping[tuple[str, str], int]) -> Iterator[str]:
    """What the name says by itself: in a table always, elsewhere where it is nobody else's and no general word."""
    alone = bare[place.array, key_of(place.bare)] == 1
    if place.array or (alone and not is_general_name(place.bare)):
        yield place.bare
    if place.around and place.node.kind != "object" and not place.array:
        yield " ".join((*place.around, place.bare))
        if not is_general_name(place.around[-1]):
            yield f"{place.around[-1]} {place.bare}"


def _is_proven(node: Node) -> bool:
    """Whether the type tells a value from most of what may stand beside a general word."""
    return node.kind != "string" or bool(node.enum or node.format or node.pattern)


def is_general_name(text: str) -> bool:
    """Whether a name is one word that documents print for many things."""
    words = words_of(text)
    return len(words) < 2 and all(word in GENERAL for word in words)


def _places(node: Node, path: str, array: str, around: tuple[str, ...], skipped: Collection[str]) -> Iterator[Place]:
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        bare = spoken(child.name)
        if child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not array and here not in skipped:
                yield from _places(child.item, here, here, (), skipped)
            continue
        if key_of(bare) and not (
            child.all_labels() or child.values or child.role == "title" or child.kind == "datetime"
        ):
            yield Place(here, child, array, around, bare, tuple(_texts(child, bare)))
        if child.kind == "object":
            yield from _places(child, here, array, (*around, bare), skipped)


def _all(node: Node, array: str, path: str = "") -> Iterator[tuple[str, Node]]:
    """(path of the array around it, node) of everything below."""
    for child in node.children:
        here = f"{path}.{child.name}" if path else child.name
        yield array, child
        inner = here if child.kind == "array" and not array else array
        yield from _all(child.item or child, inner, here)


def spoken(name: str) -> str:
    """A property's name as words: `invoice_number` and `invoiceNumber` are "invoice number"."""
    return " ".join(part.lower() for part in _NAME_PART.findall(name))


def _texts(node: Node, bare: str) -> Iterator[str]:
    """Other words for a field: its name without a unit, its title, a description that looks like a key."""
    words = bare.split()
    if len(words) > 1 and words[-1] in UNITS:
        yield " ".join(words[:-1])
    for text in (node.title, node.description if not (node.enum or node.kind == "object") else ""):
        key = _key_in(text)
        if key and key_of(key) != key_of(bare):
            yield key


def _key_in(text: str) -> str:
    """The beginning of a title or description, if it looks like a key and not like a sentence; else ""."""
    head = _KEY_END.split(text.strip(), maxsplit=1)[0].strip()
    for article in _ARTICLES:
        if head.lower().startswith(article):
            head = head[len(article) :]
    words = head.lower().split()
    fine = 0 < len(words) <= MOST_WORDS and head[0].isalpha() and SENTENCE.isdisjoint(words)
    return head if fine and key_of(head) else ""
