"""Keys and tables that repeat over samples."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil

from docpipe.draft.languages import captioned_in, languages_seen
from docpipe.draft.leaves import Leaf, Meant, Seen, leaves
from docpipe.draft.printed import Printed, printed_pairs
from docpipe.draft.samples import Sample
from docpipe.draft.tables import Column, Table, tables_of
from docpipe.engine.layout.keys.concepts import captioned
from docpipe.engine.layout.keys.fields import key_of

LEAST_SHARE = 0.5  # of the samples print a key that becomes a field
SAME_TABLE = 0.5  # of the columns of the smaller of two tables are alike
UNIT_CONCEPTS = frozenset(("quantity", "unit_price", "line_total", "description", "article_number", "amount", "price"))


@dataclass(frozen=True, slots=True)
class List:
    """A table of several samples. `samples`: how many of them have it; its columns' counts are of rows' samples."""

    columns: tuple[Leaf, ...]
    samples: int


@dataclass(frozen=True, slots=True)
class Gathered:
    """What repeats over `samples` samples. `languages`: those of the captions on them, the commonest first."""

    samples: int
    fields: tuple[Leaf, ...]
    lists: tuple[List, ...]
    languages: tuple[str, ...]


def gathered(samples: Sequence[Sample], share: float = LEAST_SHARE) -> Gathered:
    """The keys and tables that at least that share of the samples print."""
    least = max(1, ceil(share * len(samples)))
    clusters = [
        cluster
        for cluster in _clusters([tables_of(sample) for sample in samples])
        if not _is_strip([table for _, table in cluster])
    ]
    tables: dict[int, list[Table]] = {at: [] for at in range(len(samples))}
    for at, table in (each for cluster in clusters for each in cluster):
        tables[at].append(table)
    seen = [
        Seen(at, pair.key, pair.value, sample.conventions)
        for at, sample in enumerate(samples)
        for pair in _first_each(printed_pairs(sample, tables[at]))
    ]
    headers = (column.header for cluster in clusters for _, table in cluster for column in table.columns)
    languages = languages_seen([*(each.key for each in seen), *headers])
    meant = partial(captioned_in, languages=languages)
    fields = tuple(leaf for leaf in leaves(seen, meant) if leaf.samples >= least)
    often = (cluster for cluster in clusters if len({at for at, _ in cluster}) >= least)
    return Gathered(len(samples), fields, tuple(_list(cluster, samples, meant) for cluster in often), languages)


def _first_each(pairs: Iterable[Printed]) -> Iterator[Printed]:
    """Of the pairs of one sample the first of each key."""
    known: set[str] = set()
    for pair in pairs:
        key = key_of(pair.key)
        if key not in known:
            known.add(key)
            yield pair


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


def _list(cluster: Sequence[tuple[int, Table]], samples: Sequence[Sample], meant: Meant) -> List:
    """The columns that half of the tables have, in the order of the page."""
    seen = [
        Seen(at, column.header, cell, samples[at].conventions, column.first_line)
        for at, table in cluster
        for column in table.columns
        for cell in column.cells
        if cell
    ]
    holders = len({at for at, _ in cluster})
    columns = leaves(seen, meant, entered=False)
    return List(tuple(leaf for leaf in columns if 2 * leaf.samples >= holders), holders)
