"""Who printed a receipt: the name and the address at its head, among stamps, remarks and slogans."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from docpipe.page.box import Box
from docpipe.records import Geometry, Page, Word
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import reply_of

WIDTH, HEIGHT = 226.0, 600.0  # a roll of 80 mm, points
LETTER = 0.5  # of the size: every letter is as wide
SALE = ("Rye bread 3.40", "Butter 2.10", "Total 5.50", "Cash 10.00", "Change 4.50")


def roll(head: Sequence[str], sure: float = 1.0) -> Page:
    """Lines set in the middle of a roll, and a sale under them.

    "##" before a line sets it twice as large; "<" sets it at the left edge; "~" says that it is hard to read; "^"
    leaves two lines of white space above it.
    """
    words: list[Word] = []
    y = 20.0
    for number, line in enumerate(head):
        marks, text = line[: len(line) - len(line.lstrip("#<~^"))], line.lstrip("#<~^")
        size = 16.0 if "##" in marks else 8.0
        y += 20.0 * marks.count("^")
        width = LETTER * size * len(text)
        x = 10.0 if "<" in marks else (WIDTH - width) / 2
        words += _words(text, x, y, size, number, 0.7 if "~" in marks else sure)
        y += 1.25 * size
    y += 12.0
    for number, line in enumerate(SALE, len(head)):
        name, _, amount = line.rpartition(" ")
        words += _words(name, 10.0, y, 8.0, number, sure)
        words += _words(amount, 216.0 - LETTER * 8.0 * len(amount), y, 8.0, number, sure)
        y += 10.0
    return Page(1, WIDTH, HEIGHT, words=tuple(words), geometry=Geometry(), text_source="layer")


def _words(text: str, x: float, y: float, size: float, line: int, sure: float) -> list[Word]:
    words = []
    for part in text.split(" "):
        width = LETTER * size * len(part)
        if part:
            box = Box(x / WIDTH, y / HEIGHT, (x + width) / WIDTH, (y + size) / HEIGHT)
            words.append(Word(part, box, line, size=size / HEIGHT, confidence=sure))
        x += width + LETTER * size
    return words


def seller(head: Sequence[str]) -> tuple[str | None, str | None]:
    """(name, address) of who printed the receipt."""
    found = json.loads(reply_of(load_schema("receipt").document, [roll(head)]).text)["seller"] or {}
    return found.get("name"), found.get("address")


def sureness(head: Sequence[str], path: str = "seller.name") -> float:
    reply = reply_of(load_schema("receipt").document, [roll(head)])
    return next(span.score for span in reply.spans if span.path == path)
