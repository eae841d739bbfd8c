"""Rows that an answer repeats and the pages print fewer times: a model that has lost its way goes on and on."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docpipe.records import Violation
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.row_lines import row_leaves
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import value_at

MAX_TOLD = 3
SHARED = 3  # rows of texts alone more than are printed are none too many: the boxes of a form share a question


def repeated_rows(schema: Schema, value: Mapping[str, Any], pages: Sequence[PageIndex]) -> list[Violation]:
    """One `repeated_rows` violation for each list at the root of which equal rows are told more often than printed.

    `left` is how many rows were told so, `right` how many of them the pages print. What a page without words, or words
    that print nothing of a row, cannot tell is no violation.
    """
    violations = []
    for path, array in schema.root.arrays() if any(page.words for page in pages) else ():
        if array.item is None or not array.item.children:
            continue
        extra = [
            (told, printed, row)
            for row, told in _alike(array.item, value_at(value, path) or ())
            if (printed := _printed(row, pages))
            and told > printed + (SHARED if all(isinstance(leaf, str) for leaf in row) else 0)
        ]
        if extra:
            told, printed = sum(told for told, _, _ in extra), sum(printed for _, printed, _ in extra)
            quoted = "; ".join(f"{' | '.join(map(str, row))!r} {told} times" for told, _, row in extra[:MAX_TOLD])
            message = f"{path}: rows are told more often than they are printed: {quoted}"
            violations.append(Violation("repeated_rows", "error", message, (path,), str(told), str(printed)))
    return violations


def _alike(item: Node, rows: Sequence[Any]) -> Iterator[tuple[tuple[Any, ...], int]]:
    """(the values of a row that words print, how many rows have just these), for rows that are told twice or more.

    A document may print a date once for several rows.
    """
    counted = Counter(
        (
            tuple(leaf for _, node, leaf in leaves if _is_printed(node)),
            tuple((path, leaf) for path, _, leaf in leaves),
        )
        for row in rows
        if row and (leaves := list(row_leaves(item, row, "")))
    )
    yield from ((printed, told) for (printed, _), told in counted.items() if told > 1 and printed)


def _is_printed(node: Node) -> bool:
    return node.kind in ("number", "integer") or (node.kind == "string" and not node.enum and node.format != "currency")


def _printed(row: Sequence[Any], pages: Sequence[PageIndex]) -> int:
    """How often the pages print a row: lines with most of its values that print anything, failing these the places of
    the value that has most.

    A recogniser may misread the words of one print: of a scan lines count that have most of its values.
    """
    lines: dict[tuple[int, int], set[int]] = defaultdict(set)
    places = [0] * len(row)
    for page in pages:
        for at, leaf in enumerate(row):
            for place in page.places(leaf):
                places[at] += 1
                lines[page.number, page.lines_of(place)[0]].add(at)
    known = sum(map(bool, places))
    scanned = any(page.page.text_source != "layer" for page in pages)
    least = max(min(2, known), known - scanned)
    full = sum(len(found) >= least for found in lines.values())
    return full or max(places, default=0)
