"""Parties of documents that nobody labelled for: wide lines, grids, foreign addresses, names without an address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from docpipe.engine.layout.parties.names import could_be_name
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


# What is printed besides the items, and what is read: name and address of the seller, then of the buyer.
OTHERS = [
    (  # two columns of plain blocks, French, wide lines, country on its own
        [
            *stacked(50, 60, 18, "Verrerie du Lac", "4 quai des Bateliers", "74000 Annecy", "France"),
            *stacked(330, 150, 18, "Hôtel Bellerive SAS", "18 avenue du Parc", "1206 Genève", "Suisse"),
        ],
        (
            "Verrerie du Lac",
            "4 quai des Bateliers\n74000 Annecy\nFrance",
            "Hôtel Bellerive SAS",
            "18 avenue du Parc\n1206 Genève\nSuisse",
        ),
    ),
    (  # the name over two lines, legal form on the second
        [
            *stacked(
                50,
                60,
                13,
                "Grupo Editorial del Norte y Oeste",
                "Sociedad Limitada S.L.",
                "Calle Mayor 12",
                "28013 Madrid",
            ),
            *stacked(330, 150, 13, "Cliente", "Librería Cervantes", "Plaza Real 3", "41001 Sevilla"),
        ],
        (
            "Grupo Editorial del Norte y Oeste Sociedad Limitada S.L.",
            "Calle Mayor 12\n28013 Madrid",
            "Librería Cervantes",
            "Plaza Real 3\n41001 Sevilla",
        ),
    ),
    (  # a grid without colons, the party in it
        [
            (50, 60, "Client"),
            (170, 60, "Orion Labs Ltd"),
            (50, 74, "Address"),
            (170, 74, "5 Dock Road, Hull HU1 3DZ"),
            (50, 88, "Project"),
            (170, 88, "North Wing"),
            (50, 102, "Manager"),
            (170, 102, "Ann Blythe"),
            (330, 760, "Tarn Builders Ltd, 9 Fell Lane, Kendal LA9 4DL"),
        ],
        ("Tarn Builders Ltd", "9 Fell Lane\nKendal LA9 4DL", "Orion Labs Ltd", "5 Dock Road, Hull HU1 3DZ"),
    ),
    (  # Brazilian: the code behind the town
        [
            *stacked(50, 50, 14, "Padaria Aurora Ltda", "Rua das Flores, 120", "São Paulo - SP, 01310-100"),
            *stacked(50, 170, 14, "Faturar a", "Mercado Central", "Avenida Brasil, 45", "Curitiba - PR, 80010-000"),
        ],
        (
            "Padaria Aurora Ltda",
            "Rua das Flores, 120\nSão Paulo - SP, 01310-100",
            "Mercado Central",
            "Avenida Brasil, 45\nCuritiba - PR, 80010-000",
        ),
    ),
    (  # Indian: code in the town's line behind a hyphen
        [
            *stacked(50, 50, 14, "Surya Textiles Pvt Ltd", "14, M.G. Road", "Bengaluru - 560001", "India"),
            *stacked(50, 170, 14, "Bill to", "Nila Stores", "22 Anna Salai", "Chennai - 600002", "India"),
        ],
        (
            "Surya Textiles Pvt Ltd",
            "14, M.G. Road\nBengaluru - 560001\nIndia",
            "Nila Stores",
            "22 Anna Salai\nChennai - 600002\nIndia",
        ),
    ),
    (  # heading between the lines of a right column, indented block, German
        [
            (50, 150, "Rechnungsempfänger"),
            *stacked(90, 168, 15, "Fa. Holzbau Maier", "Am Sägewerk 3", "83646 Bad Tölz"),
            (50, 770, "Zimmerei Huber GmbH · Dorfstr. 8 · 83661 Lenggries"),
        ],
        ("Zimmerei Huber GmbH", "Dorfstr. 8\n83661 Lenggries", "Fa. Holzbau Maier", "Am Sägewerk 3\n83646 Bad Tölz"),
    ),
    (  # the addressee without heading under a place and date, a salutation further down
        [
            (50, 50, "Atelier Weber e.K., Ringstr. 4, 50667 Köln"),
            *stacked(50, 130, 14, "Frau", "Erika Lang", "Gartenweg 7", "51065 Köln"),
            (400, 220, "Köln, 12.03.2024"),
            (50, 260, "Sehr geehrte Frau Lang,"),
        ],
        ("Atelier Weber e.K.", "Ringstr. 4\n50667 Köln", "Erika Lang", "Gartenweg 7\n51065 Köln"),
    ),
    (  # title above the block in the same column
        [
            *stacked(50, 50, 20, "TAX INVOICE", "Page 1 of 1"),
            *stacked(50, 96, 14, "Koala Timber Pty Ltd", "7 Bay Street", "Sydney NSW 2000"),
            *stacked(330, 150, 14, "Customer", "Reef Divers", "1 Marina Drive", "Cairns QLD 4870"),
        ],
        ("Koala Timber Pty Ltd", "7 Bay Street\nSydney NSW 2000", "Reef Divers", "1 Marina Drive\nCairns QLD 4870"),
    ),
    (  # delivery beside billing, lines of both mixed in height
        [
            *stacked(50, 40, 13, "Nordhavn Møbler ApS", "Kajgade 2", "8000 Aarhus"),
            (50, 150, "Faktureres til"),
            (300, 152, "Leveringsadresse"),
            *stacked(50, 166, 15, "Café Lysning", "Torvet 9", "5000 Odense"),
            *stacked(300, 168, 15, "Café Lysning Lager", "Havnevej 77", "5000 Odense"),
        ],
        ("Nordhavn Møbler ApS", "Kajgade 2\n8000 Aarhus", "Café Lysning", "Torvet 9\n5000 Odense"),
    ),
    (  # no code at all, heading with a colon on the line of the name
        [
            *stacked(330, 50, 14, "Sold by: Quay Traders", "Harbour House, Pier Road", "Gibraltar"),
            *stacked(50, 50, 14, "Sold to: Mira Costa", "3 Main Street", "Gibraltar"),
        ],
        ("Quay Traders", "Harbour House, Pier Road\nGibraltar", "Mira Costa", "3 Main Street\nGibraltar"),
    ),
    (  # Polish, account number between heading and name
        [
            *stacked(
                50,
                60,
                14,
                "Sprzedawca",
                "PL61109010140000071219812874",
                "Zakład Kowalski",
                "ul. Polna 8",
                "00-625 Warszawa",
            ),
            *stacked(330, 60, 14, "Nabywca", "Jan Nowak", "ul. Leśna 14", "30-002 Kraków"),
        ],
        ("Zakład Kowalski", "ul. Polna 8\n00-625 Warszawa", "Jan Nowak", "ul. Leśna 14\n30-002 Kraków"),
    ),
    (  # bare grid of unknown keys above, no party of the seller
        [
            (330, 50, "Besteller"),
            (450, 50, "Abteilung 4"),
            (330, 64, "Projekt"),
            (450, 64, "Neubau"),
            (330, 78, "Bauleiter"),
            (450, 78, "Rolf Kern"),
            *stacked(50, 150, 14, "Rechnung an", "Stadtwerke Ulm", "Karlstr. 1", "89073 Ulm"),
        ],
        (None, None, "Stadtwerke Ulm", "Karlstr. 1\n89073 Ulm"),
    ),
    (  # Swedish, mail tells the sender between two blocks at the top
        [
            *stacked(50, 90, 14, "Eva Lind", "Storgatan 5", "111 22 Stockholm"),
            *stacked(330, 90, 14, "Fjällbygg", "Vasagatan 16", "411 24 Göteborg"),
            (330, 780, "order@fjallbygg.se"),
        ],
        ("Fjällbygg", "Vasagatan 16\n411 24 Göteborg", "Eva Lind", "Storgatan 5\n111 22 Stockholm"),
    ),
    (  # Dutch, attention line and PO box
        [
            (50, 60, "Bakkerij De Molen B.V. - Kerkstraat 2 - 1012 AB Amsterdam"),
            *stacked(50, 130, 14, "Gemeente Utrecht", "t.a.v. Inkoop", "Postbus 123", "3500 AC Utrecht"),
        ],
        (
            "Bakkerij De Molen B.V.",
            "Kerkstraat 2\n1012 AB Amsterdam",
            "Gemeente Utrecht",
            "Postbus 123\n3500 AC Utrecht",
        ),
    ),
]


@pytest.mark.parametrize(("prints", "parties"), OTHERS)
def test_parties_in_other_layouts_and_languages(
    ask: Ask, invoice: Schema, prints: list[Print], parties: tuple[str | None, ...]
) -> None:
    found = ask(invoice.document, page_of([*prints, *ITEMS]))
    assert tuple(found[role][field] for role in ("seller", "buyer") for field in ("name", "address")) == parties


def test_a_name_in_large_type_over_two_lines_is_one(ask: Ask, invoice: Schema) -> None:
    to = stacked(60, 200, 14, "Bill to", "Caneiro Group", "89 Pacific Ave", "San Francisco, CA 78910")
    found = ask(invoice.document, large(page_of([*to, *ITEMS]), (60, 30, "Giggling"), (60, 56, "Platypus")))
    assert found["seller"]["name"] == "Giggling Platypus"


def test_two_parties_do_not_share_an_address_behind_a_bare_key(ask: Ask, invoice: Schema) -> None:
    prints = [
        (300, 120, "Customer:"),
        (370, 120, "White Triangle"),
        (300, 134, "Address:"),
        (370, 134, "Unit 1, Leeds, LS1 5AB"),
    ]
    found = ask(invoice.document, large(page_of([*prints, *ITEMS]), (60, 60, "OSTLER")))
    assert (found["buyer"]["address"], found["seller"]["address"]) == ("Unit 1, Leeds, LS1 5AB", None)


@pytest.mark.parametrize(("text", "possible"), [
    ("Herr", False), ("Szanowni Państwo", False), ("Duplicata", False), ("Statement of charges", False),
    ("Strona 1/2", False), ("DE12 3456", False),
    ("3 Suisses", True), ("Bill Gates", True), ("Order of Malta Ltd", True), ("Hotel Seestraße 4 GmbH", True),
])  # fmt: skip
def test_what_could_be_a_name(text: str, possible: bool) -> None:
    assert could_be_name(text) is possible


@pytest.mark.parametrize(("foot", "name"), [("post@fjordlys.example", "Fjordlys"), ("post@online.example", None)])
def test_a_name_that_a_mail_address_repeats_is_the_senders(
    ask: Ask, invoice: Schema, foot: str, name: str | None
) -> None:
    to = stacked(60, 200, 14, "Kunde", "Café Lysning", "Torvet 9", "5000 Odense")
    found = ask(invoice.document, page_of([(60, 60, "Fjordlys"), *to, *ITEMS, (60, 790, foot)]))
    assert found["seller"]["name"] == name


@pytest.mark.parametrize(
    ("lines", "address"),
    [
        (("Street address: 14 Quarry Lane", "City, State: Dunmore, OH", "ZIP code: 44110"),
         "14 Quarry Lane\nDunmore, OH\n44110"),
        (("Adresse: 9 rue des Forges", "Ville: Rennes", "Code postal: 35000"), "9 rue des Forges\nRennes\n35000"),
        (("Straße: Hafenweg 3", "PLZ/Ort: 24103 Kiel", "Telefon: 0431 5550"), "Hafenweg 3\n24103 Kiel"),
        (("Indirizzo: Via Garda 8", "CAP: 37121", "Comune: Verona", "Partita IVA: 01234567890"),
         "Via Garda 8\n37121\nVerona"),
    ],
)  # fmt: skip
def test_an_address_printed_as_a_form_is_whole(ask: Ask, invoice: Schema, lines: Sequence[str], address: str) -> None:
    buyer = [(60.0, 150.0, "Bill to"), *stacked(60, 164, 14, "Name: Otto Kranz AG", *lines)]
    found = ask(invoice.document, page_of([*buyer, *ITEMS]))["buyer"]
    assert (found["name"], found["address"]) == ("Otto Kranz AG", address)


def test_keys_under_an_address_that_are_none_of_its_parts_end_it(ask: Ask, invoice: Schema) -> None:
    buyer = [(60.0, 150.0, "Bill to"), *stacked(60, 164, 14, "Address: 14 Quarry Lane", "Order: 4411", "City: Dunmore")]
    assert ask(invoice.document, page_of([*buyer, *ITEMS]))["buyer"]["address"] == "14 Quarry Lane"


@pytest.mark.parametrize("town", ["California 05750", "Tasmania 7140", "Bergvliet, 7945"])
def test_a_house_number_of_four_digits_is_no_postal_code(ask: Ask, invoice: Schema, town: str) -> None:
    buyer = [(60.0, 150.0, "Bill to"), *stacked(60, 164, 14, "Otto Kranz AG", "3097 Kalia Islands, Oakton", town)]
    found = ask(invoice.document, page_of([*buyer, *ITEMS]))["buyer"]
    assert found["address"] == f"3097 Kalia Islands, Oakton\n{town}"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        (("Werbetechnik Kranz e.", "K.", "Lindenweg 12", "70173 Stuttgart"), "Werbetechnik Kranz e. K."),
        (("For the attention of", "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart"), "Otto Kranz AG"),
        (("Alla cortese attenzione", "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart"), "Otto Kranz AG"),
        (("Blauwerk GmbH| Seestr. 4|88045 Friedrichshafen", "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart"),
         "Otto Kranz AG"),
    ],
)  # fmt: skip
def test_what_stands_above_a_name_or_goes_on_in_it(ask: Ask, invoice: Schema, lines: Sequence[str], name: str) -> None:
    letter = stacked(60, 150, 14, *lines)
    sender = [(60, 790, "Blauwerk GmbH, Seestr. 4, 88045 Friedrichshafen")]
    assert ask(invoice.document, page_of([*letter, *sender, *ITEMS]))["buyer"]["name"] == name


@pytest.mark.parametrize("caption", ["CONTACT PERSON", "Ansprechpartner", "Moyen de paiement"])
def test_a_caption_is_no_name(ask: Ask, invoice: Schema, caption: str) -> None:
    buyer = [
        (60.0, 150.0, "Bill to"),
        *stacked(60, 164, 14, caption, "Otto Kranz AG", "Lindenweg 12", "70173 Stuttgart"),
    ]
    assert ask(invoice.document, page_of([*buyer, *ITEMS]))["buyer"]["name"] != caption
