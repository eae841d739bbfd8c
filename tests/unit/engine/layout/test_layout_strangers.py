"""Parties of documents that nobody labelled for: wide lines, grids, foreign addresses, names without an address."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from docpipe.records import Page
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of

Ask = Callable[..., dict[str, Any]]

ITEMS: list[Print] = [
    (50, 400, "Description"), (300, 400, "Quantity"), (400, 400, "Price"), (500, 400, "Amount"),
    (50, 416, "Garden chairs"), (300, 416, "2"), (400, 416, "40.00"), (500, 416, "80.00"),
    (400, 450, "Total"), (500, 450, "80.00"),
]  # fmt: skip


def large(page: Page, *prints: Print, size: float = 22.0) -> Page:
    """The page with more text in large type."""
    return replace(page, words=(*page.words, *page_of(prints, size=size).words))


def stacked(x: float, y: float, step: float, *lines: str) -> list[Print]:
    return [(x, y + step * at, line) for at, line in enumerate(lines)]


@pytest.mark.parametrize("step", [12.0, 16.0, 20.0, 24.0])
def test_lines_set_wide_are_one_block(ask: Ask, invoice: Schema, step: float) -> None:
    letter = stacked(60, 150, step, "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart")
    sender = [(60, 790, "Blauwerk GmbH, Seestr. 4, 88045 Friedrichshafen")]
    found = ask(invoice.document, page_of([*letter, *sender, *ITEMS]))
    assert (found["buyer"]["name"], found["buyer"]["address"]) == ("Otto Kranz AG", "Lindenweg 12\n70173 Stuttgart")
    assert found["seller"]["name"] == "Blauwerk GmbH"


def test_an_empty_line_above_the_postal_code_parts_no_address(ask: Ask, invoice: Schema) -> None:
    sender = [*stacked(400, 40, 14, "Kestrel Optics", "Hofstr. 12", "Altbau"), (400, 96, "20097 Hamburg")]
    to = stacked(60, 160, 14, "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart")
    found = ask(invoice.document, page_of([*sender, *to, *ITEMS]))
    assert (found["seller"]["name"], found["seller"]["address"]) == (
        "Kestrel Optics", "Hofstr. 12\nAltbau\n20097 Hamburg",
    )  # fmt: skip


def test_a_party_behind_its_heading_on_one_line(ask: Ask, invoice: Schema) -> None:
    prints = [
        (60, 150, "From: Ravel Partners"), (320, 150, "To: Ines Duarte"), (110, 164, "12 Mill Lane"),
        (350, 164, "9 Cedar Court"), (110, 178, "Anytown, USA"), (350, 178, "Newtown, USA"),
    ]  # fmt: skip
    found = ask(invoice.document, page_of([*prints, *ITEMS]))
    assert (found["seller"]["name"], found["buyer"]["name"]) == ("Ravel Partners", "Ines Duarte")


def test_a_party_right_of_its_heading_and_its_address_right_of_a_key(ask: Ask, invoice: Schema) -> None:
    row = [
        (60, 150, "Customer:"),
        (120, 150, "Sharp & Sons"),
        (270, 150, "Address:"),
        (330, 150, "7 Dale Rd, Leeds, LS1 5AB"),
    ]
    found = ask(invoice.document, large(page_of([*row, *ITEMS]), (60, 60, "OSTLER")))
    assert (found["buyer"]["name"], found["buyer"]["address"]) == ("Sharp & Sons", "7 Dale Rd, Leeds, LS1 5AB")
    assert (found["seller"]["name"], found["seller"]["address"]) == ("OSTLER", None)


def test_left_cells_of_a_grid_are_no_party(ask: Ask, invoice: Schema) -> None:
    grid = [("Sales Office", "Northeast"), ("Agency Code", "9915780"), ("Calendar", "Broadcast"), ("Desk", "Four")]
    prints = [
        (18, 150, "Billing Address:"),
        *stacked(92, 172, 12, "Buying Time LLC", "650 Elm Ave", "Washington, DC 20001"),
    ]
    for at, (left, right) in enumerate(grid):
        prints += [(380, 154 + 12 * at, left), (460, 154 + 12 * at, right)]
    found = ask(invoice.document, page_of([*prints, *ITEMS]))
    assert (found["buyer"]["name"], found["buyer"]["address"]) == (
        "Buying Time LLC",
        "650 Elm Ave\nWashington, DC 20001",
    )


def test_cells_of_a_grid_alone_are_no_party_under_a_heading(ask: Ask, invoice: Schema) -> None:
    grid = [("Sales Office", "Northeast"), ("Agency Code", "9915780"), ("Calendar", "Broadcast"), ("Desk", "Four")]
    prints = [(60, 150, "Bill to")]
    for at, (left, right) in enumerate(grid):
        prints += [(60, 166 + 12 * at, left), (180, 166 + 12 * at, right)]
    found = ask(invoice.document, page_of([*prints, *ITEMS]))
    assert (found["buyer"]["name"], found["buyer"]["address"]) == (None, None)


def test_text_under_a_name_that_is_no_address_is_none(ask: Ask, invoice: Schema) -> None:
    prints = stacked(60, 150, 14, "From", "Bramble & Co", "View all invoices")
    found = ask(invoice.document, page_of([*prints, *ITEMS]))
    assert (found["seller"]["name"], found["seller"]["address"]) == ("Bramble & Co", None)


def test_a_value_of_a_key_is_no_name(ask: Ask, invoice: Schema) -> None:
    prints = [
        (60, 60, "Customer ID"), (160, 60, "C123456"), (60, 74, "Account no:"), (160, 74, "MSFT987"),
        (160, 92, "1 Churchill Place, London, E14 5HP"),
    ]  # fmt: skip
    assert ask(invoice.document, page_of([*prints, *ITEMS]))["seller"]["name"] is None


def test_a_slogan_between_name_and_address_is_no_name(ask: Ask, invoice: Schema) -> None:
    head = [(60, 70, "Experts in trusts"), *stacked(60, 96, 14, "450 East 78th Ave", "Denver, CO 12345")]
    to = stacked(60, 200, 14, "To:", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    found = ask(invoice.document, large(page_of([*head, *to, *ITEMS]), (60, 44, "Market Consulting")))
    assert (found["seller"]["name"], found["seller"]["address"]) == (
        "Market Consulting", "450 East 78th Ave\nDenver, CO 12345",
    )  # fmt: skip


def test_a_name_at_the_top_with_an_address_of_no_known_shape(ask: Ask, invoice: Schema) -> None:
    head = [*stacked(60, 62, 14, "123 Some Street", "Some City, XYZ"), (60, 92, "www.larkhill.example")]
    to = stacked(60, 200, 14, "Bill to", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    found = ask(invoice.document, large(page_of([*head, *to, *ITEMS]), (60, 36, "Larkhill Plumbing")))
    assert (found["seller"]["name"], found["seller"]["address"]) == (
        "Larkhill Plumbing",
        "123 Some Street\nSome City, XYZ",
    )
    assert found["buyer"]["name"] == "Caneiro Group"


@pytest.mark.parametrize(
    "title",
    ["INVOICE", "Tax Invoice", "Rechnung", "Page 1 of 2", "12.03.2024", "Dear Ms Duarte", "France", "12 Mill Lane"],
)
def test_what_is_no_name_is_not_taken_for_the_sender(ask: Ask, invoice: Schema, title: str) -> None:
    to = stacked(60, 200, 14, "Bill to", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    found = ask(invoice.document, large(page_of([*to, *ITEMS]), (60, 40, title)))
    assert found["seller"]["name"] is None


def test_a_sender_with_nothing_but_a_name_is_unsure(invoice: Schema) -> None:
    to = stacked(60, 200, 14, "Bill to", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    reply = reply_of(invoice.document, [page_of([(60, 60, "Larkhill"), *to, *ITEMS])])
    assert all(span.score < 0.5 for span in reply.spans if span.path == "seller.name")


def test_the_payee_at_the_foot_is_the_sender(ask: Ask, invoice: Schema) -> None:
    to = stacked(60, 200, 14, "Bill to", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    foot = stacked(
        60, 600, 14, "Remit payment to", "Ostler Freight", "Unit 4, Innovation Drive", "Milton Keynes", "MK9 1FH"
    )
    found = ask(invoice.document, page_of([*to, *ITEMS, *foot]))
    assert found["seller"]["name"] == "Ostler Freight"


def test_a_delivery_to_the_buyers_own_address_hides_no_buyer(ask: Ask, invoice: Schema) -> None:
    sender = [(60, 40, "Au moulin SARL - 12 chemin de l'olive - 84340 Malaucène")]
    ship = stacked(40, 125, 12, "Adresse de livraison", "Ma boutique", "35 rue Haute", "69001 Lyon")
    to = stacked(330, 119, 12, "Ma boutique", "35 rue Haute", "69001 Lyon")
    found = ask(invoice.document, page_of([*sender, *ship, *to, *ITEMS]))
    assert (found["buyer"]["name"], found["seller"]["name"]) == ("Ma boutique", "Au moulin SARL")
