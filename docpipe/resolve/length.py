"""How long the answer about a page will be, judged by what the page prints before anybody is asked."""

from __future__ import annotations

from collections.abc import Iterator

from docpipe.literals.numbers import WITH_CENTS
from docpipe.page.lines import word_lines
from docpipe.records import Page
from docpipe.schema.nodes import Node, Schema

CHARS_PER_TOKEN = 2.5  # of compact JSON with many digits, each of which is a token
AROUND = 6  # characters of quotes, colon and comma around a name and its value


def answer_tokens(schema: Schema, page: Page) -> int:
    """Tokens that the rows of `page` take in an answer: as many as its lines with an amount, in the widest list.

    0 for a schema without lists of records and for a page without words: then nothing is known.
    """
    names = max((_names(item) for item in _items(schema.root)), default=0)
    if not names:
        return 0
    words = [word for word in page.words if word.visible]
    lines = word_lines(words, page.width_pt, page.height_pt)
    texts = [" ".join(words[at].text for at in line) for line in lines]
    rows = [text for text in texts if WITH_CENTS.search(text)]
    return int(sum(names + len(text) for text in rows) / CHARS_PER_TOKEN)


def _items(root: Node) -> Iterator[Node]:
    return (array.item for _, array in root.arrays() if array.item is not None and array.item.children)


def _names(item: Node) -> int:
    """Characters that a row takes besides its values."""
    return sum(len(path.rpartition(".")[2]) + AROUND for path, _ in item.leaves_of_all())
