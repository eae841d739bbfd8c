"""Which characters are taken for one another."""

from __future__ import annotations

import pytest

from docpipe.resolve.confusable import likeness, read_as_digits

ALIKE = ["0OoQD", "1lI|i", "2Zz", "5Ss", "6Gb", "8B", "9gq"]


@pytest.mark.parametrize("characters", ALIKE)
def test_characters_of_one_shape_are_alike(characters: str) -> None:
    assert len({likeness(one) for one in characters}) == 1


def test_characters_of_different_shapes_are_not() -> None:
    assert len({likeness(characters[-1]) for characters in ALIKE}) == len(ALIKE)
    assert likeness("aehkmtwxy347") == "aehkmtwxy347"


@pytest.mark.parametrize(("text", "digits"), [("1Z", "12"), ("l0", "10"), ("3S", "35"), ("8B", "88"), ("4o", "40")])
def test_a_letter_that_can_be_but_one_digit_is_read_as_it(text: str, digits: str) -> None:
    assert read_as_digits(text) == digits


@pytest.mark.parametrize("text", ["1z", "3s", "6b", "6G", "9q", "9g", "1i", "0D"])
def test_a_letter_that_is_as_often_itself_is_left(text: str) -> None:
    assert read_as_digits(text) is None
