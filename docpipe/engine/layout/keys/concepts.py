"""Which concepts of business documents a few words name: "Rechnungs-Nr.", "number of the invoice", "inv_id".

The captions of all languages are looked up by their keys. The name of a schema's field may have its words in another
order, a word that says no more than its kind ("deposit amount"), or words around it ("energy consumption total").
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from docpipe.engine.layout.keys.fields import key_of, words_of
from docpipe.literals.captions import Concept, all_concepts, fillers
from docpipe.literals.lexicon import all_languages
from docpipe.literals.text import folded

MOST_WORDS = 8  # of a text that is looked into for a concept's words
LONG_WORD = 5  # letters of a single word that says what a longer name means

_WORDS = all_languages()
_CONNECTIVES = frozenset(map(folded, (*_WORDS.connectives, *_WORDS.articles)))
_SIGNS = (
    "kwh mwh kw w v a kg g mg t lb oz km m cm mm mi ft in l ml m2 m3 sqm pct h min s eur usd gbp chf sek dkk pln myr"
)
UNITS = frozenset((*_SIGNS.split(), *map(folded, _WORDS.unit_words)))  # a name may end with
_IDS = frozenset(("id", "ids", "identifier", "nbr", "ref"))
_GENERAL = frozenset(word for name in _WORDS.general_names for word in words_of(name))

Fits = Callable[[Concept], bool]


@dataclass(frozen=True, slots=True)
class Known:
    """All captions as keys (words without spaces), and those of several words whatever their order.

    `english`: keys and words that English has captions of; a name that is one means no word of another language.
    """

    by_key: dict[str, tuple[Concept, ...]]
    by_bag: dict[frozenset[str], tuple[Concept, ...]]
    english: dict[str | frozenset[str], tuple[Concept, ...]]


@lru_cache(maxsize=1)
def known() -> Known:
    """Made when it is first asked for: some tenths of a second."""
    by_key: dict[str, dict[str, Concept]] = {}
    by_bag: dict[frozenset[str], dict[str, Concept]] = {}
    english: dict[str | frozenset[str], dict[str, Concept]] = {}
    for concept in all_concepts().values():
        native = frozenset(concept.captions.get("en", ()))
        for caption in concept.ranked():
            words = words_of(caption)
            key, bag = "".join(words), _bag(words)
            by_key.setdefault(key, {})[concept.name] = concept
            by_bag.setdefault(bag, {})[concept.name] = concept
            for each in (key, bag) if caption in native else ():
                english.setdefault(each, {})[concept.name] = concept
    return Known(
        {key: tuple(found.values()) for key, found in by_key.items() if key},
        {bag: tuple(found.values()) for bag, found in by_bag.items() if bag},
        {each: tuple(found.values()) for each, found in english.items() if each},
    )


def captioned(text: str) -> tuple[Concept, ...]:
    """The concepts of which the text is a caption."""
    return known().by_key.get(key_of(text), ())


@lru_cache(maxsize=4_096)
def is_general(text: str) -> bool:
    """Whether a caption stands beside many things: one word, of several concepts or said of anything ("Name")."""
    words = words_of(text)
    return len(words) < 2 and (is_said_of_anything(text) or len(known().by_key.get("".join(words), ())) > 1)


def is_said_of_anything(text: str) -> bool:
    """Whether all words say no more than a value's kind: "Name", "Value"."""
    return all(word in _GENERAL for word in words_of(text))


def named(text: str, fits: Fits, dropped: Collection[str] = ()) -> tuple[Concept, ...]:
    """The concepts that fit and that the text, as a whole, is a name of. `dropped`: words that say nothing here."""
    words = words_of(text)
    if not 0 < len(words) <= MOST_WORDS:
        return ()
    for variant in _variants(words, frozenset(dropped)):
        found = tuple(concept for concept in _looked_up(variant) if fits(concept))
        if found:
            return found
    bare = [word for word in words if word not in _CONNECTIVES]
    if not bare:
        return ()
    found = tuple(dict.fromkeys(concept for concept in _without_fillers(bare) if fits(concept)))
    return found or tuple(
        concept
        for ending, kinds in (("no", ("identifier",)), ("date", ("date",)), ("name", ("name",)))
        for concept in _looked_up([*bare, ending])
        if concept.kind in kinds and fits(concept)
    )


def parts(text: str, fits: Fits) -> tuple[Concept, ...]:
    """The concepts that fit and that most of the words of a longer name are a name of."""
    words = [word for word in words_of(text) if word not in _CONNECTIVES]
    if not 1 < len(words) <= MOST_WORDS:
        return ()
    for size in range(len(words) - 1, 0, -1):
        found = {
            concept.name: concept
            for chosen in combinations(words, size)
            if size > 1 or _tells(chosen[0], words)
            for concept in known().by_bag.get(frozenset(chosen), ())
            if fits(concept)
        }
        if found:
            return tuple(found.values())
    return ()


def phrases(text: str, fits: Fits) -> tuple[Concept, ...]:
    """The concepts that fit and that the longest caption of several words within a description names."""
    words = words_of(text)[: 3 * MOST_WORDS]
    for size in range(min(5, len(words)), 1, -1):
        for start in range(len(words) - size + 1):
            found = tuple(concept for concept in _looked_up(words[start : start + size]) if fits(concept))
            if found:
                return found
    return ()


def _tells(word: str, words: Sequence[str]) -> bool:
    """Whether one word alone says what a name means: the last one, if it is English and said of few things."""
    english = frozenset((word,)) in known().english
    return english and word == words[-1] and len(word) >= LONG_WORD and not is_general(word)


def _variants(words: Sequence[str], dropped: frozenset[str]) -> Iterator[Sequence[str]]:
    yield words
    plain = ["no" if word in _IDS else word for word in words]
    yield plain
    rest = [word for word in plain if word not in dropped]
    if rest and rest != plain:
        yield rest


def _looked_up(words: Sequence[str]) -> tuple[Concept, ...]:
    all_known, key, bag = known(), "".join(words), _bag(words)
    exact = all_known.english.get(key) or all_known.by_key.get(key)
    return exact or all_known.english.get(bag) or all_known.by_bag.get(bag, ())


def _without_fillers(words: Sequence[str]) -> Iterator[Concept]:
    for kind, said in fillers().items():
        rest = [word for word in words if word not in said]
        if rest and len(rest) < len(words):
            yield from (concept for concept in _looked_up(rest) if kind in ("any", concept.kind))


def _bag(words: Iterable[str]) -> frozenset[str]:
    return frozenset(word for word in words if word not in _CONNECTIVES)
