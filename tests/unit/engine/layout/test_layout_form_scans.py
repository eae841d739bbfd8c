"""Forms as scans show them, at a hundred dots to the inch, and forms whose lines are broken, long, typed or missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from docpipe.engine.layout.forms.squares import squares
from docpipe.engine.layout.forms.strokes import with_drawn_rules
from docpipe.page.lines import read_page
from docpipe.records import Page
from tests.unit.engine.layout.conftest import HEIGHT, WIDTH, Print, page_of
from tests.unit.engine.layout.test_layout_forms import FORM, Rule, frame, pairs

Ask = Callable[..., dict[str, Any]]
DPI = 100 / 72  # pixels to a point


def scan(prints: Sequence[Print], rules: Sequence[Rule] = (), ticks: Sequence[Rule] = (), shade: int = 0) -> Page:
    """A page of which only words and pixels are known; `ticks` are strokes of a pen.

    `shade`: how dark the lower half of the paper is.
    """
    page = page_of(prints)
    image = Image.new("L", (round(WIDTH * DPI), round(HEIGHT * DPI)), 250)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, image.height // 2, image.width, image.height), fill=250 - shade)
    for word in page.words:
        box = word.box.scaled(WIDTH * DPI, HEIGHT * DPI)
        text = word.text.lstrip("□口\ufffd")  # what stands for a box is drawn as one, if at all
        type_ = ImageFont.load_default(box.height)
        drawn = Image.new("L", (max(1, round(type_.getlength(text))), round(1.3 * box.height)), 0)
        ImageDraw.Draw(drawn).text((0, 0), text, fill=255, font=type_)
        left = box.right - box.width * len(text) / len(word.text)
        drawn = drawn.resize((max(1, round(box.right - left)), drawn.height))
        image.paste(20, (round(left), round(box.top) - 1), drawn)
    for x0, y0, x1, y1 in rules:
        draw.line([x * DPI for x in (x0, y0, x1, y1)], fill=90, width=1)
    for x0, y0, x1, y1 in ticks:
        draw.line([x * DPI for x in (x0, y0, x1, y1)], fill=30, width=3)
    pixels = np.repeat(np.asarray(image)[:, :, None], 3, axis=2)
    size = {"height_px": pixels.shape[0], "width_px": pixels.shape[1]}
    return replace(page, pixels=pixels, text_source="ocr", **size)


def marks(answer: dict[str, Any]) -> dict[str, bool]:
    return {row["text"]: row["on"] for row in answer["marks"]}


def test_letters_make_no_lines() -> None:
    prose = "identification millennium illustration reestablishment withholding classification"
    page = scan([(50, 100 + 12 * at, prose) for at in range(8)])
    assert with_drawn_rules(page, read_page(page, 0)).geometry.rules == ()


def test_a_line_that_words_stand_on_is_found_whole_though_letters_touch_it() -> None:
    page = scan([(50, 100, "Trade"), (100, 100, "quay rigging jigs")], rules=[(98, 110, 400, 110)])
    (rule,) = with_drawn_rules(page, read_page(page, 0)).geometry.rules
    assert abs(rule.left * WIDTH - 98) < 2
    assert abs(rule.right * WIDTH - 400) < 2


def test_the_edge_of_a_shadow_is_no_line_and_lines_in_it_are_found(ask: Ask) -> None:
    prints = [(53, 500, "Surname"), (53, 515, "Quintana")]
    page = scan(prints, rules=frame(50, 498, 250, 530), shade=110)
    assert pairs(ask(FORM, page)) == {"Surname": "Quintana"}
    dark = scan([(53, 500, "Surname")], shade=110)
    assert len(with_drawn_rules(dark, read_page(dark, 0)).geometry.rules) <= 1


def test_cells_between_long_lines_are_cut_where_walls_stand(ask: Ask) -> None:
    rules = [(50, 100, 450, 100), (50, 130, 450, 130), (50, 100, 50, 130), (200, 100, 200, 130)]  # open at the right
    prints = [(53, 101, "1. Name"), (55, 116, "Ilse Noack"), (203, 101, "2. Town"), (205, 116, "Gera")]
    for page in (page_of(prints, rules=rules), scan(prints, rules=rules)):
        assert pairs(ask(FORM, page)) == {"1. Name": "Ilse Noack", "2. Town": "Gera"}


def test_a_broken_line_is_one(ask: Ask) -> None:
    rules = [*frame(50, 100, 150, 130)[2:], (50, 100, 94, 100), (97, 100, 150, 100), (50, 130, 90, 130),
             (92, 130, 150, 130)]  # fmt: skip
    page = scan([(53, 101, "Ort"), (55, 116, "Jena")], rules=rules)
    assert pairs(ask(FORM, page)) == {"Ort": "Jena"}


def test_a_key_in_a_cell_may_go_on_in_the_next_line(ask: Ask) -> None:
    prints = [(53, 101, "Montants versés pour"), (53, 112, "frais de formation"), (55, 130, "1 250,00")]
    page = page_of(prints, rules=frame(50, 98, 250, 145))
    assert pairs(ask(FORM, page)) == {"Montants versés pour frais de formation": "1 250,00"}


def test_a_frame_that_holds_lines_to_write_on_is_no_place_for_an_entry(ask: Ask) -> None:
    prints = [(55, 105, "Payee code"), (125, 105, "8"), (55, 135, "Branch"), (125, 135, "Bern")]
    rules = [*frame(50, 98, 300, 160), (120, 117, 250, 117), (120, 147, 250, 147)]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Payee code": "8", "Branch": "Bern"}


def test_the_heading_of_a_block_in_a_cell_is_no_key(ask: Ask) -> None:
    prints = [(53, 101, "Recapiti"), (53, 113, "Telefono:"), (55, 130, "024 472 1322")]
    assert pairs(ask(FORM, page_of(prints, rules=frame(50, 98, 250, 145)))) == {"Telefono": "024 472 1322"}


def test_a_bar_is_no_line_to_write_on(ask: Ask) -> None:
    page = scan([(60, 130, "Name:"), (120, 130, "Ada Wick")])
    pixels = page.pixels.copy() if page.pixels is not None else np.empty(0)
    pixels[round(105 * DPI) : round(118 * DPI), round(50 * DPI) : round(400 * DPI)] = 60
    assert pairs(ask(FORM, replace(page, pixels=pixels))) == {"Name": "Ada Wick"}


def test_several_keys_under_one_line_have_an_entry_each(ask: Ask) -> None:
    prints = [(50, 100, "Pforta"), (220, 100, "TH"), (320, 100, "07743"), (50, 114, "City"), (220, 114, "State"),
              (320, 114, "Code"), (50, 150, "Tel 5511"), (50, 164, "Phone"), (220, 164, "Fax")]  # fmt: skip
    rules = [(50, 112, 450, 112), (50, 162, 450, 162)]
    expected = {"City": "Pforta", "State": "TH", "Code": "07743", "Phone": "Tel 5511", "Fax": None}
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == expected


def test_rows_of_a_table_with_level_lines_are_no_keys_under_lines(ask: Ask) -> None:
    rows = [("Bolt", "12", "4.00"), ("Nut", "40", "1.00"), ("Gear", "2", "90.00")]
    prints = [
        (x, 100 + 20 * at, text) for at, row in enumerate(rows) for x, text in zip((50, 200, 300), row, strict=True)
    ]
    rules = [(50, 95 + 20 * at, 400, 95 + 20 * at) for at in range(4)]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {}


def test_typed_blanks_part_the_keys_of_a_line(ask: Ask) -> None:
    prints = [(50, 100, "Signed: ______ Initials: ______ Date: ______"), (50, 130, "Member: ___Lund___")]
    expected = {"Signed": None, "Initials": None, "Date": None, "Member": "Lund"}
    assert pairs(ask(FORM, page_of(prints))) == expected


def test_groups_of_small_cells_are_one_comb(ask: Ask) -> None:
    starts = [120, 132, 152, 164, 184, 196, 208, 220]
    rules = [rule for x in starts for rule in frame(x, 98, x + 12, 112)]
    prints = [(50, 100, "Date"), *((x + 3, 100, digit) for x, digit in zip(starts, "14031987", strict=True))]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Date": "14031987"}


def test_a_fax_has_keys_with_colons_two_on_a_line(ask: Ask) -> None:
    prints = [(50, 100, "TO:"), (90, 100, "Ida Brandt"), (260, 100, "FROM:"), (310, 100, "Pär Lind"),
              (50, 120, "DATE: 12/10/98 PAGES: 3"), (50, 140, "FIRM:"), (90, 140, "Lind & Co"), (90, 151, "Kaj 4"),
              (50, 171, "REMARKS:"), (50, 183, "Call back"), (50, 194, "before noon")]  # fmt: skip
    assert pairs(ask(FORM, page_of(prints))) == {
        "TO": "Ida Brandt", "FROM": "Pär Lind", "DATE": "12/10/98", "PAGES": "3", "FIRM": "Lind & Co\nKaj 4",
        "REMARKS": "Call back\nbefore noon",
    }  # fmt: skip


@pytest.mark.parametrize("text", ["Note: did you ever work for this firm before?", "Hint: " + "word " * 11])
def test_a_sentence_behind_a_colon_is_no_entry(ask: Ask, text: str) -> None:
    assert pairs(ask(FORM, page_of([(50, 100, text)]))) == {}


def test_aligned_texts_are_keys_and_entries_without_colons_or_lines(ask: Ask) -> None:
    rows = [("Vorname", "Jens"), ("Nachname", "Uhl"), ("Wohnort", "Halle"), ("Tarif", "B2")]
    prints = [(x, 100 + 16 * at, text) for at, row in enumerate(rows) for x, text in zip((50, 200), row, strict=True)]
    assert pairs(ask(FORM, page_of(prints))) == dict(rows)
    assert pairs(ask(FORM, page_of(prints[:4]))) == {}  # two lines are no list


def test_small_squares_are_ticked_by_marks_that_leave_them(ask: Ask) -> None:
    boxes = [frame(60, 100, 67, 107), frame(60, 120, 67, 127), frame(60, 140, 67, 147)]
    prints = [(72, 98, "rented"), (72, 118, "owned"), (72, 138, "shared")]
    page = scan(prints, rules=[side for box in boxes for side in box], ticks=[(61, 123, 63, 126), (63, 126, 71, 115)])
    assert marks(ask(FORM, page)) == {"rented": False, "owned": True, "shared": False}


def test_round_letters_and_cells_of_a_table_are_no_squares() -> None:
    level = [(50, 200 + 9 * at, 200, 200 + 9 * at) for at in range(4)]
    rules = [*level, *((50 + 9 * at, 200, 50 + 9 * at, 227) for at in range(17))]
    page = scan([(50, 100, "Book of Dodo Oboe DO 80 B8")], rules=rules)
    assert squares(page, read_page(page, 0)) == []


def test_a_box_that_the_recogniser_read_with_its_text_is_a_box(ask: Ask) -> None:
    boxes = [*frame(57, 100, 65, 108), *frame(157, 100, 165, 108)]
    page = scan([(60, 99, "□Yes"), (160, 99, "口No")], rules=boxes, ticks=[(58, 101, 64, 107), (64, 101, 58, 107)])
    assert marks(ask(FORM, page)) == {"Yes": True, "No": False}


def test_boxes_in_columns_have_the_heads_of_their_columns(ask: Ask) -> None:
    rows = [120, 140, 160]
    prints = [(250, 100, "Sí"), (300, 100, "No"), *((50, y, f"¿Pregunta {at}?") for at, y in enumerate(rows, 1))]
    boxes = [side for y in rows for x in (251, 301) for side in frame(x, y, x + 8, y + 8)]
    page = scan(prints, rules=boxes, ticks=[(302, 122, 308, 127), (252, 142, 258, 147), (252, 162, 258, 167)])
    found = [(row["question"], row["text"], row["on"]) for row in ask(FORM, page)["marks"]]
    assert found == [
        ("¿Pregunta 1?", "Sí", False), ("¿Pregunta 1?", "No", True), ("¿Pregunta 2?", "Sí", True),
        ("¿Pregunta 2?", "No", False), ("¿Pregunta 3?", "Sí", True), ("¿Pregunta 3?", "No", False),
    ]  # fmt: skip


def test_typed_brackets_are_boxes(ask: Ask) -> None:
    page = page_of([(50, 100, "[x] by post [ ] by mail"), (50, 120, "(X) adult ( ) child")])
    assert marks(ask(FORM, page)) == {"by post": True, "by mail": False, "adult": True, "child": False}


def test_a_sign_that_the_type_has_no_letter_for_is_a_box_if_the_page_shows_one(ask: Ask) -> None:
    prints = [(60, 99, "\ufffdHome"), (160, 99, "\ufffdCell"), (50, 130, "Name:"), (100, 130, "\ufffd")]
    page = scan(prints, ticks=[(161, 101, 166, 106), (166, 101, 161, 106)])
    pixels = page.pixels.copy() if page.pixels is not None else np.empty(0)
    for x in (60, 160):
        x0, y0, x1, y1 = (round(DPI * edge) for edge in (x, 100, x + 6, 107))
        pixels[y0 - 2 : y1 + 3, x0 - 2 : x1] = 255
        for line in (np.s_[y0, x0:x1], np.s_[y1, x0:x1], np.s_[y0:y1, x0], np.s_[y0 : y1 + 1, x1 - 1]):
            pixels[line] = 0
    found = ask(FORM, replace(page, pixels=pixels, text_source="layer"))
    assert set(marks(found)) == {"Home", "Cell"}
    assert pairs(found) == {}


# Documents below were written when the code was done.


def test_a_registration_form_has_pairs_in_two_columns(ask: Ask) -> None:
    prints = [(50, 100, "Apellidos:"), (120, 100, "Rey Sanz"), (320, 100, "Nombre:"), (400, 100, "Alba"),
              (50, 125, "Calle:"), (120, 125, "Mayor 3"), (320, 125, "Ciudad:"), (400, 125, "Soria")]  # fmt: skip
    rules = [(115, 112, 290, 112), (395, 112, 540, 112), (115, 137, 290, 137), (395, 137, 540, 137)]
    expected = {"Apellidos": "Rey Sanz", "Nombre": "Alba", "Calle": "Mayor 3", "Ciudad": "Soria"}
    assert pairs(ask(FORM, scan(prints, rules=rules))) == expected


def test_a_grid_whose_side_walls_are_gone_is_read_by_its_numbered_keys(ask: Ask) -> None:
    rules = [*((50, y, 450, y) for y in (100, 130, 160)), (250, 100, 250, 160)]
    prints = [(53, 102, "4. Imię"), (55, 116, "Jan"), (253, 102, "5. Nazwisko"), (255, 116, "Lis"),
              (53, 132, "6. Miasto"), (55, 146, "Toruń"), (253, 132, "7. Kraj")]  # fmt: skip
    expected = {"4. Imię": "Jan", "5. Nazwisko": "Lis", "6. Miasto": "Toruń", "7. Kraj": None}
    assert pairs(ask(FORM, scan(prints, rules=rules))) == expected


def test_a_cell_over_two_rows_stands_beside_cells_of_one(ask: Ask) -> None:
    rules = [(50, 100, 450, 100), (50, 130, 250, 130), (50, 160, 450, 160), (50, 100, 50, 160), (250, 100, 250, 160),
             (450, 100, 450, 160)]  # fmt: skip
    prints = [(53, 102, "Datum"), (55, 116, "3 maj"), (53, 132, "Ort"), (55, 146, "Lund"), (253, 102, "Mottagare"),
              (255, 116, "Bo Ek, Storgatan 8")]  # fmt: skip
    assert pairs(ask(FORM, scan(prints, rules=rules))) == {
        "Datum": "3 maj", "Ort": "Lund", "Mottagare": "Bo Ek, Storgatan 8"
    }  # fmt: skip


def test_a_signature_line_has_its_caption_below(ask: Ask) -> None:
    prints = [(50, 300, "12/03/2019"), (50, 314, "Date"), (250, 314, "Signature of the applicant")]
    rules = [(50, 312, 200, 312), (250, 312, 450, 312)]
    found = pairs(ask(FORM, scan(prints, rules=rules)))
    assert found == {"Date": "12/03/2019", "Signature of the applicant": None}


def test_boxes_stand_right_of_their_texts_too(ask: Ask) -> None:
    boxes = [*frame(100, 100, 108, 108), *frame(180, 100, 188, 108), *frame(260, 100, 268, 108)]
    prints = [(70, 99, "ledig"), (143, 99, "verh."), (227, 99, "gesch.")]
    page = scan(prints, rules=boxes, ticks=[(182, 102, 186, 106), (186, 102, 182, 106)])
    assert marks(ask(FORM, page)) == {"ledig": False, "verh": True, "gesch": False}


def test_a_wall_ends_the_text_of_a_box(ask: Ask) -> None:
    rules = [*frame(50, 95, 150, 115), *frame(150, 95, 300, 115), *frame(130, 101, 138, 109)]
    page = scan([(70, 100, "half time"), (156, 100, "other work")], rules=rules)
    assert marks(ask(FORM, page)) == {"half time": False}


def test_a_filled_square_in_its_box_is_ticked(ask: Ask) -> None:
    rules = [*frame(60, 100, 69, 109), *frame(60, 120, 69, 129)]
    page = scan([(74, 99, "new"), (74, 119, "old")], rules=rules, ticks=[(62.5, 104.5, 66.5, 104.5)])
    pixels = page.pixels.copy() if page.pixels is not None else np.empty(0)
    pixels[round(103 * DPI) : round(107 * DPI), round(63 * DPI) : round(67 * DPI)] = 0
    assert marks(ask(FORM, replace(page, pixels=pixels))) == {"new": True, "old": False}


def test_boxes_in_the_shadow_of_a_fold_are_seen(ask: Ask) -> None:
    rules = [*frame(60, 500, 68, 508), *frame(60, 520, 68, 528)]
    page = scan(
        [(74, 499, "oui"), (74, 519, "non")], rules=rules, ticks=[(62, 522, 66, 526), (66, 522, 62, 526)], shade=80
    )
    assert marks(ask(FORM, page)) == {"oui": False, "non": True}


def test_a_dotted_line_is_one_to_write_on(ask: Ask) -> None:
    dots = [(120 + 3 * at, 112, 121 + 3 * at, 112) for at in range(80)]
    page = scan([(50, 100, "Adresse"), (130, 99, "Rue Haute 9")], rules=dots)
    assert pairs(ask(FORM, page)) == {"Adresse": "Rue Haute 9"}


def test_an_invoice_like_list_of_facts_is_read(ask: Ask) -> None:
    rows = [("Zählernummer", "1ESY11"), ("Tarif", "Grün 24"), ("Verbrauch", "2.310 kWh"), ("Abschlag", "84,00")]
    prints = [(60, 40, "Jahresabrechnung")]
    prints += [(x, 200 + 14 * at, text) for at, row in enumerate(rows) for x, text in zip((60, 220), row, strict=True)]
    assert pairs(ask(FORM, scan(prints))) == dict(rows)


def test_one_row_has_keys_under_its_line_though_others_have_them_left(ask: Ask) -> None:
    prints = [(50, 100, "Trade:"), (130, 100, "Baker"), (50, 125, "Guild:"), (130, 125, "North"), (50, 150, "Phone:"),
              (130, 150, "5511"), (50, 175, "Name"), (130, 175, "Raymond"), (260, 175, "Amy"),
              (130, 189, "Last"), (260, 189, "First")]  # fmt: skip
    rules = [(125, y, 450, y) for y in (112, 137, 162, 187)]
    expected = {"Trade": "Baker", "Guild": "North", "Phone": "5511", "Last": "Raymond", "First": "Amy"}
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == expected
