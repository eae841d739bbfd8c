"""What the fields of a schema mean: concepts of business documents, by name, title and description.

A field that means a concept is looked for by the captions that documents print for it. Two fields of one table, or of
one object, that mean the same are told apart by nothing, and mean nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from docpipe.engine.layout.keys import concepts
from docpipe.engine.layout.keys.fields import words_of
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.captions import Concept, all_concepts
from docpipe.schema.nodes import Node, ValueType

NEXT_BEST = weight("label.caption_rank")  # of the quality of a caption remains for each one before it in its language
LEAST = weight("label.caption_least")  # at least so much
CAPTION = weight("label.caption")  # quality of the first caption of a concept in a language

_NUMBERS = frozenset(("money", "number", "rate", "year"))
_AMOUNTS = _NUMBERS - {"year"}  # a year may be "2024/25"
_SHAPES = frozenset(("account", "iban", "date", "time", "phone", "email", "code"))
_TYPES: Mapping[str, ValueType] = {
    **{"identifier": "identifier", "name": "name", "address": "address", "money": "money", "rate": "rate"},
    **{"number": "quantity", "account": "identifier", "iban": "identifier"},
}
WHOLE, TITLED, PARTLY = 0, 1, 2  # what named a concept: the field's name, its title or description, a part of these


@dataclass(frozen=True, slots=True)
class Place:
    """A leaf or an object without labels, where it stands, and what its name and its other texts say."""

    path: str
    node: Node
    array: str
    around: tuple[str, ...]  # names of the objects around it, outermost first
    bare: str
    texts: tuple[str, ...]

    @property
    def scope(self) -> tuple[str, tuple[str, ...]]:
        return self.array, self.around


@dataclass(frozen=True, slots=True)
class Meaning:
    """The concepts that a field may mean. `rank`: how directly they are named, 0 the most.

    `party`: the concept of the one whose it is, where the field's name begins with it: "customer phone".
    `stand_ins`: concepts that no field means and whose captions may mean this one: "Name" for the employee.
    """

    concepts: tuple[Concept, ...]
    rank: int
    party: Concept | None = None
    stand_ins: tuple[Concept, ...] = ()

    def captions(self) -> dict[str, float]:
        """caption -> quality of a key that is it."""
        return self.borrowed() | _qualities(self.concepts)

    def borrowed(self) -> dict[str, float]:
        """The captions of its stand-ins that are not its own -> their quality."""
        own = _qualities(self.concepts)
        return {caption: LEAST for caption in _qualities(self.stand_ins) if caption not in own}

    def type_of(self, node: Node) -> ValueType:
        """The type of the values, as far as it can be declared of the node."""
        types = {_TYPES.get(concept.kind, "text") for concept in self.concepts}
        if len(types) != 1 or node.enum or node.format or node.pattern:
            return ""
        found = types.pop()
        of_number = found in ("money", "rate", "quantity")
        return found if of_number == (node.kind in ("number", "integer")) else ""

    def shape(self, node: Node) -> str:
        """The form of a text that the schema says nothing of: a date, an amount, a time of day; "" for any."""
        kinds = {concept.kind for concept in self.concepts} if self.rank < PARTLY else set()
        if node.kind != "string" or node.enum or node.format or node.pattern or len(kinds) != 1:
            return ""
        kind = kinds.pop()
        return "number" if kind in _AMOUNTS else "code" if kind == "year" else kind if kind in _SHAPES else ""


def meanings(places: Sequence[Place], title: str) -> dict[str, Meaning]:
    """path -> what a field or an object means, for those that mean something. `title`: what the schema is called."""
    about = frozenset((*words_of(title), *concepts.UNITS))
    found = {place.path: meaning for place in places if (meaning := _meaning(place, about)) is not None}
    scopes: dict[tuple[str, tuple[str, ...]], list[Place]] = defaultdict(list)
    for place in places:
        if place.path in found:
            scopes[place.scope].append(place)
    for siblings in scopes.values():
        found |= _told_apart({place.path: found[place.path] for place in siblings})
    found = {path: meaning for path, meaning in found.items() if meaning.concepts}
    return found | dict(_with_stand_ins({place.path: place for place in places}, found))


def fits(concept: Concept, node: Node) -> bool:
    """Whether a value of the concept can be one of the node's."""
    if node.kind == "object":
        return concept.kind == "name"
    if node.kind == "date":
        return concept.kind == "date"
    if node.kind == "number":
        return concept.kind in ("money", "number", "rate")
    if node.kind == "integer":
        return concept.kind in _NUMBERS
    return node.kind == "string"


