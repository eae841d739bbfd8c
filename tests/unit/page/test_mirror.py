"""A page that runs left is mirrored for a reader of pages that run right, and what he finds is put back."""

from __future__ import annotations

import numpy as np
import pytest

from docpipe.page.box import Box
from docpipe.page.mirror import has_leftward_words, in_place, mirrored, mirrored_span
from docpipe.records import Geometry, Grid, Page, Region, Span, Widget, Word

CAPTION = "\u05e1\u05db\u05d5\u05dd"


def page(*words: tuple[str, float, float], **more: object) -> Page:
    printed = tuple(Word(text, Box(left, 0.1, right, 0.12)) for text, left, right in words)
    return Page(1, 595.0, 842.0, words=printed, **more)  # type: ignore[arg-type]


def test_left_and_right_are_exchanged() -> None:
    found = mirrored(page((CAPTION, 0.8, 0.9), ("12.00", 0.3, 0.4)))
    assert [word.box.left for word in found.words] == pytest.approx([0.1, 0.6])
    assert [word.box.right for word in found.words] == pytest.approx([0.2, 0.7])
    assert [word.text for word in found.words] == [CAPTION, "12.00"]


def test_a_name_whose_letters_run_right_keeps_its_order() -> None:
    found = mirrored(page(("Acme", 0.30, 0.36), ("Ltd", 0.365, 0.40), (CAPTION, 0.8, 0.9)))
    first, second, _ = found.words
    assert first.box.left == pytest.approx(0.60)
    assert second.box.left == pytest.approx(0.665)
    assert second.box.right == pytest.approx(0.70)


def test_all_that_is_drawn_is_mirrored_too() -> None:
    geometry = Geometry(
        rules=(Box(0.1, 0.5, 0.3, 0.5),),
        fills=(Box(0.0, 0.1, 0.2, 0.2),),
        widgets=(Widget(Box(0.1, 0.1, 0.2, 0.2), "Text", "name", ""),),
        grids=(Grid((0.1, 0.2, 0.6), (0.3, 0.4)),),
        regions=(Region("text", Box(0.1, 0.1, 0.2, 0.2)),),
    )
    pixels = np.arange(6, dtype=np.uint8).reshape(1, 2, 3)
    found = mirrored(page((CAPTION, 0.8, 0.9), geometry=geometry, pixels=pixels))
    assert found.geometry.rules[0] == pytest.approx(Box(0.7, 0.5, 0.9, 0.5))
    assert found.geometry.fills[0].right == 1.0
    assert found.geometry.widgets[0].box == found.geometry.regions[0].box == pytest.approx(Box(0.8, 0.1, 0.9, 0.2))
    assert found.geometry.grids[0].x_edges == pytest.approx((0.4, 0.8, 0.9))
    assert found.pixels is not None
    assert found.pixels[0, 0].tolist() == [3, 4, 5]


def test_twice_mirrored_is_the_page_itself() -> None:
    before = page((CAPTION, 0.8, 0.9), ("Acme", 0.30, 0.36), ("Ltd", 0.365, 0.40))
    for again, word in zip(mirrored(mirrored(before)).words, before.words, strict=True):
        assert again.box == pytest.approx(word.box)


def test_a_span_goes_back_to_where_it_stands() -> None:
    assert mirrored_span(Span("total", 1, (Box(0.1, 0.1, 0.2, 0.2),), 0.9)).boxes == (Box(0.8, 0.1, 0.9, 0.2),)


def test_text_that_runs_left_is_put_in_order_where_it_stands() -> None:
    first, second, value = in_place(
        page(("\u05de\u05e1", 0.30, 0.36), (CAPTION, 0.365, 0.40), ("12.00", 0.5, 0.6))
    ).words
    assert (second.box.left, second.box.right) == pytest.approx((0.30, 0.335))
    assert (first.box.left, first.box.right) == pytest.approx((0.34, 0.40))
    assert value.box.left == 0.5


def test_only_pages_with_words_that_run_left_have_them() -> None:
    assert has_leftward_words(page((CAPTION, 0.8, 0.9), ("Invoice", 0.1, 0.2)))
    assert not has_leftward_words(page(("12.00 \u20ac", 0.1, 0.2)))
