"""A layer that does not say what the page shows is found out, in whatever language; one that does is kept."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

import pymupdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from docpipe.intake.content import Content
from docpipe.page.box import Box
from docpipe.records import Page, Word
from docpipe.render.legibility import agree, garbage
from docpipe.render.renderer import Renderer
from docpipe.settings import Render, Settings

MakeContent = Callable[..., Content]

LANGUAGES = {
    "English": "Please transfer the outstanding balance within thirty days of receipt quoting the invoice number",
    "German": "Bitte überweisen Sie den Rechnungsbetrag innerhalb von vierzehn Tagen auf das angegebene Konto",
    "Polish": "Prosimy o dokonanie zapłaty w ciągu czternastu dni od daty wystawienia faktury przelewem bankowym",
    "Czech": "Prosíme o úhradu částky do čtrnácti dnů od vystavení faktury převodem na uvedený bankovní účet",
    "Welsh": "Talwch y swm sydd yn ddyledus o fewn deg diwrnod ar hugain i ddyddiad yr anfoneb hon trwy drosglwyddiad",
    "Finnish": "Maksakaa laskun loppusumma kolmenkymmenen päivän kuluessa laskun päiväyksestä pankkitilillemme",
    "Vietnamese": "Vui lòng thanh toán số tiền còn lại trong vòng ba mươi ngày kể từ ngày nhận được hóa đơn này nhé",
    "Turkish": "Lütfen fatura tutarını düzenlenme tarihinden itibaren otuz gün içinde banka hesabımıza ödeyiniz",
    "Greek": "Παρακαλούμε να εξοφλήσετε το τιμολόγιο εντός τριάντα ημερών από την ημερομηνία έκδοσης του",
    "Russian": "Просим оплатить счёт в течение тридцати дней с даты выставления на указанный банковский счёт",
    "Arabic": "يرجى سداد المبلغ المستحق خلال ثلاثين يوما من تاريخ استلام هذه الفاتورة إلى الحساب المصرفي",
    "Hebrew": "נא לשלם את יתרת הסכום בתוך שלושים יום ממועד קבלת החשבונית לחשבון הבנק המצוין",
    "Chinese": "请在收到本发票后三十天内付款 货物在全部付款之前仍属本公司所有 逾期付款将按法定利率计收利息",
    "Japanese": "請求書の日付から三十日以内にお支払いください 商品の所有権は全額支払われるまで当社に帰属します",
    "Thai": "กรุณาชำระเงินภายในสามสิบวันนับจากวันที่ออกใบแจ้งหนี้ โดยโอนเข้าบัญชีธนาคารที่ระบุไว้",
    "Hindi": "कृपया चालान की तारीख से तीस दिनों के भीतर बकाया राशि का भुगतान दिए गए बैंक खाते में करें",
}


def shifted(text: str, by: int) -> str:
    """Glyph numbers taken for characters: what a TrueType font without a mapping gives."""
    return "".join(chr(ord(one) + by) if one.isascii() and not one.isspace() else one for one in text)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", [str, str.upper])
def test_every_language_means_something(language: str, case: Callable[[str], str]) -> None:
    assert garbage({"font": case(LANGUAGES[language]).split()}) == ""


RNG = random.Random(5)
CODES = {
    "numbers": [f"{RNG.randint(1, 10**7) / 100:,.2f}" for _ in range(200)],
    "part numbers": ["".join(RNG.choices("BCDFGHKLMNPQRSTVWXZ0123456789", k=10)) for _ in range(100)],
    "ibans": [f"DE{RNG.randint(10, 99)}{RNG.randint(10**17, 10**18 - 1)}" for _ in range(40)],
    "dates": [f"{d:02}.{m:02}.2024" for d in range(1, 20) for m in range(1, 13)],
    "units and codes": ["pcs", "Stk", "kg", "mtr", "USD", "EUR", "VAT", "EXW", "qty", "hrs", "KGM", "HUR", "FOB"] * 12,
    "addresses of mail and web": [f"sales{n}@example-{n}.com" for n in range(20)] + ["https://example.com/a?b=c"] * 9,
    "dot leaders": ["........", "-----", "____", "====="] * 40,
    "cross references": [f"{a}-{b}/{c}" for a in "ABCDEFGH" for b in "XYZ" for c in range(9)],
}


@pytest.mark.parametrize("kind", CODES)
def test_codes_are_not_taken_for_ciphers(kind: str) -> None:
    assert garbage({"font": CODES[kind]}) == ""


@pytest.mark.parametrize("text", [
    LANGUAGES["English"] + " interest is charged on late payments at the statutory rate",
    LANGUAGES["German"] + " die Ware bleibt bis zur vollständigen Bezahlung unser Eigentum",
    LANGUAGES["Finnish"] + " tavara pysyy omaisuutenamme kunnes koko kauppahinta on maksettu",
])  # fmt: skip
def test_glyph_numbers_shown_as_letters_are_garbage(text: str) -> None:
    assert garbage({"font": shifted(text, -29).split()}) == "wrong letters"


@given(st.permutations("bcdfghjklmnpqrstvwxzaeiouy"))
def test_a_cipher_that_moves_vowels_among_consonants_is_garbage(letters: list[str]) -> None:
    """Any that makes no vowel of the six most frequent letters: most of them, then."""
    alphabet = "etnisrhaodlucmfywgpbvkxqjz"
    consonants = [one for one in letters if one not in "aeiouy"]
    table = str.maketrans(alphabet, "".join(consonants[:20]) + "aeiouy")
    text = " ".join((LANGUAGES["English"], "Goods remain our property until everything has been paid in full"))
    assert garbage({"font": text.lower().translate(table).split()}) == "wrong letters"


@pytest.mark.parametrize(
    ("texts", "reason"),
    [
        (["\ue001\ue002\ue003"] * 20, "unmapped"),
        (["\ufffd\ufffd", "ab"] * 20, "unmapped"),
        (["\x03\x11\x12\x0f"] * 20, "unmapped"),
        (["(cid:36)(cid:68)(cid:12)"] * 20, "glyph numbers"),
        ([word.encode().decode("cp1252") for word in ("Größe", "für", "Müller", "café")] * 4, "wrong encoding"),
        (["€50".encode().decode("cp1252"), "Ã©tÃ©", "naÃ¯ve", "Total"] * 4, "wrong encoding"),
        (["a" * length for length in range(4, 20)], "wrong letters"),
    ],
)
def test_each_kind_of_garbage_has_its_name(texts: list[str], reason: str) -> None:
    assert garbage({"font": texts}) == reason


def test_one_broken_font_among_many_is_garbage_once_it_holds_much_of_the_page() -> None:
    body, icons = LANGUAGES["English"].split() * 3, ["\ue001", "\ue00b"]
    assert garbage({"body": body, "icons": icons}) == ""
    assert garbage({"body": body, "other": ["\ue001\ue00b\ue00c"] * 60}) == "unmapped"


def test_ocr_contradicts_only_with_words_it_is_sure_of() -> None:
    def words(text: str, confidence: float = 1.0) -> list[Word]:
        return [Word(one, Box(0, 0, 1, 1), confidence=confidence) for one in text.split()]

    claimed = words(LANGUAGES["English"])
    assert agree(words("please TRANSFER the outstanding balanse within thirty days"), claimed)
    assert not agree(words("Vielen Dank für Ihren Auftrag bitte zahlen"), claimed)
    assert agree(words("Vielen Dank für Ihren Auftrag bitte zahlen", 0.7), claimed)
    assert agree(words("12 14 99"), claimed)


def written(offset: int | None) -> bytes:
    """A page of English whose font says that glyph n is the character n + offset; None: as it is."""
    file = pymupdf.open()
    page = file.new_page(width=420, height=300)
    writer = pymupdf.TextWriter(page.rect)
    font = pymupdf.Font("notos")
    words = LANGUAGES["English"].split()
    for row in range(5):
        writer.append((40, 60 + 24 * row), " ".join(words[3 * row : 3 * row + 3]), font=font, fontsize=14)
    writer.write_text(page)
    file.subset_fonts()
    file = pymupdf.open(stream=file.tobytes())
    for xref in range(1, 1 if offset is None else file.xref_length()):
        kind, value = file.xref_get_key(xref, "ToUnicode")
        if kind == "xref":
            assert offset is not None
            ranges = "".join(f"<{high:02x}00> <{high:02x}ff> <{(high << 8) + offset:04x}>\n" for high in range(8))
            cmap = (
                "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
                "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
                f"8 beginbfrange\n{ranges}endbfrange\nendcmap end end"
            )
            file.update_stream(int(value.split()[0]), cmap.encode())
    data: bytes = file.tobytes()
    return data


@pytest.fixture(scope="module")
def reader() -> Iterator[Renderer]:
    with Renderer(Settings(render=Render(ocr_threads=2))) as renderer:
        yield renderer


async def rendered(renderer: Renderer, content: Content, need: str) -> Page:
    async with await renderer.open(content) as document:
        return await document.page(1, frozenset({need}))


EXPECTED = LANGUAGES["English"].split()[:15]


async def test_an_honest_layer_is_taken_and_nobody_reads_the_page(reader: Renderer, content: MakeContent) -> None:
    page = await rendered(reader, content(written(None)), "words")
    assert (page.text_source, [word.text for word in page.words], page.notes) == ("layer", EXPECTED, ())


@pytest.mark.parametrize("offset", [0xE000, 0x21])
async def test_garbage_is_replaced_by_what_the_page_shows(reader: Renderer, content: MakeContent, offset: int) -> None:
    page = await rendered(reader, content(written(offset)), "words")
    assert page.text_source == "ocr"
    assert [word.text for word in page.words] == EXPECTED
    assert any("garbage" in note for note in page.notes)


async def test_where_nobody_asked_for_ocr_garbage_is_no_words(reader: Renderer, content: MakeContent) -> None:
    page = await rendered(reader, content(written(0xE000)), "layer")
    assert (page.text_source, page.words, page.skipped) == ("none", (), "")
    assert page.notes == ("text layer is garbage: unmapped",)


async def test_a_strange_layer_that_the_page_bears_out_is_kept(reader: Renderer, content: MakeContent) -> None:
    """Words without vowels, but they are what is printed."""
    file = pymupdf.open()
    page = file.new_page(width=420, height=300)
    strange = [one + two + three + "lk" for one in "BCDFG" for two in "rlwn" for three in "strk"][:60]
    for row in range(12):
        page.insert_text((30, 40 + 20 * row), "  ".join(strange[5 * row : 5 * row + 5]), fontsize=14)
    got = await rendered(reader, content(file.tobytes()), "words")
    assert got.text_source == "layer"
    assert got.notes == ("text layer looks like garbage: wrong letters", "text layer confirmed")
    assert [word.text for word in got.words] == strange


async def test_a_strange_layer_that_nobody_compares_is_kept_with_a_note(reader: Renderer, content: MakeContent) -> None:
    """It may be names and codes: unread by OCR, a suspicion is no reason to lose the page's words."""
    page = await rendered(reader, content(written(0x21)), "layer")
    assert page.text_source == "layer"
    assert page.words
    assert page.notes == ("text layer looks like garbage: wrong letters",)