def _meaning(place: Place, about: Collection[str]) -> Meaning | None:
    node = place.node

    def fit(concept: Concept) -> bool:
        return fits(concept, node)

    def likely(concept: Concept) -> bool:
        """A text is a date or a number only if its name says so as a whole: "as printed on the bill"."""
        return fit(concept) and not (node.kind == "string" and concept.kind in (*_NUMBERS, "date"))

    of_name = concepts.named(place.bare, fit, about)
    others = [concepts.named(text, fit, about) for text in place.texts]
    told = tuple(dict.fromkeys(concept for found in others for concept in found))
    if of_name:
        both = tuple(concept for concept in of_name if concept in (told or concepts.phrases(node.description, fit)))
        return Meaning(both or of_name, WHOLE)
    if told:
        return Meaning(told, TITLED)
    owned = _owned(place)
    if owned is not None:
        return owned
    part = concepts.phrases(node.description, likely) or concepts.parts(place.bare, likely)
    return Meaning(part, PARTLY) if part and node.kind != "object" else None


def _owned(place: Place) -> Meaning | None:
    """What follows a party's word in a name: "supplier address", "customer vat id"."""
    words = place.bare.split()
    for cut in range(len(words) - 1, 0, -1):
        party = [each for each in concepts.captioned(" ".join(words[:cut])) if each.kind == "name"]
        found = concepts.named(" ".join(words[cut:]), lambda concept: fits(concept, place.node)) if party else ()
        if found:
            return Meaning(found, PARTLY, party[0])
    return None


def _told_apart(siblings: Mapping[str, Meaning]) -> Iterator[tuple[str, Meaning]]:
    """(path, meaning) of the fields of one object or table: a concept is that field's which is most directly named so.

    Where a field may mean several, it does not mean what another field can only mean.
    """
    single: dict[tuple[str, Concept | None], int] = {}  # what a field can only mean -> the least rank of such a field
    for meaning in siblings.values():
        if len(meaning.concepts) == 1:
            key = meaning.concepts[0].name, meaning.party
            single[key] = min(meaning.rank, single.get(key, meaning.rank))
    for path, meaning in siblings.items():
        kept = meaning.concepts
        if len(kept) > 1:
            others = {name for (name, party), rank in single.items() if party == meaning.party and rank <= meaning.rank}
            kept = tuple(concept for concept in kept if concept.name not in others) or kept
        rivals = [other for at, other in siblings.items() if at != path and other.party == meaning.party]
        kept = tuple(concept for concept in kept if not _is_others(concept, meaning, rivals))
        yield path, replace(meaning, concepts=kept)


def _with_stand_ins(places: Mapping[str, Place], found: Mapping[str, Meaning]) -> Iterator[tuple[str, Meaning]]:
    """(path, meaning) of the fields that may stand under captions of what no field means, and one alone may do so."""
    meant = {(places[path].array, concept.name) for path, meaning in found.items() for concept in meaning.concepts}
    wanted: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, meaning in found.items():
        node = places[path].node
        for name in dict.fromkeys(name for concept in meaning.concepts for name in concept.stand_ins):
            if node.kind != "object" and meaning.party is None and fits(all_concepts()[name], node):
                wanted[places[path].array, name].append(path)
    for path, meaning in found.items():
        mine = (key for key, paths in wanted.items() if paths == [path] and key not in meant)
        if lent := tuple(all_concepts()[name] for _, name in mine):
            yield path, replace(meaning, stand_ins=lent)


def _qualities(concepts: Iterable[Concept]) -> dict[str, float]:
    """caption -> quality, the better the sooner its language has it."""
    found: dict[str, float] = {}
    for concept in concepts:
        for caption, rank in concept.ranked().items():
            quality = max(LEAST, CAPTION * NEXT_BEST**rank)
            found[caption] = max(quality, found.get(caption, 0.0))
    return found


def _is_others(concept: Concept, mine: Meaning, rivals: Iterable[Meaning]) -> bool:
    return any(concept in rival.concepts and rival.rank <= mine.rank for rival in rivals)
