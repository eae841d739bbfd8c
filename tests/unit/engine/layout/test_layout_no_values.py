"""A short label makes no value of what stands behind it: in an address, in a sentence, among bank details."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import Print, page_of, table_of

Ask = Callable[..., dict[str, Any]]

ITEMS = table_of(
    300,
    (50, 300, 380, 480),
    [("Description", "Quantity", "Unit price", "Amount"), ("Oak board", "2", "750.00", "1,500.00")],
)
HEAD = [(400.0, 60.0, "INVOICE"), (330.0, 160.0, "Invoice number:"), (450.0, 160.0, "TF-2041")]
SUMS = [(380.0, 350.0, "Total"), (480.0, 350.0, "1,500.00")]
SELLER = ("Thames Fixings Ltd", "1 Bow Street", "London SW1A 1AA")
BUYER = ("Headrow Joinery Ltd", "3 Park Row", "Bristol BS1 5TX")


def under(x: float, y: float, *lines: str) -> list[Print]:
    return [(x, y + 12 * at, line) for at, line in enumerate(lines)]


def letter(*prints: Print, seller: tuple[str, ...] = SELLER, buyer: tuple[str, ...] = BUYER) -> Any:
    """A page with a seller in its head, a buyer under a heading, a table, a total, and `prints`."""
    parties = [*under(50, 50, *seller), (50.0, 150.0, "Bill to:"), *under(50, 164, *buyer)]
    return page_of([*parties, *HEAD, *ITEMS, *SUMS, *prints])


@pytest.mark.parametrize(
    ("buyer", "unread"),
    [
        (("Lakeside Office LLC", "PO Box 4411", "Dallas, TX 75201"), "order_reference"),
        (("LAKESIDE OFFICE LLC", "P O BOX 12345", "DALLAS, TX 75201"), "order_reference"),
        (("Lakeside Office LLC", "P.O. Box 12", "9 Oak Street", "Dallas, TX 75201"), "order_reference"),
        (("Amsel AG", "Postfach 10 12 34", "20043 Hamburg"), "order_reference"),
        (("Dupré SAS", "5 avenue des Alpes", "BP 90123", "38000 Grenoble Cedex 1"), "delivery_note"),
        (("Hotel Mirador S.A.", "Apartado 512", "29016 Málaga"), "order_reference"),
        (("Jerash Guest House", "P.O. Box 8812", "Amman 11118"), "order_reference"),
        (("Dune Trading LLC", "PO Box 33410", "Dubai", "United Arab Emirates"), "order_reference"),
        (("Headrow Joinery Ltd", "3 Park Row", "Leeds LS6 2QD"), "delivery_note"),
        (("Moorside Joinery Ltd", "44 Deane Lane", "Bolton", "BL1 4QR"), "delivery_note"),
    ],
)
def test_post_boxes_and_postcodes_are_lines_of_the_address(
    ask: Ask, invoice: Schema, buyer: tuple[str, ...], unread: str
) -> None:
    found = ask(invoice.document, letter(buyer=buyer))
    assert (found["buyer"]["name"], found["buyer"]["address"]) == (buyer[0], "\n".join(buyer[1:]))
    assert found[unread] is None


def test_an_order_and_a_note_beside_such_addresses_are_read(ask: Ask, invoice: Schema) -> None:
    prints = [
        (330.0, 174.0, "PO #:"),
        (450.0, 174.0, "P-4471"),
        (330.0, 188.0, "Delivery note:"),
        (450.0, 188.0, "LS1"),
    ]
    found = ask(invoice.document, letter(*prints, buyer=("Lakeside Ltd", "PO Box 4411", "Leeds LS6 2QD")))
    assert (found["order_reference"], found["delivery_note"]) == ("P-4471", "LS1")


@pytest.mark.parametrize(
    "address",
    [
        ("12 rue du 8 mai 1945", "69003 Lyon"),
        ("Straße des 17. Juni 1953", "10623 Berlin"),
        ("Platz vom 18. März 1848", "10117 Berlin"),
        ("Via 4 Novembre 1918", "22100 Como CO"),
        ("Via XX Settembre 1870", "20121 Milano MI"),
        ("Calle 2 de Mayo 1808", "29016 Málaga"),
        ("25 de Abril 1974, 12", "1100-053 Lisboa"),  # nothing but the code under it says that it is a street
        ("Plac 11 Listopada 1918", "34-500 Zakopane"),
    ],
)
def test_a_street_that_is_called_after_a_day_dates_nothing(ask: Ask, invoice: Schema, address: tuple[str, str]) -> None:
    found = ask(invoice.document, letter(buyer=("Sommer AG", *address)))
    assert (found["buyer"]["address"], found["invoice_date"]) == ("\n".join(address), None)
    dated = ask(invoice.document, letter((330.0, 230.0, "Lyon, le 14 mars 2024"), buyer=("Sommer AG", *address)))
    assert dated["invoice_date"] == "2024-03-14"


@pytest.mark.parametrize("country", ["United Kingdom", "ITALIEN", "Pays-Bas", "U.S.A.", "Großbritannien"])
def test_the_country_ends_an_address_wherever_it_stands(ask: Ask, invoice: Schema, country: str) -> None:
    ship = [(330.0, 210.0, "Ship to:"), *under(330, 222, "Headrow Depot", "9 Quay Road", "Bristol BS1 6AA", country)]
    found = ask(invoice.document, letter(*ship, seller=(*SELLER, country), buyer=(*BUYER, country)))
    assert found["seller"]["address"] == f"1 Bow Street\nLondon SW1A 1AA\n{country}"
    assert found["buyer"]["address"] == f"3 Park Row\nBristol BS1 5TX\n{country}"
    assert found["delivery_address"] == f"Headrow Depot\n9 Quay Road\nBristol BS1 6AA\n{country}"


def test_what_is_no_country_is_no_line_of_an_address(ask: Ask, invoice: Schema) -> None:
    found = ask(invoice.document, letter(seller=(*SELLER, "Est. 1911"), buyer=(*BUYER, "Ground floor")))
    assert found["seller"]["address"] == "1 Bow Street\nLondon SW1A 1AA"
    assert found["buyer"]["address"] == "3 Park Row\nBristol BS1 5TX"


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ("Order 24/7 at shop.pelican.example", ("order_reference",)),
        ("ORDER 24/7 AT SHOP.PELICAN.EXAMPLE", ("order_reference",)),
        ("Bestellung 24/7 unter shop.amsel.example", ("order_reference",)),
        ("Contract: 12 months from 01/03/2024", ("contract_reference",)),
        ("Vertrag: 24 Monate Mindestlaufzeit", ("contract_reference",)),
        ("Umowa: 24 miesiące od daty podpisania", ("contract_reference",)),
        ("Payment due in 14 days", ("amount_due",)),
        ("Due 14 days from invoice", ("amount_due",)),
        ("LS 400 car lease, BL 123 container", ("delivery_note",)),
        ("Delivery within 400 miles of London is free", ("delivery_note", "charges_total")),
        ("Project 7 words of praise", ("contract_reference",)),
    ],
)
def test_a_sentence_gives_no_number(ask: Ask, invoice: Schema, line: str, fields: tuple[str, ...]) -> None:
    found = ask(invoice.document, letter((50.0, 690.0, line)))
    assert [found[field] for field in fields] == [None] * len(fields)


@pytest.mark.parametrize(
    ("line", "field", "value"),
    [
        ("Thank you for your order 4500881 of 3 March 2024", "order_reference", "4500881"),
        ("Order 17 of 3 March 2024", "order_reference", "17"),
        ("Contract: 12", "contract_reference", "12"),
        ("Your order: 24/7", "order_reference", "24/7"),
        ("Delivery note 400", "delivery_note", "400"),
        ("Amount due 140.00 within 14 days", "amount_due", 140),
    ],
)
def test_a_number_that_is_told_in_passing_is_read(ask: Ask, invoice: Schema, line: str, field: str, value: Any) -> None:
    assert ask(invoice.document, letter((50.0, 690.0, line)))[field] == value


@pytest.mark.parametrize(
    ("own", "mine"),
    [
        ("Our reference", "Your reference"),
        ("Our ref", "Your ref"),
        ("Unsere Referenz", "Ihre Referenz"),
        ("Notre référence", "Votre référence"),
        ("Nostro riferimento", "Vostro riferimento"),
        ("Nossa referência", "Vossa referência"),
        ("Nasz znak", "Wasz znak"),
        ("Vår referens", "Er referens"),
    ],
)
@pytest.mark.parametrize("mark", [":", ""])
def test_the_sellers_own_reference_is_not_the_buyers(ask: Ask, invoice: Schema, own: str, mine: str, mark: str) -> None:
    alone = [(330.0, 190.0, own + mark), (450.0, 190.0, "TH/221")]
    assert ask(invoice.document, letter(*alone))["buyer_reference"] is None
    assert ask(invoice.document, letter((50.0, 690.0, f"{own}{mark} TH/221")))["buyer_reference"] is None
    below = [(330.0, 200.0, own), (330.0, 214.0, "TH/221"), (450.0, 200.0, mine), (450.0, 214.0, "HR-9")]
    assert ask(invoice.document, letter(*below))["buyer_reference"] == "HR-9"


def test_a_label_of_both_sides_is_read_for_either(ask: Ask, invoice: Schema) -> None:
    for key in ("Our order", "Your order"):
        prints = [(330.0, 190.0, f"{key}:"), (450.0, 190.0, "A-17")]
        assert ask(invoice.document, letter(*prints))["order_reference"] == "A-17"


@pytest.mark.parametrize("line", ["Your order of 1 March 2024", "Ihre Bestellung vom 1. März 2024"])
def test_the_date_of_another_paper_is_not_the_invoices(ask: Ask, invoice: Schema, line: str) -> None:
    assert ask(invoice.document, letter((330.0, 190.0, line)))["invoice_date"] is None


def test_a_field_is_read_at_its_own_name_before_its_other_labels(ask: Ask, invoice: Schema) -> None:
    point = (50.0, 690.0, "Tax point: 01/03/2024")
    row = [(330.0, 200.0, "Invoice date"), (330.0, 214.0, "14 March 2024")]
    assert ask(invoice.document, letter(point, *row))["invoice_date"] == "2024-03-14"
    assert ask(invoice.document, letter(point))["invoice_date"] == "2024-03-01"


@pytest.mark.parametrize(
    "block",
    [
        [(50.0, 690.0, "Bank details"), (50.0, 702.0, "Sort code: 20-00-00"), (50.0, 714.0, "Account no: 55779911")],
        [(50.0, 690.0, "BSB: 012-345"), (50.0, 702.0, "Account Number: 4471 0096")],
        [(50.0, 690.0, "Routing number: 021000021"), (300.0, 690.0, "Account number: 000123456789")],
        [(50.0, 690.0, "Account name"), (200.0, 690.0, "Account number"), (350.0, 690.0, "Sort code"),
         (50.0, 702.0, "Thames Fixings"), (200.0, 702.0, "31926819"), (350.0, 702.0, "40-12-76")],
        [(50.0, 690.0, "HDFC Bank, Fort Branch"), (50.0, 702.0, "A/C No: 50100012345678")],
        [(50.0, 690.0, "Banque Populaire"), (50.0, 702.0, "Compte N° : 00020051789")],
        [(50.0, 690.0, "Please pay to account 31926819, sort code 40-12-76")],
        [(50.0, 690.0, "Account number 31926819"), (50.0, 702.0, "IBAN GB29 NWBK 6016 1331 9268 19")],
    ],
)  # fmt: skip
def test_an_account_among_bank_details_is_no_customers(ask: Ask, invoice: Schema, block: list[Print]) -> None:
    assert ask(invoice.document, letter(*block))["customer_number"] is None
    customer = [(330.0, 190.0, "Account No:"), (450.0, 190.0, "C-1042")]
    assert ask(invoice.document, letter(*customer, *block))["customer_number"] == "C-1042"


def test_how_to_pay_makes_no_bank_account_of_a_customers(ask: Ask, invoice: Schema) -> None:
    meta = [(330.0, 174.0, "Account number:"), (450.0, 174.0, "A-7781"), (330.0, 188.0, "Payment method:")]
    found = ask(invoice.document, letter(*meta, (450.0, 188.0, "Bank transfer")))
    assert found["customer_number"] == "A-7781"


def test_a_schema_that_asks_for_the_account_at_the_bank_gets_it(ask: Ask) -> None:
    labels = {"en": ["Account number", "Account no"]}
    field = {"type": ["string", "null"], "x-docpipe": {"type": "identifier", "labels": labels}}
    schema = parse_schema({"type": "object", "properties": {"account": field}}, "statement")
    page = page_of([(50, 90, "Sort code: 20-00-00"), (50, 102, "Account number: 55779911")])
    assert ask(schema.document, page) == {"account": "55779911"}


@pytest.mark.parametrize(
    ("key", "number", "field"),
    [
        ("Invoice No:", "INV 3308", "invoice_number"),
        ("Rechnungsnummer:", "RE 2024-17", "invoice_number"),
        ("Rechnungsnummer:", "FA 2024 / 031", "invoice_number"),
        ("Fattura n.:", "A 12/2024", "invoice_number"),
        ("Delivery note No:", "LS 4711", "delivery_note"),
        ("Order No:", "PO 4500123", "order_reference"),
        ("Kundennummer:", "KD 10023", "customer_number"),
    ],
)
def test_the_letters_of_a_number_are_part_of_it(ask: Ask, invoice: Schema, key: str, number: str, field: str) -> None:
    parties = [*under(50, 50, *SELLER), (50.0, 150.0, "Bill to:"), *under(50, 164, *BUYER)]
    for prints in (
        [(330.0, 200.0, key), (460.0, 200.0, number)],
        [(330.0, 200.0, f"{key} {number}")],
        [(330.0, 200.0, key.rstrip(":")), (330.0, 213.0, number)],
    ):
        assert ask(invoice.document, page_of([*parties, *prints, *ITEMS, *SUMS]))[field] == number


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Rechnung RE 2024-17", "RE 2024-17"),
        ("Invoice #7", "#7"),
        ("Invoice no.7", "7"),
        ("INV 3308", "INV 3308"),
        ("Invoice No: 2041 dated 3 March 2024", "2041"),
        ("Invoice No: 2041 - 03.03.2024", "2041"),
    ],
)
def test_a_number_is_read_whole_and_nothing_behind_it(ask: Ask, invoice: Schema, line: str, number: str) -> None:
    page = page_of([*under(50, 50, *SELLER), (330, 160, line), *ITEMS, *SUMS])
    assert ask(invoice.document, page)["invoice_number"] == number


def test_letters_that_are_the_only_key_are_no_part_of_the_number(ask: Ask, invoice: Schema) -> None:
    assert ask(invoice.document, letter((330.0, 200.0, "PO 4500123")))["order_reference"] == "4500123"
    assert ask(invoice.document, letter((330.0, 200.0, "PO: 4500123")))["order_reference"] == "4500123"


def test_a_number_beside_a_street_is_the_nearest_one(ask: Ask, invoice: Schema) -> None:
    prints = [(250.0, 176.0, "Order No:"), (310.0, 176.0, "SO 4711"), (420.0, 176.0, "Kingsway 4")]
    assert ask(invoice.document, letter(*prints))["order_reference"] == "SO 4711"


@pytest.mark.parametrize("title", ["Nota de honorários", "Nota di debito", "Note d'honoraires"])
def test_what_a_document_is_called_is_no_note(ask: Ask, invoice: Schema, title: str) -> None:
    assert ask(invoice.document, letter((50.0, 20.0, title)))["notes"] is None
    assert ask(invoice.document, letter((50.0, 400.0, "Nota: entrega parcial")))["notes"] == "entrega parcial"
