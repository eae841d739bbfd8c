"""Account and tax numbers are known by shape and check digits."""

from __future__ import annotations

import pytest

from docpipe.literals.identifiers import iban_registered, iban_valid, vat_id_shaped


def test_account_numbers_are_checked_by_their_digits() -> None:
    assert iban_valid("DE89 3704 0044 0532 0130 00")
    assert not iban_valid("DE89 3704 0044 0532 0130 01")
    assert not iban_valid("")
    assert iban_registered("de89 3704 0044 0532 0130 00")
    assert not iban_registered("DE89 3704 0044 0532 0130 01")
    assert iban_valid("DE49370400440O32013000"), "its digits hold, but it has a letter"
    assert not iban_registered("DE49370400440O32013000")


@pytest.mark.parametrize(
    "text",
    ["DE123456789", "DE 123 456 789", "FR11999999998", "NL123456789B01", "ATU12345678", "CHE-123.456.789 MWST"],
)
def test_vat_numbers_are_known_by_shape(text: str) -> None:
    assert vat_id_shaped(text)


@pytest.mark.parametrize("text", ["", "DE12345678", "XX123456789", "201/113/40209", "RECHNUNG"])
def test_other_numbers_are_no_vat_numbers(text: str) -> None:
    assert not vat_id_shaped(text)
