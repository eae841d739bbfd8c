"""Keys and columns that repeat over samples: what each is called, what kind of values it has, how often it occurs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil

from docpipe.draft.kinds import ValueKind, fits, in_concept, kind_of
from docpipe.draft.printed import Printed, printed_pairs
from docpipe.draft.samples import Sample
from docpipe.draft.tables import Column, Table, tables_of
from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.keys.fields import key_of
from docpipe.literals.captions import Concept
from docpipe.literals.conventions import Conventions

LEAST_SHARE = 0.5  # of the samples print a key that becomes a field
ENOUGH_SAMPLES = 3  # what an unknown key says in each of so many, and always the same, is printed and not entered
SAME_TABLE = 0.5  # of the columns of the smaller of two tables are alike
UNIT_CONCEPTS = frozenset(("quantity", "unit_price", "line_total", "description", "article_number", "amount", "price"))


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
class List:
    """A table of several samples. `samples`: how many of them have it; its columns' counts are of rows' samples."""

    columns: tuple[Leaf, ...]
    samples: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What repeats over `samples` samples; `keys`: all that they print as a key, whatever its value."""

    samples: int
    fields: tuple[Leaf, ...]
    lists: tuple[List, ...]
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A value at a key of one sample."""

    sample: int
    key: str
    value: str
    style: Conventions


def gathered(samples: Sequence[Sample], share: float = LEAST_SHARE) -> Gathered:
    """The keys and tables that at least that share of the samples print."""
    least = max(1, ceil(share * len(samples)))
    clusters = _clusters([tables_of(sample) for sample in samples])
    tables: dict[int, list[Table]] = {at: [] for at in range(len(samples))}
    lists = []
    for cluster in clusters:
        if _is_strip([table for _, table in cluster]):
            continue
        for at, table in cluster:
            tables[at].append(table)
        if len({at for at, _ in cluster}) >= least:
            lists.append(_list(cluster, samples))
    pairs = [printed_pairs(sample, tables[at]) for at, sample in enumerate(samples)]
    seen = [
        _Seen(at, pair.key, pair.value, samples[at].conventions)
        for at, found in enumerate(pairs)
        for pair in _first_each(found)
    ]
    fields = tuple(leaf for leaf in _leaves(seen) if leaf.samples >= least)
    headers = (column.header for cluster in clusters for _, table in cluster for column in table.columns)
    return Gathered(len(samples), fields, tuple(lists), (*(each.key for each in seen), *headers))


def _first_each(pairs: Iterable[Printed]) -> Iterator[Printed]:
    """Of the pairs of one sample the first of each key."""
    known: set[str] = set()
    for pair in pairs:
        key = key_of(pair.key)
        if key not in known:
            known.add(key)
            yield pair


def _leaves(seen: Sequence[_Seen], *, entered: bool = True) -> list[Leaf]:
    """The fields that the values are of: those of one key together, then the keys of one concept.

    `entered`: what an unknown key says everywhere in the same words is left out.
    """
    by_key: dict[str, list[_Seen]] = {}
    for each in seen:
        by_key.setdefault(key_of(each.key) or each.key, []).append(each)
    groups: dict[str, list[_Seen]] = {}
    concepts: dict[str, Concept] = {}
    for key, values in sorted(by_key.items(), key=_rank):
        concept = next((each for each in _concepts(values) if _is_free(groups.get(f"={each.name}", ()), values)), None)
        home = key if concept is None else f"={concept.name}"
        groups.setdefault(home, []).extend(values)
        if concept is not None:
            concepts[home] = concept
    order = {key: at for at, key in enumerate(by_key)}
    homes = sorted(groups, key=lambda home: min(order[key_of(each.key) or each.key] for each in groups[home]))
    leaves = [(groups[home], _leaf(groups[home], concepts.get(home))) for home in homes]
    return [leaf for values, leaf in leaves if leaf.concept is not None or not (entered and _is_constant(values))]


def _leaf(values: Sequence[_Seen], concept: Concept | None) -> Leaf:
    printed = Counter(each.key for each in values)
    kind = kind_of([(each.value, each.style) for each in values])
    kind = in_concept(concept.kind, kind) if concept is not None else kind
    return Leaf(
        tuple(text for text, _ in printed.most_common()),
        concept,
        kind,
        len({each.sample for each in values}),
        _counts(values),
    )


def _rank(item: tuple[str, Sequence[_Seen]]) -> tuple[int, bool]:
    """Who names a concept first: what most samples print, then what has just the values that the concept has."""
    values = item[1]
    kind = kind_of([(each.value, each.style) for each in values])
    exact = any(in_concept(concept.kind, kind) == kind for concept in _concepts(values))
    return -len({each.sample for each in values}), not exact


def _concepts(values: Sequence[_Seen]) -> Iterator[Concept]:
    """The concepts that the key is a caption of, and of which the values can be."""
    kind = kind_of([(each.value, each.style) for each in values])
    if _counts(values):
        return iter(())
    return (concept for concept in captioned(values[0].key) if fits(concept.kind, kind))


def _counts(values: Sequence[_Seen]) -> bool:
    """Whether a column counts the rows: 1, 2, 3."""
    texts = [each.value.rstrip(".") for each in values]
    starts = [at for at, text in enumerate(texts) if text == "1"]
    runs = [texts[start:stop] for start, stop in pairwise([*starts, len(texts)])]
    counted = [run == [str(number) for number in range(1, len(run) + 1)] for run in runs]
    return bool(starts) and starts[0] == 0 and all(counted) and len(texts) > len(starts)


def _is_free(taken: Iterable[_Seen], values: Iterable[_Seen]) -> bool:
    """Whether no sample that prints the values has others of that concept already."""
    return {each.sample for each in taken}.isdisjoint(each.sample for each in values)


def _is_constant(values: Sequence[_Seen]) -> bool:
    return len({each.sample for each in values}) >= ENOUGH_SAMPLES and len({each.value for each in values}) == 1


def _clusters(found: Sequence[Sequence[Table]]) -> list[list[tuple[int, Table]]]:
    """(sample, table) of like headers together, in the order of their first one."""
    clusters: list[list[tuple[int, Table]]] = []
    for at, tables in enumerate(found):
        for table in tables:
            home = next((cluster for cluster in clusters if _alike(cluster[0][1], table)), None)
            if home is None:
                clusters.append([(at, table)])
            else:
                home.append((at, table))
    return clusters


def _alike(one: Table, other: Table) -> bool:
    """Whether the headers of two tables say the same, or mean it."""
    mine, others = _meant(one.columns), _meant(other.columns)
    return len(mine & others) > SAME_TABLE * min(len(one.columns), len(other.columns))


def _meant(columns: Iterable[Column]) -> frozenset[str]:
    concepts = {each.header: captioned(each.header) for each in columns}
    return frozenset(found[0].name if found else key_of(header) for header, found in concepts.items())


def _is_strip(tables: Sequence[Table]) -> bool:
    """Whether what looks like a table is keys side by side over their values: one row everywhere, and no columns'."""
    rows = max(len(table.columns[0].cells) for table in tables)
    items = {concept.name for table in tables for column in table.columns for concept in captioned(column.header)}
    return rows == 1 and len(items & UNIT_CONCEPTS) < 2


def _list(cluster: Sequence[tuple[int, Table]], samples: Sequence[Sample]) -> List:
    """The columns that half of the tables have, in the order of the page."""
    seen = [
        _Seen(at, column.header, cell, samples[at].conventions)
        for at, table in cluster
        for column in table.columns
        for cell in column.cells
        if cell
    ]
    holders = len({at for at, _ in cluster})
    columns = tuple(leaf for leaf in _leaves(seen, entered=False) if 2 * leaf.samples >= holders)
    return List(columns, holders)


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
