"""Items of invoices as strangers print them: headers glued, stacked, unknown or absent; remarks, sections and turned
words among the rows. Every document is a page of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

import pytest

from docpipe.page.box import Box
from docpipe.records import Word
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
        [("Hose 12 mm", "2", "5.00", "10.00"), ("Ball valve", "3", "7.00", "21.00"),
          ("Washers", "12", "0.25", "3.00")],
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
         *table(220, FOUR, ("Pump, cast iron, with flange,", "", "", ""),
           ("seal and two gaskets", "1", "90.00", "90.00"),
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
        [*HEAD, *table(200, (50, 90, 270, 310, 370, 420, 490),
          ("Pos", "Zorpel", "Anz", "EP", "Rab.", "Blarg", "Summe"),
                       ("1", "Schlauch 12 mm", "2", "5,00", "10 %", "4,50", "9,00"),
                       ("2", "Kugelhahn", "3", "7,00", "", "7,00", "21,00")),
         *sums(270, ("Gesamtbetrag", "30,00"))],
        [("Schlauch 12 mm", "2", "4.50", "9.00"), ("Kugelhahn", "3", "7.00", "21.00")],
    ),
    "position numbers with dots, code column without a key": Paper(
        [*HEAD, *table(200, (50, 75, 140, 320, 380, 480),
          ("Pos.", "", "Bezeichnung", "Menge", "Einzelpreis", "Gesamtpreis"),
                       ("1.", "A-1002", "Bohrer 8 mm", "10", "1,20", "12,00"),
                       ("2.", "A-2307", "Dübel, Packung", "2", "4,50", "9,00"),
                       ("3.", "B-0001", "Hammer", "1", "17,90", "17,90")),
         *sums(280, ("Summe netto", "38,90"), ("zzgl. 19 % MwSt.", "7,39"), ("Rechnungsbetrag", "46,29"))],
        [("Bohrer 8 mm", "10", "1.20", "12.00"), ("Dübel, Packung", "2", "4.50", "9.00"),
         ("Hammer", "1", "17.90", "17.90")],
    ),
    "Czech, three money columns": Paper(
        [*HEAD, *table(200, (50, 220, 260, 300, 360, 410, 480),
                       ("Označení dodávky", "Počet", "m. j.", "Cena za m. j.", "DPH %", "Bez DPH", "Celkem s DPH"),
                       ("Vrtačka", "1", "ks", "2 400,00", "21", "2 400,00", "2 904,00"),
                       ("Sada vrtáků", "3", "ks", "350,00", "21", "1 050,00", "1 270,50")),
         *sums(270, ("Celkem k úhradě", "4 174,50 Kč"))],
        [("Vrtačka", "1", "2400.00", "2400.00"), ("Sada vrtáků", "3", "350.00", "1050.00")],
    ),
    "Finnish": Paper(
        [*HEAD, *table(200, (50, 260, 320, 400, 480), ("Tuote", "Määrä", "À-hinta", "Alv %", "Yhteensä"),
                       ("Konsultointi", "4 h", "95,00", "25,5", "380,00"),
                       ("Matkakulut", "1 kpl", "42,50", "25,5", "42,50")),
         *sums(270, ("Veroton summa", "422,50"), ("Alv 25,5 %", "107,74"), ("Maksettava yhteensä", "530,24"))],
        [("Konsultointi", "4", "95.00", "380.00"), ("Matkakulut", "1", "42.50", "42.50")],
    ),
    "hours at a rate, dates in front": Paper(
        [*HEAD, *table(200, (50, 120, 330, 400, 480), ("Date", "Work done", "Hours", "Rate", "Amount"),
                       ("03/04/2024", "Review of the draft contract", "2.50", "180.00", "450.00"),
                       ("05/04/2024", "Call with the client", "0.75", "180.00", "135.00")),
         *sums(270, ("Total fees", "585.00"))],
        [("Review of the draft contract", "2.50", "180.00", "450.00"),
          ("Call with the client", "0.75", "180.00", "135.00")],
    ),
    "no header, price before the count, a heading above": Paper(
        [*HEAD, (50, 170, "Delivered in March"),
         *table(200, (50, 300, 400, 480), ("Oak board 2 m", "14.50", "6", "87.00"),
           ("Wood screws, box", "3.25", "4", "13.00")),
         *sums(270, ("Net", "100.00"), ("VAT", "20.00"), ("To pay", "120.00"))],
        [("Oak board 2 m", "6", "14.50", "87.00"), ("Wood screws, box", "4", "3.25", "13.00")],
    ),
    "one unknown key over two columns": Paper(
        [*HEAD, (50, 200, "Item"), (300, 200, "Qty"), (372, 200, "Zork"), (480, 200, "Line total"),
         *table(214, (50, 300, 350, 400, 480), ("Oak board", "6", "pcs", "14.50", "87.00"),
           ("Beech board", "2", "pcs", "19.00", "38.00")),
         *sums(270, ("Total", "125.00"))],
        [("Oak board", "6", "14.50", "87.00"), ("Beech board", "2", "19.00", "38.00")],
    ),
    "an unknown key glued to a known one": Paper(
        [*HEAD, (50, 200, "Description"), (250, 200, "Zork Qty Unit price Amount"),
         *table(214, (50, 250, 278, 300, 345), ("Hose", "17.1", "2", "5.00", "10.00"),
                ("Valve", "18.2", "3", "7.00", "21.00")), *sums(270, ("Total", "31.00"))],
        [("Hose", "2", "5.00", "10.00"), ("Valve", "3", "7.00", "21.00")],
    ),
    "one key in two pieces": Paper(
        [*HEAD, (50, 200, "Item"), (80, 200, "Descripton"), (300, 200, "Price"), (380, 200, "Qty"), (480, 200, "Total"),
         *table(214, (50, 300, 380, 480), ("Oak board", "14.50", "6", "87.00"),
                ("Long beech board", "19.00", "2", "38.00")), *sums(270, ("Total", "125.00"))],
        [("Oak board", "6", "14.50", "87.00"), ("Long beech board", "2", "19.00", "38.00")],
    ),
    "an amount far right of its key": Paper(
        [*HEAD, *table(200, (50, 180, 250, 310), ("Description", "Unit price", "Quantity", "Total price")),
         *table(214, (50, 185, 255, 503), ("Oak board", "14.50", "6", "87.00")),
         *sums(270, ("Total", "87.00"), at=503)],
        [("Oak board", "6", "14.50", "87.00")],
    ),
    "a strip of values above the table": Paper(
        [*HEAD, *table(150, (50, 180, 310, 440), ("Order", "Date", "Terms", "Due"),
          ("77120", "03/04/2024", "30 days", "03/05/2024")),
         *table(200, FOUR, ("Article", "Pcs", "Price", "Value"), ("Oak board", "6", "14.50", "87.00"),
                ("Beech board", "2", "19.00", "38.00")),
         *sums(270, ("Total", "125.00"))],
        [("Oak board", "6", "14.50", "87.00"), ("Beech board", "2", "19.00", "38.00")],
    ),
    "amounts with a sign, no decimals": Paper(
        [*HEAD, *table(200, (50, 90, 330, 400, 480), ("No", "Item", "Price", "Qty", "Total"),
                       ("1", "Logo design", "$1000", "1", "$1000"), ("2", "Web pages", "$300", "4", "$1200")),
         *sums(270, ("Total", "$2200"))],
        [("Logo design", "1", "1000", "1000"), ("Web pages", "4", "300", "1200")],
    ),
    "Chinese keys": Paper(
        [*HEAD, *table(200, (50, 200, 260, 330, 400, 480), ("货物名称", "规格型号", "单位", "数量", "单价", "金额"),
                       ("电钻", "D-8", "台", "2", "450.00", "900.00"), ("钻头", "8mm", "支", "10", "12.50", "125.00")),
         *sums(270, ("合计", "1025.00"))],
        [("电钻", "2", "450.00", "900.00"), ("钻头", "10", "12.50", "125.00")],
    ),
    "a service with a text of three lines, no table": Paper(
        [*HEAD, (50, 150, "Invoice 2024-32"), (50, 200, "Translation of the user manual for the"),
          (480, 200, "860.00 EUR"),
         (50, 212, "pump P40 into German and French"), *sums(250, ("Net amount", "860.00 EUR"),
           ("VAT 20 %", "172.00 EUR"),
                                                             ("Total amount", "1,032.00 EUR"))],
        [("Translation of the user manual for the pump P40 into German and French", None, None, "860.00")],
    ),
    "returned goods on a second list": Paper(
        [*HEAD, *table(200, FOUR, ("Item", "Quantity", "Unit price", "Total"), ("Oak board", "6", "14.50", "87.00"),
                       ("Beech board", "2", "19.00", "38.00")),
         *sums(250, ("Total", "125.00")), *table(400, (50, 300, 380), ("Item", "Quantity", "Reason"),
           ("Glue", "1", "leaking"))],
        [("Oak board", "6", "14.50", "87.00"), ("Beech board", "2", "19.00", "38.00")],
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


def test_a_word_turned_in_the_margin_is_no_part_of_a_row(ask: Ask, invoice: Schema) -> None:
    rows = [("Oak board", "6", "14.50", "87.00"), ("Beech board", "2", "19.00", "38.00")]
    page = page_of([*table(200, FOUR, ("Description", "Quantity", "Unit price", "Amount"), *rows)])
    turned = Word("GOODS-REMAIN-OURS", Box(30 / 595, 170 / 842, 40 / 595, 268 / 842), 99, size=98 / 842)
    found = read_items(ask(invoice.document, replace(page, words=(*page.words, turned))))
    assert found == typed(rows)


def test_a_number_that_looks_like_an_amount_and_is_printed_again_is_no_item(ask: Ask, invoice: Schema) -> None:
    head: list[Print] = [(50, 20, "Northgate Tools Ltd"), (50, 34, "4 Quay Street, Hull HU1 2AB"), (50, 60, "INVOICE")]
    buyer: list[Print] = [(50, 120, "Korben Lifts Ltd"), (50, 134, "9 Mill Lane"), (50, 148, "Leeds LS1 2AB")]
    number: list[Print] = [(350, 120, "Invoice no."), (480, 120, "6736.38")]
    lump: list[Print] = [(50, 200, "Service of the lifts, as agreed"), *sums(240, ("Total", "520.00"))]
    slip: list[Print] = [(50, 400, "Bank Alta"), (350, 400, "Invoice no. 6736.38")]
    assert read_items(ask(invoice.document, page_of([*head, *buyer, *number, *lump, *slip]))) == []
