"""The title of a document: what stands largest at the head of its first page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import PageText, Segment

HEAD = 0.25  # of the page's height: a title stands within it
LARGER = 1.2  # of the usual size of the page's type, at least
ALIKE = 0.9  # of the title's size: other type so large may be the title as well
FOLLOWS = 1.2  # of the type's size: the next line of one title is no farther down
LETTERS = 5  # of a title at least: "W-9" is a number
ALONE = weight("document_title")  # by the file's own sizes
SEEN = weight("document_title.seen")  # by pixels
RIVALLED = weight("document_title.rivalled")  # beside other type so large


def title_fields(fields: Iterable[Field]) -> tuple[Field, ...]:
    """The fields that the schema calls the title of the document."""
    return tuple(one for one in fields if one.node.role == "title" and not one.array)


def title_leaves(
    fields: Sequence[Field], page_texts: Sequence[PageText], tables: Iterable[Sequence[Row]]
) -> dict[str, Leaf]:
    """path -> the title, for each of `fields`; {} where no type at the head of the first page is larger than usual.

    What the rows of `tables` were read from, keys and entries of a form, is no title.
    """
    if not fields or not page_texts:
        return {}
    page_text = page_texts[0]
    read = {token.box for rows in tables for row in rows for leaf in row.values() for token in leaf.tokens}
    heads = [
        one
        for line in page_text.lines
        for one in line.segments
        if one.box.top < HEAD * page_text.height and _worded(one) and read.isdisjoint(token.box for token in one.tokens)
    ]
    largest = max(heads, key=lambda one: (_size(one), -one.box.top), default=None)
    if largest is None or _size(largest) < LARGER * page_text.pitch:
        return {}
    title = _with_next_lines(largest, heads)
    rivals = [one for one in heads if one not in title and _size(one) >= ALIKE * _size(largest)]
    text = " ".join(one.text for one in title).rstrip(":").strip()
    tokens = tuple(token for one in title for token in one.tokens)
    exact = all(token.sure == 1.0 for token in tokens)
    score = RIVALLED if rivals else ALONE if exact else SEEN
    return {
        one.path: Leaf(text, tokens, 0, score, "title")
        for one in fields
        if len(text) <= (one.node.max_length or len(text))
    }


def _with_next_lines(first: Segment, heads: Sequence[Segment]) -> list[Segment]:
    """A title and the lines below it in the same type."""
    title = [first]
    for one in sorted(heads, key=lambda one: one.box.top):
        if _follows(title[-1], one) and abs(_size(one) / _size(first) - 1.0) < 1.0 - ALIKE:
            title.append(one)
    return title


def _follows(above: Segment, one: Segment) -> bool:
    """Whether `one` is on the next line, below some of `above`."""
    under = one.box.left < above.box.right and above.box.left < one.box.right
    return under and one.box.top > above.box.top and one.box.top - above.box.bottom < FOLLOWS * _size(above)


def _worded(one: Segment) -> bool:
    return sum(char.isalpha() for char in one.text) >= LETTERS


def _size(one: Segment) -> float:
    return median(token.size for token in one.tokens)
