"""Items of invoices as strangers print them: headers glued, stacked, unknown or absent; remarks, sections and turned
words among the rows. Every document is a page of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pytest

from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import Print, page_of, table_of

Ask = Callable[..., dict[str, Any]]
Item = tuple[str, str | None, str | None, str | None]  # description, quantity, unit price, amount


@dataclass(frozen=True)
class Paper:
    """What is printed, and the items that it says."""

    prints: Sequence[Print]
    items: Sequence[Item]
    rules: Sequence[tuple[float, float, float, float]] = field(default=())


HEAD: list[Print] = [(50, 40, "Northgate Tools Ltd"), (50, 54, "4 Quay Street"), (50, 68, "Hull HU1 2AB")]


def sums(top: float, *pairs: tuple[str, str], key: float = 350, at: float = 480) -> list[Print]:
    """Keys and amounts of totals under each other."""
    return [print_ for line, (name, amount) in enumerate(pairs)
            for print_ in ((key, top + 14 * line, name), (at, top + 14 * line, amount))]  # fmt: skip


def table(top: float, columns: Sequence[float], *rows: Sequence[str], step: float = 14) -> list[Print]:
    return table_of(top, columns, rows, step=step)


FOUR = (50, 300, 380, 480)

PAPERS: dict[str, Paper] = {
    "keys of columns a space apart": Paper(
        [*HEAD, (50, 200, "Description"), (250, 200, "Qty Unit price Amount"),
         *table(214, (50, 250, 275, 325), ("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")),
         *sums(270, ("Total", "31.00"))],
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")],
    ),
    "keys that nobody knows, in one phrase": Paper(
        [*HEAD, (50, 200, "Zorpel"), (250, 200, "Quux Blarg Fnord"),
         *table(214, (50, 252, 280, 325), ("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")),
         *sums(270, ("Total", "31.00"))],
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")],
    ),
    "keys that nobody knows": Paper(
        [*HEAD, *table(200, (50, 80, 300, 380, 480), ("Zz", "Zorpel", "Quux", "Blarg", "Fnord"),
                       ("1", "Hose 12 mm", "2", "5.00", "10.00"), ("2", "Ball valve", "3", "7.00", "21.00"),
                       ("3", "Pipe wrench", "1", "18.50", "18.50")),
         *sums(270, ("Total", "49.50"))],
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00"),
         ("Pipe wrench", "1", "18.50", "18.50")],
    ),
    "no header": Paper(
        [*HEAD, (50, 160, "We delivered to you:"),
         *table(200, (50, 90, 380, 480), ("2", "Hose 12 mm", "5.00", "10.00"), ("3", "Ball valve", "7.00", "21.00"),
                ("12", "Washers", "0.25", "3.00")),
         *sums(260, ("Subtotal", "34.00"), ("VAT 20 %", "6.80"), ("Total", "40.80"))],
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00"), ("Washers", "12", "0.25", "3.00")],
    ),
    "remarks and serial numbers among the rows": Paper(
        [*HEAD, *table(200, FOUR, ("Description", "Quantity", "Unit price", "Amount"),
                       ("Pump P40", "2", "150.00", "300.00"), ("Serial numbers:", "", "", ""),
                       ("SN 44120, SN 44121", "", "", ""), ("Ball valve", "3", "7.00", "21.00"),
                       ("Delivered as agreed by phone to:", "", "", ""), ("Dock 4", "", "", ""),
                       ("Pipe wrench", "1", "18.50", "18.50")),
         *sums(320, ("Subtotal", "339.50"), ("VAT 20 %", "67.90"), ("Total", "407.40"))],
        [("Pump P40", "2", "150.00", "300.00"), ("Ball valve", "3", "7.00", "21.00"),
         ("Pipe wrench", "1", "18.50", "18.50")],
    ),
    "sections with a sum each": Paper(
        [*HEAD, *table(200, FOUR, ("Description", "Quantity", "Unit price", "Amount"),
                       ("1. Ground floor:", "", "", ""), ("Pump P40", "2", "150.00", "300.00"),
                       ("Ball valve", "3", "7.00", "21.00"), ("Sum ground floor", "", "", "321.00"),
                       ("2. First floor:", "", "", ""), ("Pipe wrench", "1", "18.50", "18.50"),
                       ("Washers", "10", "0.25", "2.50"), ("Sum first floor", "", "", "21.00")),
         *sums(340, ("Subtotal", "342.00"), ("VAT 20 %", "68.40"), ("Total", "410.40"))],
        [("Pump P40", "2", "150.00", "300.00"), ("Ball valve", "3", "7.00", "21.00"),
         ("Pipe wrench", "1", "18.50", "18.50"), ("Washers", "10", "0.25", "2.50")],
    ),
    "texts that end with a colon in a table of amounts": Paper(
        [*HEAD, *table(200, (50, 480), ("Description", "Amount"), ("Survey of the site:", "400.00"),
                       ("Drawings in three copies:", "250.00"), ("Travel", "38.40")),
         *sums(270, ("Net total", "688.40"), ("VAT 20 %", "137.68"), ("Total", "826.08"))],
        [("Survey of the site", None, None, "400.00"), ("Drawings in three copies", None, None, "250.00"),
         ("Travel", None, None, "38.40")],
    ),
    "a row that takes something off": Paper(
        [*HEAD, *table(200, FOUR, ("Description", "Quantity", "Unit price", "Amount"),
                       ("Pump P40", "2", "150.00", "300.00"), ("less 10 % on pumps", "", "", "-30.00"),
                       ("Ball valve", "3", "7.00", "21.00")),
         *sums(270, ("Subtotal", "291.00"), ("VAT 20 %", "58.20"), ("Total", "349.20"))],
        [("Pump P40", "2", "150.00", "300.00"), ("less 10 % on pumps", None, None, "-30.00"),
         ("Ball valve", "3", "7.00", "21.00")],
    ),
    "numbers at the foot of a description": Paper(
        [*HEAD, *table(200, FOUR, ("Description", "Quantity", "Unit price", "Amount"), step=14),
         *table(220, FOUR, ("Pump, cast iron, with flange,", "", "", ""), ("seal and two gaskets", "1", "90.00", "90.00"),
                step=11),
         *table(256, FOUR, ("Hose of natural rubber,", "", "", ""), ("cut to length", "4", "6.50", "26.00"), step=11),
         *sums(320, ("Total", "116.00"))],
        [("Pump, cast iron, with flange, seal and two gaskets", "1", "90.00", "90.00"),
         ("Hose of natural rubber, cut to length", "4", "6.50", "26.00")],
    ),
    "quantity and unit in one cell": Paper(
        [*HEAD, *table(200, FOUR, ("Leistung", "Menge", "Preis", "Gesamt"),
                       ("Beratung vor Ort", "3 Std.", "85,00 €", "255,00 €"),
                       ("Schulung, ein Tag", "1,5 Tage", "640,00 €", "960,00 €")),
         *sums(270, ("Zwischensumme", "1.215,00 €"), ("19 % MwSt", "230,85 €"), ("Gesamtbetrag", "1.445,85 €"))],
        [("Beratung vor Ort", "3", "85.00", "255.00"), ("Schulung, ein Tag", "1.5", "640.00", "960.00")],
    ),
    "prices with and without tax": Paper(
        [*HEAD, *table(200, (50, 200, 240, 310, 360, 420, 490),
                       ("Nazwa", "Ilość", "Cena netto", "VAT", "Netto", "VAT", "Brutto"),
                       ("Wąż gumowy", "2", "5,00", "23%", "10,00", "2,30", "12,30"),
                       ("Zawór kulowy", "3", "7,00", "23%", "21,00", "4,83", "25,83")),
         *sums(270, ("Do zapłaty", "38,13"))],
        [("Wąż gumowy", "2", "5.00", "10.00"), ("Zawór kulowy", "3", "7.00", "21.00")],
    ),
    "a service and its amount, no table": Paper(
        [*HEAD, (50, 150, "Invoice 2024-31"), (50, 180, "For our services we charge:"),
         (50, 210, "Consulting services in March 2024"), (480, 210, "1,200.00"),
         *sums(240, ("Subtotal", "1,200.00"), ("VAT 20 %", "240.00"), ("Total", "1,440.00"))],
        [("Consulting services in March 2024", None, None, "1200.00")],
    ),
    "two services and their amounts, no table": Paper(
        [*HEAD, (50, 150, "Invoice 2024-31"), (50, 210, "Consulting services in March 2024"), (480, 210, "1,200.00"),
         (50, 224, "Travel expenses"), (480, 224, "85.50"),
         *sums(254, ("Subtotal", "1,285.50"), ("VAT 20 %", "257.10"), ("Total", "1,542.60"))],
        [("Consulting services in March 2024", None, None, "1200.00"), ("Travel expenses", None, None, "85.50")],
    ),
    "a key of three lines": Paper(
        [*HEAD, (380, 190, "Price"), (300, 201, "No of"), (380, 201, "a piece"), (480, 201, "Amount"),
         (50, 212, "What you ordered"), (300, 212, "pieces"), (380, 212, "excl. VAT"), (480, 212, "excl. VAT"),
         *table(235, FOUR, ("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")),
         *sums(290, ("Total", "31.00"))],
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00")],
    ),
    "amounts without decimals": Paper(
        [(50, 40, "株式会社サンプル"), *table(200, FOUR, ("品名", "数量", "単価", "金額"),
                       ("ドライバー", "2", "¥1,250", "¥2,500"), ("ペンチ", "10", "¥980", "¥9,800")),
         *sums(260, ("小計", "¥12,300"), ("消費税 10%", "¥1,230"), ("合計", "¥13,530"))],
        [("ドライバー", "2", "1250", "2500"), ("ペンチ", "10", "980", "9800")],
    ),
    "a discount in the row": Paper(
        [*HEAD, *table(200, (50, 90, 270, 310, 370, 420, 490), ("Pos", "Zorpel", "Anz", "EP", "Rab.", "Blarg", "Summe"),
                       ("1", "Schlauch 12 mm", "2", "5,00", "10 %", "4,50", "9,00"),
                       ("2", "Kugelhahn", "3", "7,00", "", "7,00", "21,00")),
         *sums(270, ("Gesamtbetrag", "30,00"))],
        [("Schlauch 12 mm", "2", "4.50", "9.00"), ("Kugelhahn", "3", "7.00", "21.00")],
    ),
}  # fmt: skip


def read_items(found: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [tuple(row[key] for key in ("description", "quantity", "unit_price", "amount"))
            for row in found["line_items"] or ()]  # fmt: skip


def typed(items: Sequence[Item]) -> list[tuple[Any, ...]]:
    return [(text, *(None if number is None else Decimal(number) for number in numbers)) for text, *numbers in items]


@pytest.mark.parametrize("kind", PAPERS)
def test_items_are_read_whole(ask: Ask, invoice: Schema, kind: str) -> None:
    paper = PAPERS[kind]
    assert read_items(ask(invoice.document, page_of(paper.prints, rules=paper.rules))) == typed(paper.items)
