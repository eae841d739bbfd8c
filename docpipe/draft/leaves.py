"""Values at printed keys become fields: one key's together, then the keys of one concept."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.draft.kinds import ValueKind, fits, in_concept, kind_of
from docpipe.engine.layout.keys.fields import key_of
from docpipe.literals.captions import Concept
from docpipe.literals.conventions import Conventions

ENOUGH_SAMPLES = 3  # what an unknown key says in each of so many, and always the same, is printed and not entered

Meant = Callable[[str], Iterable[Concept]]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A key of several samples, or a column of a table of theirs.

    printed    its texts on paper, the most frequent first
    concept    what it is, if a caption says so
    kind       the type of its values
    samples    how many of the samples have a value there
    counts     the column counts the rows of its table: 1, 2, 3
    """

    printed: tuple[str, ...]
    concept: Concept | None
    kind: ValueKind
    samples: int
    counts: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A value at a key of one sample. `part`: the first line of a header that takes two."""

    sample: int
    key: str
    value: str
    style: Conventions
    part: str = ""


def leaves(seen: Sequence[Seen], meant: Meant, *, entered: bool = True) -> list[Leaf]:
    """The fields that the values are of: those of one key together, then the keys of one concept.

    `meant`: the concepts that a key may name. `entered`: what an unknown key says everywhere in the same words is left
    out.
    """
    by_key: dict[str, list[Seen]] = {}
    for each in seen:
        by_key.setdefault(key_of(each.key) or each.key, []).append(each)
    groups: dict[str, list[Seen]] = {}
    concepts: dict[str, Concept] = {}
    for key, values in sorted(by_key.items(), key=lambda item: _rank(item[1], meant)):
        concept = next(
            (each for each in _concepts(values, meant) if _is_free(groups.get(f"={each.name}", ()), values)), None
        )
        home = key if concept is None else f"={concept.name}"
        groups.setdefault(home, []).extend(values)
        if concept is not None:
            concepts[home] = concept
    order = {key: at for at, key in enumerate(by_key)}
    homes = sorted(groups, key=lambda home: min(order[key_of(each.key) or each.key] for each in groups[home]))
    leaves = [(groups[home], _leaf(groups[home], concepts.get(home))) for home in homes]
    return [leaf for values, leaf in leaves if leaf.concept is not None or not (entered and _is_constant(values))]


def _leaf(values: Sequence[Seen], concept: Concept | None) -> Leaf:
    printed = Counter(each.key for each in values)
    kind = kind_of([(each.value, each.style) for each in values])
    kind = in_concept(concept.kind, kind) if concept is not None else kind
    parts = Counter(each.part for each in values if each.part)
    return Leaf(
        tuple(text for text, _ in (*printed.most_common(), *parts.most_common())),
        concept,
        kind,
        len({each.sample for each in values}),
        _counts(values),
    )


def _rank(values: Sequence[Seen], meant: Meant) -> tuple[int, bool]:
    """Who names a concept first: what most samples print, then what has just the values that the concept has."""
    kind = kind_of([(each.value, each.style) for each in values])
    exact = any(in_concept(concept.kind, kind) == kind for concept in _concepts(values, meant))
    return -len({each.sample for each in values}), not exact


def _concepts(values: Sequence[Seen], meant: Meant) -> Iterator[Concept]:
    """The concepts that the key may name, and of which the values can be."""
    kind = kind_of([(each.value, each.style) for each in values])
    if _counts(values):
        return iter(())
    return (concept for concept in meant(values[0].key) if fits(concept.kind, kind))


def _counts(values: Sequence[Seen]) -> bool:
    """Whether a column counts the rows: 1, 2, 3."""
    texts = [each.value.rstrip(".") for each in values]
    starts = [at for at, text in enumerate(texts) if text == "1"]
    runs = [texts[start:stop] for start, stop in pairwise([*starts, len(texts)])]
    counted = [run == [str(number) for number in range(1, len(run) + 1)] for run in runs]
    return bool(starts) and starts[0] == 0 and all(counted) and len(texts) > len(starts)


def _is_free(taken: Iterable[Seen], values: Iterable[Seen]) -> bool:
    """Whether no sample that prints the values has others of that concept already."""
    return {each.sample for each in taken}.isdisjoint(each.sample for each in values)


def _is_constant(values: Sequence[Seen]) -> bool:
    return len({each.sample for each in values}) >= ENOUGH_SAMPLES and len({each.value for each in values}) == 1


def names(leaves: Sequence[Leaf], slug: Callable[[str], str], taken: Iterable[str] = ()) -> Mapping[str, Leaf]:
    """name -> leaf, each name once: its concept's, else a slug of its text; a number behind one that is taken."""
    used, found = set(taken), dict[str, Leaf]()
    for at, leaf in enumerate(leaves, 1):
        base = leaf.concept.name if leaf.concept is not None else slug(leaf.printed[0]) or f"field_{at}"
        name = next(
            each for each in (base, *(f"{base}_{n}" for n in range(2, len(leaves) + len(used) + 3))) if each not in used
        )
        used.add(name)
        found[name] = leaf
    return found
