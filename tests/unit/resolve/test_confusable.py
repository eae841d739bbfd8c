"""Letters that readers take for digits, and only those."""

from __future__ import annotations

import pytest

from docpipe.resolve.confusable import likeness, read_as_digits, variants


@pytest.mark.parametrize(("text", "digits"), [("1O0", "100"), ("l2,5O", "12,50"), ("S5", "55"), ("B8.0I", "88.01")])
def test_letters_beside_digits_are_read_as_digits(text: str, digits: str) -> None:
    assert read_as_digits(text) == digits


@pytest.mark.parametrize("text", ["100", "OIL", "", "SOS"])
def test_digits_alone_and_letters_alone_are_left(text: str) -> None:
    assert read_as_digits(text) is None


@pytest.mark.parametrize(
    ("left", "right", "alike"), [("RE-2O", "RE-20", True), ("A1", "Al", True), ("A1", "A2", False)]
)
def test_likeness_is_what_confusable_texts_have_in_common(left: str, right: str, alike: bool) -> None:
    assert (likeness(left) == likeness(right)) is alike


@pytest.mark.parametrize(
    ("text", "read"),
    [("l7", {"17", "I7"}), ("O", {"0", "Q", "D"}), ("o", {"0", "Q", "D"}), ("B8", {"88", "BB"}), ("-7", set())],
)
def test_variants_differ_in_one_character_of_its_shape(text: str, read: set[str]) -> None:
    assert set(variants(text)) == read
