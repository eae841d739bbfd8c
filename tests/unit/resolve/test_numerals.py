"""Numbers up to the limits are exact; one step beyond is an error, not another number."""

from __future__ import annotations

from decimal import Decimal

import pytest

from docpipe.errors import DecodeError
from docpipe.resolve.decode import decode
from docpipe.resolve.numerals import integer, number, plain


@pytest.mark.parametrize(
    ("digits", "value"),
    [
        ("9" * 60, 10**60 - 1),
        ("1." + "3" * 58, Decimal("1." + "3" * 58)),
        ("1e60", Decimal("1e60")),
        ("1E-60", Decimal("1e-60")),
        ("1e+060", Decimal("1e60")),
        ("2.50", Decimal("2.5")),
    ],
)
def test_a_number_at_the_limit_is_read_exactly(digits: str, value: int | Decimal) -> None:
    assert decode(f'{{"a": {digits}}}').value == {"a": value}


@pytest.mark.parametrize("digits", ["9" * 61, "1." + "3" * 59, "1e61", "1E-61", "1e00060", "1e+0060"])
def test_a_number_beyond_the_limit_is_refused(digits: str) -> None:
    with pytest.raises(DecodeError, match="out of bounds"):
        decode(f'{{"a": {digits}}}')


def test_the_limits_are_of_one_number_however_it_is_read() -> None:
    assert integer("9" * 60) == 10**60 - 1
    assert number("1.5") == Decimal("1.5")
    for read in (integer, number):
        with pytest.raises(DecodeError):
            read("1" * 61)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("1.230", "1.23"), ("1.00", "1"), ("100", "100"), ("1E+3", "1000"), ("0.10", "0.1"), ("120.0", "120")],
)
def test_zeros_that_say_nothing_go_and_those_that_count_stay(value: str, shown: str) -> None:
    assert str(plain(Decimal(value))) == shown


@pytest.mark.parametrize(("open_", "shut"), [('{"a":', "}"), ("[", "]")])
@pytest.mark.parametrize(("levels", "well"), [(63, True), (64, True), (65, False)])
def test_sixty_four_levels_are_read_and_one_more_is_refused(open_: str, shut: str, levels: int, well: bool) -> None:
    below = levels - 1  # the object around counts from 0, the leaf is one deeper
    text = f'{{"x":{open_ * below}null{shut * below}}}'
    if well:
        assert decode(text).cut is None
    else:
        with pytest.raises(DecodeError, match="deeper than 64 levels"):
            decode(text)
