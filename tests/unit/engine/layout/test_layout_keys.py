"""Keys are matched to labels exactly, across languages, misspelt, shortened, and to nothing else."""

from __future__ import annotations

import pytest

from docpipe.engine.layout.keys.fields import key_of
from docpipe.engine.layout.keys.label_index import LabelIndex, build_index
from docpipe.engine.layout.keys.printed_keys import keys_in
from docpipe.page.lines import read_page
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import page_of


@pytest.fixture(scope="module")
def index() -> LabelIndex:
    return build_index(load_schema("invoice"))


def _best(index: LabelIndex, text: str) -> str:
    matches = [match for match in index.matches(text) if not match.field.array]
    return max(matches, key=lambda match: match.quality).field.path if matches else ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Rechnungs-Nr.", "RECHNUNGSNUMMER:"),
        ("Invoice #", "invoice no."),
        ("N° de facture", "No de Facture"),
        ("Total (EUR)", "TOTAL"),
        ("MwSt. 19 %", "MwSt"),
        ("Sub-total", "Subtotal"),
    ],
)
def test_one_key_in_two_spellings_has_one_key(one: str, other: str) -> None:
    assert key_of(one) == key_of(other)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("Invoice number", "invoice_number"),
        ("Invioce number:", "invoice_number"),
        ("Rechnungsnummer", "invoice_number"),
        ("Handelsrechnung Nr.", "invoice_number"),
        ("Datum / Date", "invoice_date"),
        ("Fälligkeitsdatum", "due_date"),
        ("Date d'échéance", "due_date"),
        ("Inv. No.", "invoice_number"),
        ("Your VAT number", "buyer.tax_id"),
        ("Our VAT number", "seller.tax_id"),
        ("VAT number customer", "buyer.tax_id"),
        ("Umsatzsteuer 19 %", "tax"),
        ("Total spots", ""),
        ("Zusammenfassung", ""),
    ],
)
def test_a_key_names_its_field(index: LabelIndex, text: str, path: str) -> None:
    assert _best(index, text) == path


@pytest.mark.parametrize(
    ("text", "rests"),
    [
        ("Invoice No: 4711", ["4711"]),
        ("Rechnung Nr. 4711 vom 3.5.2024", ["4711", "3.5.2024"]),
        ("Date:12.03.2024", ["12.03.2024"]),
        ("VAT 19 %", [None]),
        ("Order date", []),
        ("DE 12345 Leipzig", []),
        ("PO-50364", []),
    ],
)
def test_what_follows_a_key_is_cut_before_the_next(index: LabelIndex, text: str, rests: list[str | None]) -> None:
    page_text = read_page(page_of([(50, 50, text)]), 0)
    found = [key for one in page_text.lines[0].segments for key in keys_in(one, index) if key.known]
    assert [key.rest.text if key.rest else None for key in found] == rests
