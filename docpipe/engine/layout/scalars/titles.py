"""The title of a document: what stands largest at the head of its first page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from statistics import median

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scalars.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.page.lines import Segment

ALONE = weight("document_title")  # by the file's own sizes
SEEN = weight("document_title.seen")  # by pixels
RIVALLED = weight("document_title.rivalled")  # beside other type so large


def document_title(document: Document) -> Iterator[Candidate]:
    """The title, for each field that is one; nothing where no type at the head of the first page is larger than usual.

    What rows were read from, keys and entries of a form, is no title; nor has a chart its title there.
    """
    fields = document.schema.titles
    if not fields or document.schema.charts or not document.first or not document.page_texts:
        return
    page_text = document.page_texts[0]
    read = {
        token.box for found in document.rows for row in found.rows for leaf in row.values() for token in leaf.tokens
    }
    heads = [
        segment
        for line in page_text.lines
        for segment in line.segments
        if segment.box.top < PARAMS.head_share * page_text.height
        and _worded(segment)
        and read.isdisjoint(token.box for token in segment.tokens)
    ]
    largest = max(heads, key=lambda segment: (_size(segment), -segment.box.top), default=None)
    if largest is None or _size(largest) < PARAMS.head_larger_pitches * page_text.pitch:
        return
    title = _with_next_lines(largest, heads)
    rivals = [
        segment
        for segment in heads
        if segment not in title and _size(segment) >= PARAMS.head_alike_share * _size(largest)
    ]
    text = " ".join(segment.text for segment in title).rstrip(":").strip()
    tokens = tuple(token for segment in title for token in segment.tokens)
    exact = all(token.sure == 1.0 for token in tokens)
    score = RIVALLED if rivals else ALONE if exact else SEEN
    for field in fields:
        if len(text) <= (field.node.max_length or len(text)):
            yield Candidate(field, Reading(text, tokens, 1.0), largest, "document_title", (), score, shared=True)


def _with_next_lines(first: Segment, heads: Sequence[Segment]) -> list[Segment]:
    """A title and the lines below it in the same type."""
    title = [first]
    for head in sorted(heads, key=lambda head: head.box.top):
        if _follows(title[-1], head) and abs(_size(head) / _size(first) - 1.0) < 1.0 - PARAMS.head_alike_share:
            title.append(head)
    return title


def _follows(above: Segment, segment: Segment) -> bool:
    """Whether `segment` is on the next line, below some of `above`."""
    under = segment.box.left < above.box.right and above.box.left < segment.box.right
    return (
        under
        and segment.box.top > above.box.top
        and segment.box.top - above.box.bottom < PARAMS.head_next_line_em * _size(above)
    )


def _worded(segment: Segment) -> bool:
    return sum(char.isalpha() for char in segment.text) >= PARAMS.head_letters


def _size(segment: Segment) -> float:
    return median(token.size for token in segment.tokens)
