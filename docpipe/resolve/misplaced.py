"""A value that the page prints as part of something else: of an address, of bank details, of a length of time.

"PO Box 4411" is no order, the "8 mai 1945" of a street no date of the document, and "12 months" no contract.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docpipe.literals.banks import is_customers, names_account, names_bank_details
from docpipe.literals.postal import begins_with_post_box, is_street_date
from docpipe.literals.sentences import is_duration
from docpipe.records import Violation
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.schema.nodes import Node
from docpipe.schema.paths import value_at


def misplaced(
    nodes: Mapping[str, Node], value: Mapping[str, Any], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> Iterator[Violation]:
    """A warning `misplaced` for each date, number and identifier of the record, not of its rows, that stands only in
    such places; it names one.
    """
    numbers = {page.number: page for page in pages}
    for path, where in evidence.items():
        node, page = nodes.get(path), numbers.get(where.page)  # no node for a value of a row, whose path has an index
        if node is None or page is None or where.place is None or not _is_judged(node):
            continue
        found = _part_of(node, page, where.place)
        leaf = value_at(value, path)
        if found and all(_part_of(node, other, place) for other in pages for place in other.places(leaf)):
            message = f"{path} is {leaf}, which page {where.page} prints as part of {found!r}"
            yield Violation("misplaced", "warning", message, (path,), str(leaf)[:200], found[:200])


def _is_judged(node: Node) -> bool:
    return node.kind in ("date", "number", "integer") or (node.kind == "string" and node.type == "identifier")


def _part_of(node: Node, page: PageIndex, place: Place) -> str:
    """The words of something else that the value at `place` is part of; "" where it is none."""
    text = " ".join(word.text for word in page.words[place.start : place.end])
    before, behind = _before(page, place), _behind(page, place)
    if node.kind == "date":
        return f"{before} {text}" if is_street_date(before, text) else ""
    if begins_with_post_box(f"{before} {text}"):
        return f"{before} {text}"
    if is_duration(text, behind):
        return f"{text} {behind[0]}"
    if node.kind == "string" and names_account(before) and is_customers(node.all_labels()):
        line = " ".join(page.words[at].text for at in page.lines[page.line_of[place.start]])
        return line if names_bank_details(line) else ""
    return ""


def _before(page: PageIndex, place: Place) -> str:
    """The words that stand before a place, a space apart."""
    at = place.start
    while at and page.in_one_cell(Place(at - 1, at), Place(at, at + 1)):
        at -= 1
    return " ".join(word.text for word in page.words[at : place.start])


def _behind(page: PageIndex, place: Place) -> list[str]:
    """The words that stand behind a place, a space apart."""
    at = place.end
    while at < len(page.words) and page.in_one_cell(Place(at - 1, at), Place(at, at + 1)):
        at += 1
    return [word.text for word in page.words[place.end : at]]
