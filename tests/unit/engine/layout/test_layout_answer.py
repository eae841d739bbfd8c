"""Spans: where an answer's values stand, and how sure they are once the recogniser's doubt is counted in."""

from __future__ import annotations

import pytest

from docpipe.engine.layout.answer import Leaf, to_spans
from docpipe.page.box import Box
from docpipe.page.lines import Token, read_page
from docpipe.records import Page

PAGE_TEXT = read_page(Page(3, 100.0, 200.0), 0)


def token(text: str, x: float, sure: float) -> Token:
    return Token(int(x), text, Box(x, 10.0, x + 10.0, 20.0), False, 10.0, sure)


@pytest.mark.parametrize(("sures", "score"), [((1.0, 1.0), 0.9), ((0.9, 1.0), 0.81), ((0.9, 0.8), 0.648), ((), 0.9)])
def test_every_word_must_be_read_rightly(sures: tuple[float, ...], score: float) -> None:
    tokens = tuple(token(f"w{at}", 12.0 * at, sure) for at, sure in enumerate(sures))
    (span,) = to_spans({"name": Leaf("w0 w1", tokens, 0, 0.9, "right")}, {}, [PAGE_TEXT])
    assert (span.path, span.page, span.score) == ("name", 3, pytest.approx(score))


def test_words_side_by_side_have_one_box_as_fractions_of_the_page() -> None:
    (span,) = to_spans(
        {"name": Leaf("a b", (token("a", 0.0, 1.0), token("b", 12.0, 1.0)), 0, 1.0, "right")}, {}, [PAGE_TEXT]
    )
    assert span.boxes == (pytest.approx((0.0, 0.05, 0.22, 0.1)),)
