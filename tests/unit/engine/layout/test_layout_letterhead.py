"""Who printed a receipt: the name and the address at its head, among stamps, remarks and slogans."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from docpipe.engine.layout.scoring.calibration import review_confidence
from docpipe.page.box import Box
from docpipe.records import Geometry, Page, Word
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import reply_of

REVIEW = review_confidence(load_schema("receipt"))  # under it a record goes to review
WIDTH, HEIGHT = 226.0, 600.0  # a roll of 80 mm, points
LETTER = 0.5  # of the size: every letter is as wide
SALE = ("Rye bread 3.40", "Butter 2.10", "Total 5.50", "Cash 10.00", "Change 4.50")


def roll(head: Sequence[str], sale: Sequence[str] = SALE) -> Page:
    """Lines set in the middle of a roll, and a sale under them.

    "##" before a line sets it twice as large; "<" sets it at the left edge; "~" says that it is hard to read; "^"
    leaves two lines of white space above it.
    """
    words: list[Word] = []
    y = 20.0
    for number, line in enumerate(head):
        marks, text = line[: len(line) - len(line.lstrip("#<~^"))], line.lstrip("#<~^")
        size = 16.0 if "##" in marks else 8.0
        y += 20.0 * marks.count("^")
        width = LETTER * size * len(text)
        x = 10.0 if "<" in marks else (WIDTH - width) / 2
        words += _words(text, x, y, size, number, 0.7 if "~" in marks else 1.0)
        y += 1.25 * size
    y += 12.0
    for number, line in enumerate(sale, len(head)):
        name, _, amount = line.rpartition(" ")
        words += _words(name, 10.0, y, 8.0, number)
        words += _words(amount, 216.0 - LETTER * 8.0 * len(amount), y, 8.0, number)
        y += 10.0
    return Page(1, WIDTH, HEIGHT, words=tuple(words), geometry=Geometry(), text_source="layer")


def _words(text: str, x: float, y: float, size: float, line: int, sure: float = 1.0) -> list[Word]:
    words = []
    for part in text.split(" "):
        width = LETTER * size * len(part)
        if part:
            box = Box(x / WIDTH, y / HEIGHT, (x + width) / WIDTH, (y + size) / HEIGHT)
            words.append(Word(part, box, line, size=size / HEIGHT, confidence=sure))
        x += width + LETTER * size
    return words


def seller(head: Sequence[str]) -> tuple[str | None, str | None]:
    """(name, address) of who printed the receipt."""
    found = json.loads(reply_of(load_schema("receipt").document, [roll(head)]).text)["seller"] or {}
    return found.get("name"), found.get("address")


def sureness(head: Sequence[str], path: str = "seller.name") -> float:
    reply = reply_of(load_schema("receipt").document, [roll(head)])
    return next(span.score for span in reply.spans if span.path == path)


HEADS = {  # head, a line between bars -> name, address
    "CUSTOMER COPY|MAPLE LEAF GRILL|88 Queen St W|Toronto, ON M5H 2N2|Tel 416 555 0101":
        ("MAPLE LEAF GRILL", "88 Queen St W\nToronto, ON M5H 2N2"),
    "*** DUPLICATE ***|Springfield Hardware|123 Main St|Springfield IL 62701|217-555-0188":
        ("Springfield Hardware", "123 Main St\nSpringfield IL 62701"),
    "Kundenbeleg|##BÄCKEREI|##HOFMANN|Lange Gasse 4|90403 Nürnberg":
        ("BÄCKEREI HOFMANN", "Lange Gasse 4\n90403 Nürnberg"),
    "##M A R K T|Hauptstr. 12|50667 Köln|USt-IdNr. DE123456789": ("MARKT", "Hauptstr. 12\n50667 Köln"),
    "T H E  G R E E N  D O O R|Unit 4, Riverside Mall|Singapore 238801":
        ("THE GREEN DOOR", "Unit 4, Riverside Mall\nSingapore 238801"),
    "lim wei ming|^KEDAI SERI MAJU SDN BHD|(654321-X)|NO 12, JALAN MELATI 3|TAMAN MELATI|53100 KUALA LUMPUR.":
        ("KEDAI SERI MAJU SDN BHD", "NO 12, JALAN MELATI 3\nTAMAN MELATI\n53100 KUALA LUMPUR."),
    "GOLDEN HARVEST TRADING AND|MARKETING SDN BHD|(778899-K)|LOT 5, JALAN PERUSAHAAN 2|68100 BATU CAVES, SELANGOR":
        ("GOLDEN HARVEST TRADING AND MARKETING SDN BHD", "LOT 5, JALAN PERUSAHAAN 2\n68100 BATU CAVES, SELANGOR"),
    "<REPRINT|^HONG SENG|HARDWARE SDN BHD|(123456-V)|25 & 27, JALAN INDAH 5/2|81300 SKUDAI, JOHOR":
        ("HONG SENG HARDWARE SDN BHD", "25 & 27, JALAN INDAH 5/2\n81300 SKUDAI, JOHOR"),
    "Tax Invoice|Sri Krishna Bhavan|No 14, 2nd Cross, Gandhi Nagar|Bengaluru - 560 009|GSTIN: 29ABCDE1234F1Z5":
        ("Sri Krishna Bhavan", "No 14, 2nd Cross, Gandhi Nagar\nBengaluru - 560 009"),
    "BILL OF SUPPLY|Annapurna Sweets Pvt Ltd|Shop 3, MG Road|Pune 411 001|FSSAI 11518012000123":
        ("Annapurna Sweets Pvt Ltd", "Shop 3, MG Road\nPune 411 001"),
    "Taquería El Fogón|Av. Insurgentes Sur 1524, Col. Del Valle|C.P. 03100, Ciudad de México|RFC: TFO120304AB1":
        ("Taquería El Fogón", "Av. Insurgentes Sur 1524, Col. Del Valle\nC.P. 03100, Ciudad de México"),
    "BOLETA DE VENTA|Bodega San Martín|Av. Arequipa 2450, Lince|Lima 15046|RUC 20123456789":
        ("Bodega San Martín", "Av. Arequipa 2450, Lince\nLima 15046"),
    "Padaria Pão Quente Ltda|Rua das Flores, 221 - Centro|São Paulo - SP - CEP 01310-100|CNPJ: 12.345.678/0001-90":
        ("Padaria Pão Quente Ltda", "Rua das Flores, 221 - Centro\nSão Paulo - SP - CEP 01310-100"),
    "WARUNG SEDERHANA|Jl. Sudirman No. 45, Jakarta 12190|Telp: 021-5551234":
        ("WARUNG SEDERHANA", "Jl. Sudirman No. 45, Jakarta 12190"),
    "Willkommen bei uns!|Café Sonnenschein|Marktplatz 3|04109 Leipzig":
        ("Café Sonnenschein", "Marktplatz 3\n04109 Leipzig"),
    "05/12/2023 10:31|Page 1/1|The Corner Deli|410 Pine Street, Seattle, WA 98101":
        ("The Corner Deli", "410 Pine Street, Seattle, WA 98101"),
    "Terminal 00123456|Blue Bottle Books|12 Harbour Road|Cork": ("Blue Bottle Books", "12 Harbour Road\nCork"),
    "##FRESH|##FOODS|Fresh every day for you and yours|22 King Street|Leeds LS1 2HL":
        ("FRESH FOODS", "22 King Street\nLeeds LS1 2HL"),
    "##F L O R A|Flowers and plants since 1950|Kerkstraat 9|1017 GC Amsterdam":
        ("FLORA", "Kerkstraat 9\n1017 GC Amsterdam"),
    "Smith and|Daughters|14 Abbey Lane|Bath BA1 1LZ": ("Smith and Daughters", "14 Abbey Lane\nBath BA1 1LZ"),
    "KOPIA|##ZIELONA|##APTEKA|ul. Długa 14|00-238 Warszawa|NIP 525-000-11-22":
        ("ZIELONA APTEKA", "ul. Długa 14\n00-238 Warszawa"),
    "Kundens kopi|Bageriet Solsikken ApS|Algade 22|4000 Roskilde|CVR 12345678":
        ("Bageriet Solsikken ApS", "Algade 22\n4000 Roskilde"),
    "COPIA CLIENTE|Panadería La Espiga, S.L.|C/ Mayor 15|28013 Madrid|NIF B12345678":
        ("Panadería La Espiga, S.L.", "C/ Mayor 15\n28013 Madrid"),
    "Grazie e arrivederci!|Trattoria da Gino|Via Roma 8|20121 Milano":
        ("Trattoria da Gino", "Via Roma 8\n20121 Milano"),
    "TICKET CLIENT|Boulangerie Martin|13, bd Saint Michel|75 005 Paris|SIRET 123 456 789 00012":
        ("Boulangerie Martin", "13, bd Saint Michel\n75 005 Paris"),
    "Kvitto|Göteborgs Fisk AB|Storgatan 12|411 24 Göteborg|Org.nr 556677-8899":
        ("Göteborgs Fisk AB", "Storgatan 12\n411 24 Göteborg"),
    "~sgnd|Harbour Lights Hotel|7 Quay Road, Galway": ("Harbour Lights Hotel", "7 Quay Road, Galway"),
    "Corner Market|Solbena S.L.U.|Calle Alta 3|28013 Madrid": ("Corner Market", "Calle Alta 3\n28013 Madrid"),
    "##Corner Market|##Corner Market Holding S.A.|Calle Alta 3|28013 Madrid":
        ("Corner Market", "Calle Alta 3\n28013 Madrid"),
    "Mercado Central de Abastos y|Distribuciones S.A.C.|Jr. Huallaga 650|Lima 15001|RUC 20512345678":
        ("Mercado Central de Abastos y Distribuciones S.A.C.", "Jr. Huallaga 650\nLima 15001"),
    "Guest Check|Tbl 4/1|Pho Saigon|1010 Clement St, San Francisco, CA 94118":
        ("Pho Saigon", "1010 Clement St, San Francisco, CA 94118"),
    "PT MAJU BERSAMA|Jalan Gatot Subroto Kav. 12|Jakarta Selatan 12930|NPWP 01.234.567.8-901.000":
        ("PT MAJU BERSAMA", "Jalan Gatot Subroto Kav. 12\nJakarta Selatan 12930"),
    "Where good food meets good friends|The Copper Kettle|Unit 7 Market Square|Kilkenny R95 X2Y4":
        ("The Copper Kettle", "Unit 7 Market Square\nKilkenny R95 X2Y4"),
    "##NORDMARKT|NORDMARKT KRAUSE OHG|Am Markt 5|06108 Halle": ("NORDMARKT", "Am Markt 5\n06108 Halle"),
    "NORDMARKT|NORDMARKT OHG|Am Markt 5|06108 Halle": ("NORDMARKT", "Am Markt 5\n06108 Halle"),
    "<^LEE KOK WAI|^ALTA BOOKS SDN BHD|NO 12, JALAN MELATI 3|53100 KUALA LUMPUR":
        ("ALTA BOOKS SDN BHD", "NO 12, JALAN MELATI 3\n53100 KUALA LUMPUR"),
    "Till 12|The Blue Door|5 Quay Road|Cork T12 X6Y7": ("The Blue Door", "5 Quay Road\nCork T12 X6Y7"),
    "LEE KOK WAI|##ORCHID BAKERY|NO 12, JALAN MELATI 3|53100 KUALA LUMPUR":
        ("ORCHID BAKERY", "NO 12, JALAN MELATI 3\n53100 KUALA LUMPUR"),
    "~Fresch Mrkt|Hauptstr. 1|50667 Köln|Alles Frische": ("Fresch Mrkt", "Hauptstr. 1\n50667 Köln"),
    "* F L O R A *|Kerkstraat 9|1017 GC Amsterdam": ("FLORA", "Kerkstraat 9\n1017 GC Amsterdam"),
    "##H & K|Kerkstraat 9|1017 GC Amsterdam": ("H & K", "Kerkstraat 9\n1017 GC Amsterdam"),
    "Bäckerei Hofmann · Lange Gasse 4 · 90403 Nürnberg": ("Bäckerei Hofmann", "Lange Gasse 4\n90403 Nürnberg"),
    "Ireland|The Blue Door|5 Quay Road|Cork T12 X6Y7": ("The Blue Door", "5 Quay Road\nCork T12 X6Y7"),
    "The Blue Door|5 Quay Road|Cork T12 X6Y7|Ireland": ("The Blue Door", "5 Quay Road\nCork T12 X6Y7\nIreland"),
    "Night Owl Records": ("Night Owl Records", None),
}  # fmt: skip


@pytest.mark.parametrize("head", HEADS)
def test_the_name_and_the_address_of_a_shop_are_read_among_what_else_heads_a_receipt(head: str) -> None:
    assert seller(head.split("|")) == HEADS[head]


def test_letters_set_wide_and_far_from_each_other_are_one_line() -> None:
    page = roll(("F L O R A", "Kerkstraat 9"))
    far = tuple(
        replace(word, box=word.box._replace(left=word.box.left + 0.04 * at, right=word.box.right + 0.04 * at))
        for at, word in enumerate(page.words[:5])
    )
    found = json.loads(reply_of(load_schema("receipt").document, [replace(page, words=(*far, *page.words[5:]))]).text)
    assert found["seller"]["name"] == "FLORA"


def test_where_only_remarks_head_a_receipt_there_is_no_name() -> None:
    assert seller(("CUSTOMER COPY", "12.04.2024 18:22", "Tel 0117 496 0000")) == (None, None)


def test_a_name_for_which_little_speaks_sends_the_record_to_review() -> None:
    assert sureness(("~Wlkome frnds",)) < REVIEW < sureness(("##Harbour Lights", "7 Quay Road", "Bath BA1 1LZ"))
    assert sureness(("Thanks for your visit today",)) < REVIEW


def test_a_remark_that_is_hard_to_read_is_no_name_though_it_stands_alone() -> None:
    assert seller(("~Welcome frends",)) == (None, None)


def test_a_name_is_less_sure_where_another_line_is_as_likely() -> None:
    address = ("Calle Alta 3", "28013 Madrid")
    assert sureness(("Corner Market", "Solbena S.L.U.", *address)) < REVIEW < sureness(("Corner Market", *address))


def test_an_address_without_a_code_or_a_street_is_less_sure_than_one_with_both() -> None:
    coded, house = ("Corner Bakery", "12 Mill Road", "Bath BA1 1LZ"), ("Corner Bakery", "Alta Marina, 2")
    assert seller(house)[1] == "Alta Marina, 2"
    assert sureness(house, "seller.address") < REVIEW < sureness(coded, "seller.address")


SHOP = ("Corner Bakery", "12 Mill Road", "Date: 03/08/2025")
TOTALS = {  # the lines of a sale, between bars -> its total
    "Bread 3.41|Butter 2.11|Total 5.52|Rounding Adj -0.02|Total 5.50|Cash 10.00|Change 4.50": 5.5,
    "Bread 3.40|Butter 2.12|TOTAL SALES 5.52|ROUNDING -0.02|TOTAL AMOUNT DUE 5.50|CASH 50.00|CHANGE 44.50": 5.5,
    "Noodles 12.00|Tea 3.00|Total 15.00|Discount -2.00|Total 13.00|Visa 13.00": 13.0,
    "Pain 3,40|Beurre 2,10|Total 5,50|Remise -0,50|Total 5,00|CB 5,00": 5.0,
    "Brot 3,41|Butter 2,12|Summe 5,53|Rundung 0,02|Zu zahlen 5,55|Bar 6,00|Rückgeld 0,45": 5.55,
    "Kaffe 32,40|Bulle 21,10|Totalt 53,50|Öresavrundning 0,50|Att betala 54,00|Kontant 100,00|Växel 46,00": 54.0,
    "Rice 12.00|Sub Total 12.00|Tax 0.99|Total 12.99|Rounding 0.01|Grand Total 13.00|Cash 20.00|Change 7.00": 13.0,
    "Bread 3.40|Butter 2.10|Total 5.50|Cash 10.00|Change 4.50|GST Amount Tax|S 6% 5.19 0.31|Total 5.19 0.31": 5.5,
}  # fmt: skip


@pytest.mark.parametrize("sale", TOTALS)
def test_of_several_totals_the_last_that_payment_agrees_with_is_the_total(sale: str) -> None:
    found = reply_of(load_schema("receipt").document, [roll(SHOP, sale=sale.split("|"))])
    assert json.loads(found.text)["total"] == TOTALS[sale]
    assert next(span for span in found.spans if span.path == "total").score > 0.9


def total_sureness(sums: str) -> float:
    sale = ["Pan 3,40", "Leche 2,10", *sums.split("|")]
    found = reply_of(load_schema("receipt").document, [roll(SHOP, sale=sale)])
    return next(span for span in found.spans if span.path == "total").score


def test_a_total_with_a_tip_is_not_sure_though_it_was_paid() -> None:
    assert total_sureness("Total 5,50|Propina 0,50|Total a pagar 6,00|Efectivo 10,00|Cambio 4,00") < 0.95
    assert total_sureness("Total 5,50|Efectivo 10,00|Cambio 4,50") > 0.95
