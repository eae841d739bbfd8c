"""A value that stands in a sentence only, while the key of its field stands beside another one.

A page may order its reader about ("the total is 1.00"): what a sentence says of a field is not what is printed for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docpipe.literals.currencies import currencies_of
from docpipe.page.box import Box
from docpipe.records import Violation
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.schema.nodes import Node
from docpipe.schema.paths import value_at

SENTENCE = 5  # words without a digit around a value
SPACE = 0.7  # of a line's height: the words of a sentence stand no farther apart
UNDER = 1.5  # of a line's height: a value under its key stands no farther down


def in_prose(
    nodes: Mapping[str, Node], value: Mapping[str, Any], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> Iterator[Violation]:
    """A warning `in_prose` for each number, date and plain text of the record, not of its rows, that a sentence prints
    without its key, while a key of the field stands beside or over another one; it names both.
    """
    numbers = {page.number: page for page in pages}
    for path, where in evidence.items():
        node = nodes.get(path)  # none for a value of a row, whose path has an index
        if node is None or node.enum or where.place is None:
            continue
        if node.kind not in ("number", "integer", "date") and (node.kind != "string" or node.format):
            continue
        page = numbers.get(where.page)
        if (
            page is not None
            and _in_sentence(page, where.place)
            and not any(key.end == where.place.start for key in _keys(node, page))
        ):
            leaf = value_at(value, path)
            printed = next((text for other in pages for text in printed_for(node, other, leaf)), None)
            if printed is not None:
                message = f"{path} is {leaf} in a sentence, and its key stands beside {printed}"
                yield Violation("in_prose", "warning", message, (path,), str(leaf)[:200], printed[:200])


def _keys(node: Node, page: PageIndex) -> Iterator[Place]:
    for label in node.all_labels():
        yield from page.text_places(label)


def _in_sentence(page: PageIndex, place: Place) -> bool:
    """Whether enough words without a digit stand around `place` on its line, a space apart, with no sign between."""
    first, last = place.start, place.end - 1
    while first > 0 and _next_to(page, first - 1):
        first -= 1
    while last + 1 < len(page.words) and _next_to(page, last):
        last += 1
    around = [page.words[at].text for at in (*range(first, place.start), *range(place.end, last + 1))]
    return sum(not any(map(str.isdigit, text)) for text in around) >= SENTENCE


def _next_to(page: PageIndex, at: int) -> bool:
    """Whether the word at `at` and the one after it are neighbours in one sentence."""
    if page.line_of[at] != page.line_of[at + 1]:
        return False
    word, following = page.words[at], page.words[at + 1]
    across = page.levels[at][1] * page.page.height_pt / page.page.width_pt  # the line's height, in widths of the page
    near = -across < following.box.left - word.box.right < SPACE * across
    return near and any(map(str.isalnum, word.text)) and any(map(str.isalnum, following.text))


def printed_for(node: Node, page: PageIndex, leaf: Any) -> Iterator[str]:
    """What keys of `node`, outside sentences, stand beside or over, where it is of the field's kind and is not `leaf`.

    An amount shows its decimals. For None every date or amount is another one.
    """
    days = {(place.start, day) for day, places in page.dates.items() for place in places}
    dated = {start for start, _ in days}
    for place in _keys(node, page):
        at = None if _in_sentence(page, place) else _beside(page, place)
        if at is None:
            continue
        text, number = page.words[at].text, page.numbers.get(at)
        if node.kind == "date":
            other = at in dated and (at, leaf) not in days
        elif node.kind == "string":
            known = leaf or ""
            other = at not in dated and sum(map(str.isdigit, text)) > 1 and text not in known and known not in text
        else:
            same = leaf is not None and number is not None and abs(number) == abs(leaf)
            other = number is not None and not same and any(mark in text for mark in ".,")
        if other:
            yield text


def _beside(page: PageIndex, key: Place) -> int | None:
    """The word that stands nearest right of a key, a currency apart, else the first one right under it."""
    printed = Box.around(page.boxes(key))
    height, lines = page.levels[key.start][1], page.lines_of(key)
    candidates = []
    for at, word in enumerate(page.words):
        if key.start <= at < key.end or not any(map(str.isalnum, word.text)):
            continue
        below = word.box.top - printed.bottom
        if page.line_of[at] in lines and word.box.left >= printed.right:
            if not currencies_of(word.text):
                candidates.append((False, word.box.left, at))
        elif 0 <= below < UNDER * height and word.box.left < printed.right and word.box.right > printed.left:
            candidates.append((True, word.box.left, at))
    return min(candidates)[2] if candidates else None
