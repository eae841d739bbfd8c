"""No printed text makes a reading raise."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from docpipe.literals.currencies import parse_currency
from docpipe.literals.dates import infer_day_first, parse_date
from docpipe.literals.identifiers import iban_valid, vat_id_shaped
from docpipe.literals.numbers import decimal_mark, parse_number
from docpipe.literals.phrases import is_nothing, names_a_sum, parse_boolean


@given(st.text(max_size=200))
def test_nothing_raises_on_any_text(text: str) -> None:
    parse_number(text)
    parse_date(text)
    parse_currency(text)
    iban_valid(text)
    vat_id_shaped(text)
    decimal_mark([text])
    parse_boolean(text)
    is_nothing(text)
    names_a_sum(text)
    infer_day_first([text])
