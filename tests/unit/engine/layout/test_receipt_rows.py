"""Items of receipts as tills of many makes print them: codes, prices on a line of their own, tax marks behind amounts,
discounts below, currencies without decimals. Every document is a receipt of its own kind.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import Print, page_of
from tests.unit.engine.layout.test_item_rows import Item, read_items, typed

Ask = Callable[..., dict[str, Any]]

RIGHT = 300.0  # where the amounts of a receipt end
LETTER = 5.0


@dataclass(frozen=True)
class Slip:
    """The lines of a receipt, the text at the left and what ends at the right edge, and its items."""

    lines: Sequence[tuple[str, ...]]
    items: Sequence[Item]


def printed(lines: Sequence[tuple[str, ...]], top: float = 80) -> list[Print]:
    """Lines under the name of a shop; the last text of a line of several ends at the right edge."""
    prints: list[Print] = [(120, 20, "Corner Bakery"), (110, 34, "12 Mill Lane, Bristol")]
    for at, texts in enumerate(lines):
        y = top + 14 * at
        for place, text in enumerate(texts):
            last = len(texts) > 1 and place == len(texts) - 1
            x = RIGHT - LETTER * len(text) if last else (60.0, 170.0, 210.0, 240.0)[place]
            prints.append((x, y, text))
    return prints


SLIPS: dict[str, Slip] = {
    "count before the name": Slip(
        [("2 x Cappuccino", "7.00"), ("1 x Carrot cake", "4.20"), ("Total", "11.20")],
        [("Cappuccino", "2", None, "7.00"), ("Carrot cake", "1", None, "4.20")],
    ),
    "count behind the name": Slip(
        [("Cappuccino", "2", "3.50", "7.00"), ("Carrot cake", "1", "4.20", "4.20"), ("Total", "11.20")],
        [("Cappuccino", "2", "3.50", "7.00"), ("Carrot cake", "1", "4.20", "4.20")],
    ),
    "price before the count": Slip(
        [("Kava s mlijekom", "14.00", "1.00", "14.00"), ("Sok od naranče", "16.00", "2.00", "32.00"),
         ("Sve skupa (kn)", "46.00")],
        [("Kava s mlijekom", "1", "14.00", "14.00"), ("Sok od naranče", "2", "16.00", "32.00")],
    ),
    "code and numbers above the name": Slip(
        [("2000130060675", "X", "1", "9.90"), ("COTTON SHIRT",), ("2000130060682", "X", "2", "25.00"),
         ("LINEN TROUSERS",), ("Total", "34.90")],
        [("COTTON SHIRT", "1", None, "9.90"), ("LINEN TROUSERS", "2", None, "25.00")],
    ),
    "code and numbers below the name": Slip(
        [("COTTON SHIRT",), ("2000130060675", "2 x 4.95", "9.90"), ("LINEN TROUSERS",),
         ("2000130060682", "1 x 25.00", "25.00"), ("Total", "34.90")],
        [("COTTON SHIRT", "2", "4.95", "9.90"), ("LINEN TROUSERS", "1", "25.00", "25.00")],
    ),
    "a digit for the tax behind the amount": Slip(
        [("Duschgel Mint 250ml", "2,25 1"), ("Buch Wandern", "12,00 2"), ("Zahnbürste", "1,75 1"),
          ("Summe", "16,00")],
        [("Duschgel Mint 250ml", None, None, "2.25"), ("Buch Wandern", None, None, "12.00"),
         ("Zahnbürste", None, None, "1.75")],
    ),
    "one item, a digit for the tax": Slip(
        [("Duschgel Mint 250ml", "2,25 1"), ("Summe", "2,25"), ("BAR EUR", "3,00"), ("Rückgeld EUR", "0,75")],
        [("Duschgel Mint 250ml", None, None, "2.25")],
    ),
    "a rate behind the amount": Slip(
        [("Τσάι μαύρο με λεμόνι", "1,39 13,00%"), ("Νερό μεταλλικό",), ("2 X", "0,19", "0,38 13,00%"),
         ("Κρέμα σοκολάτα 120γρ", "1,02 13,00%"), ("Σύνολο", "2,79")],
        [("Τσάι μαύρο με λεμόνι", None, None, "1.39"), ("Νερό μεταλλικό", "2", "0.19", "0.38"),
         ("Κρέμα σοκολάτα 120γρ", None, None, "1.02")],
    ),
    "yen": Slip(
        [("コーヒー", "¥480"), ("サンドイッチ", "¥1,250"), ("小計", "¥1,730"), ("消費税 10%", "¥173"),
         ("合計", "¥1,903")],
        [("コーヒー", None, None, "480"), ("サンドイッチ", None, None, "1250")],
    ),
    "yen with marks of a lower rate": Slip(
        [("牛乳 1L ※", "¥238軽"), ("食パン ※", "¥168軽"), ("レジ袋", "¥5"), ("小計", "¥411"), ("合計", "¥443")],
        [("牛乳 1L", None, None, "238"), ("食パン", None, None, "168"), ("レジ袋", None, None, "5")],
    ),
    "won under a header": Slip(
        [("상품명", "단가", "수량", "금액"), ("아메리카노", "4,500", "2", "9,000"),
         ("치즈케이크", "6,800", "1", "6,800"),
         ("합계금액", "15,800원")],
        [("아메리카노", "2", "4500", "9000"), ("치즈케이크", "1", "6800", "6800")],
    ),
    "a discount below its item": Slip(
        [("Cappuccino", "3.50"), ("Carrot cake", "4.20"), ("Staff discount 10%", "-0.42"), ("Subtotal", "7.28"),
         ("Total", "7.28")],
        [("Cappuccino", None, None, "3.50"), ("Carrot cake", None, None, "4.20"),
         ("Staff discount 10%", None, None, "-0.42")],
    ),
    "weights with a price of a unit": Slip(
        [("BERRY AND MANGO",), ("0.78 lb", "@", "$8.99 /lb", "$7.01 F"), ("RASPBERRY SCONE", "$5.99 F"), ("HOT BAR",),
         ("0.94 lb", "@", "_$9.99 /lb", "$9.39 1"), ("Tare Weight 0.11 lb",), ("Subtotal:", "$22.39"),
         ("Total:", "$22.39")],
        [("BERRY AND MANGO", "0.78", "8.99", "7.01"), ("RASPBERRY SCONE", None, None, "5.99"),
         ("HOT BAR", "0.94", "9.99", "9.39")],
    ),
    "rupiah with dots": Slip(
        [("Nasi goreng", "2", "25.000", "50.000"), ("Es teh manis", "2", "6.000", "12.000"), ("Sub Total", "62.000"),
         ("Total Rp", "62.000")],
        [("Nasi goreng", "2", "25000", "50000"), ("Es teh manis", "2", "6000", "12000")],
    ),
    "tax letters glued to amounts": Slip(
        [("Semmeln", "1,20B"), ("Butter 250g", "2,49B"), ("Seife", "0,95A"), ("Summe", "4,64")],
        [("Semmeln", None, None, "1.20"), ("Butter 250g", None, None, "2.49"), ("Seife", None, None, "0.95")],
    ),
    "count and price below": Slip(
        [("Apfelsaft",), ("3 x 1,49", "4,47 A"), ("Brot", "2,80 A"), ("SUMME EUR", "7,27")],
        [("Apfelsaft", "3", "1.49", "4.47"), ("Brot", None, None, "2.80")],
    ),
    "count and price below the amount": Slip(
        [("Apfelsaft", "4,47"), ("3 x 1,49",), ("Brot", "2,80"), ("Zu zahlen", "7,27")],
        [("Apfelsaft", "3", "1.49", "4.47"), ("Brot", None, None, "2.80")],
    ),
    "forint": Slip(
        [("Kenyér 1 kg", "899"), ("Tej 2,8%", "459"), ("Sajt szeletelt", "1.299"), ("ÖSSZESEN", "2.657 Ft")],
        [("Kenyér 1 kg", None, None, "899"), ("Tej 2,8%", None, None, "459"), ("Sajt szeletelt", None, None, "1299")],
    ),
    "peso with dots": Slip(
        [("Café tinto", "2", "3.500", "7.000"), ("Empanada", "3", "2.800", "8.400"), ("TOTAL", "15.400")],
        [("Café tinto", "2", "3500", "7000"), ("Empanada", "3", "2800", "8400")],
    ),
    "header in Croatian": Slip(
        [("Naziv", "Cijena", "Kol.", "Iznos"), ("Espresso", "1,80", "2", "3,60"), ("Voda", "2,00", "1", "2,00"),
         ("UKUPNO EUR", "5,60")],
        [("Espresso", "2", "1.80", "3.60"), ("Voda", "1", "2.00", "2.00")],
    ),
    "codes in front of names": Slip(
        [("4006381333931 Marker blue", "2.50"), ("4006381333948 Marker red", "2.50"), ("Subtotal", "5.00"),
          ("Total", "5.00")],
        [("Marker blue", None, None, "2.50"), ("Marker red", None, None, "2.50")],
    ),
    "a card slip below": Slip(
        [("Flat white", "3.80"), ("Brownie", "2.90"), ("TOTAL", "6.70"), ("VISA", "6.70"), ("AUTH CODE 004411",)],
        [("Flat white", None, None, "3.80"), ("Brownie", None, None, "2.90")],
    ),
}  # fmt: skip


@pytest.fixture
def receipt() -> Schema:
    return load_schema("receipt")


@pytest.mark.parametrize("kind", SLIPS)
def test_items_are_read_whole(ask: Ask, receipt: Schema, kind: str) -> None:
    slip = SLIPS[kind]
    assert read_items(ask(receipt.document, page_of(printed(slip.lines)))) == typed(slip.items)
