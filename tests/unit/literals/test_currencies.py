"""Currencies are known by code or symbol."""

from __future__ import annotations

import pytest

from docpipe.literals.currencies import parse_currency


@pytest.mark.parametrize(
    ("text", "code"),
    [("€", "EUR"), ("12,00 Euro", "EUR"), ("$5", "USD"), ("CA$ 5", "CAD"), ("R$", "BRL"), ("CHF", "CHF"), ("zł", "PLN"),
     ("All amounts in GBP", "GBP"), ("kr", None), ("EUR USD", None), ("the", None), ("", None)],
)  # fmt: skip
def test_currencies_are_named_by_code_or_symbol(text: str, code: str | None) -> None:
    assert parse_currency(text) == code


def test_a_bare_dollar_can_be_another_countrys() -> None:
    assert parse_currency("$5", dollar="AUD") == "AUD"
