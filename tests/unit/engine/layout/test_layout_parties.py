"""Parties are told by headings, else by where and how an address is printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from docpipe.engine.layout.keys.label_index import build_index
from docpipe.engine.layout.keys.owners import owner
from docpipe.engine.layout.parties.addresses import inline_parts, is_contact, is_postal
from docpipe.page.lines import read_page
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import page_of, reply_of

Ask = Callable[..., dict[str, Any]]


@pytest.mark.parametrize(
    "text",
    ["80331 München", "D-80331 München", "DE 80331 München", "1012 AB Amsterdam", "4000-322 Porto", "Leeds LS1 2AB",
     "Tacoma, WA 98431", "75008 Paris", "Toronto ON M5V 2T6", "Sydney NSW 2000", "28013 Madrid"],
)  # fmt: skip
def test_postal_lines_are_known(text: str) -> None:
    assert is_postal(text)


@pytest.mark.parametrize(
    "text", ["Hauptstr. 5", "12.03.2024", "Total 100.00", "1242 chemin des Prés", "Ada Lovelace", ""]
)
def test_other_lines_are_not_postal(text: str) -> None:
    assert not is_postal(text)


@pytest.mark.parametrize("text", ["Tel. 030 1234", "info@example.org", "www.example.org", "Attn: Accounts"])
def test_contacts_are_known(text: str) -> None:
    assert is_contact(text)


def test_a_window_letter_has_sender_line_and_recipient(ask: Ask, invoice: Schema) -> None:
    prints = [
        (60, 125, "Blauwerk GmbH · Seestr. 4 · 88045 Friedrichshafen"),
        (60, 142, "Otto Kranz AG"),
        (60, 154, "Lindenweg 12"),
        (60, 166, "70173 Stuttgart"),
        (60, 780, "Blauwerk GmbH, Seestr. 4, 88045 Friedrichshafen"),
    ]
    found = ask(invoice.document, page_of(prints))
    assert found["buyer"] == {"name": "Otto Kranz AG", "address": "Lindenweg 12\n70173 Stuttgart", "tax_id": None}
    assert found["seller"]["name"] == "Blauwerk GmbH"
    assert found["seller"]["address"] == "Seestr. 4\n88045 Friedrichshafen"


def test_headings_beside_each_other_part_the_parties(ask: Ask, invoice: Schema) -> None:
    prints = [
        (50, 100, "Seller:"), (300, 100, "Buyer:"), (50, 114, "Nordlicht SARL"), (300, 114, "Jean Petit"),
        (50, 126, "3 rue Haute"), (300, 126, "9 rue Basse"), (50, 138, "75008 Paris"), (300, 138, "69001 Lyon"),
        (300, 150, "VAT No: FR12345678901"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert found["seller"] == {"name": "Nordlicht SARL", "address": "3 rue Haute\n75008 Paris", "tax_id": None}
    assert found["buyer"] == {"name": "Jean Petit", "address": "9 rue Basse\n69001 Lyon", "tax_id": "FR12345678901"}


def test_a_heading_rules_no_columns_that_begin_with_another_key(ask: Ask, invoice: Schema) -> None:
    prints = [
        (50, 150, "Kunde"), (300, 150, "Rechnungsnummer"), (50, 164, "Otto Kranz AG"), (300, 164, "2024-117"),
        (50, 176, "Lindenweg 12"), (300, 180, "USt-IdNr."), (50, 188, "70173 Stuttgart"), (300, 194, "DE 548073418"),
        (50, 202, "DE 337999390"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert (found["buyer"]["tax_id"], found["seller"]["tax_id"]) == ("DE 337999390", "DE 548073418")


def test_a_heading_of_the_letter_rules_no_sidebar(ask: Ask, invoice: Schema) -> None:
    letter = ["Kunde", "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart", "USt-ID Kunde DE 337999390"]
    letter += ["", "Wir danken sehr für den Auftrag vom März und berechnen wie vereinbart"]
    sidebar = ["Blauwerk GmbH", "Seestr. 4", "88045 Friedrichshafen", "USt-IdNr. DE 548073418", "Telefon 07541 1234"]
    prints = [(50, 100 + 12 * at, text) for at, text in enumerate(letter)]
    prints += [(450, 83 + 12 * at, text) for at, text in enumerate([*sidebar, "IBAN", "BIC", "Amtsgericht Ulm"])]
    found = ask(invoice.document, page_of(prints))
    assert (found["buyer"]["tax_id"], found["seller"]["tax_id"]) == ("DE 337999390", "DE 548073418")


@pytest.mark.parametrize(
    ("key", "role"),
    [("Nr VAT nabywcy", "recipient"), ("Kundens momsreg.nr", "recipient"), ("Ert momsnr", "recipient"),
     ("NIP sprzedawcy", "issuer"), ("Our VAT", "issuer"), ("N.I.F.", ""), ("V.A.T. No", ""), ("VAT No", "")],
)  # fmt: skip
def test_a_key_says_whose_number_it_is(invoice: Schema, key: str, role: str) -> None:
    assert owner(key, build_index(invoice).section_keys) == role


def test_a_number_goes_to_whom_the_words_before_it_name(ask: Ask, invoice: Schema) -> None:
    prints = [(50, 300, "Nr VAT UE PL 4127413282"), (50, 314, "Nr VAT nabywcy PL 5849944397")]
    found = ask(invoice.document, page_of(prints))
    assert (found["seller"]["tax_id"], found["buyer"]["tax_id"]) == ("PL 4127413282", "PL 5849944397")


def test_two_parties_never_have_one_number(ask: Ask, invoice: Schema) -> None:
    found = ask(invoice.document, page_of([(50, 300, "VAT No: GB123456789"), (50, 700, "VAT No: GB123456789")]))
    assert (found["seller"]["tax_id"], found["buyer"]["tax_id"]) == ("GB123456789", None)


def test_the_parties_numbers_are_chosen_together(ask: Ask, invoice: Schema) -> None:
    prints = [
        (50, 100, "Issued by"), (300, 100, "Invoicee:"), (50, 114, "Vermatic Ltd"), (300, 114, "Birtwistle Ltd"),
        (50, 126, "2 Castle Street"), (300, 126, "8 Dock Lane"), (50, 138, "Leeds LS1 2AB"), (300, 138, "Hull HU1 3DZ"),
        (50, 150, "GB 399307409"), (300, 150, "VAT ID GB 835857389"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert (found["seller"]["tax_id"], found["buyer"]["tax_id"]) == ("GB 399307409", "GB 835857389")


def test_a_delivery_address_is_nobodys_party(ask: Ask, invoice: Schema) -> None:
    prints = [
        (50, 100, "Bill to:"), (300, 100, "Ship to:"), (50, 114, "Marlow LLP"), (300, 114, "Marlow Depot"),
        (50, 126, "2 Castle Street"), (300, 126, "8 Dock Lane"), (50, 138, "Leeds LS1 2AB"), (300, 138, "Hull HU1 3DZ"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of(prints))
    assert found["buyer"]["name"] == "Marlow LLP"
    assert found["seller"]["name"] is None
    assert "8 Dock Lane" in found["delivery_address"]


def test_a_heading_in_smaller_type_that_no_schema_knows_is_no_name(ask: Ask, invoice: Schema) -> None:
    sender = [(60, 40, "Blauwerk GmbH"), (60, 54, "Seestr. 4"), (60, 68, "88045 Friedrichshafen")]
    to = [(60, 160, "Pribena Print Ltd"), (60, 174, "Uferweg 30"), (60, 188, "10115 Berlin")]
    page = page_of([*sender, *to])
    heading = page_of([(60, 150, "Zuhanden")], size=8.0)
    found = ask(invoice.document, replace(page, words=(*page.words, *heading.words)))
    assert found["buyer"]["name"] == "Pribena Print Ltd"


def test_a_house_number_behind_a_comma_belongs_to_its_street() -> None:
    for text, parts in (
        ("Altera S.Coop., Ronda Norte, 188, 41094 Sevilla", ["Altera S.Coop.,", "Ronda Norte, 188,", "41094 Sevilla"]),
        ("75, rue Haute, 75008 Paris", ["75, rue Haute,", "75008 Paris"]),
        ("Altera | Calle Mayor, 8 | 28013 Madrid", ["Altera", "Calle Mayor, 8", "28013 Madrid"]),
    ):
        line = read_page(page_of([(50, 100, text)]), 0).lines[0].segments[0]
        assert [part.text for part in inline_parts(line)] == parts


def test_the_words_of_an_address_are_those_of_its_text(invoice: Schema) -> None:
    prints = [(60, 100, "Seller"), (60, 114, "Blauwerk GmbH"), (60, 128, "Seestr. 4"), (60, 142, "DE 88045 Ulm")]
    spans = reply_of(invoice.document, [page_of(prints)]).spans
    assert next(span.text for span in spans if span.path == "seller.address") == "Seestr. 4 88045 Ulm"
