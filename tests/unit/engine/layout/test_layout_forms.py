"""Forms: every key with its entry, every box with its state, whatever the schema calls them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from docpipe.engine.layout.engine import LayoutEngine
from docpipe.page.box import Box
from docpipe.records import Page, Widget
from docpipe.schema.load import load_schema, parse_schema
from tests.unit.engine.layout.conftest import HEIGHT, WIDTH, page_of, reply_of

TEXT = {"type": ["string", "null"]}
FORM = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "pairs": {
            "type": "array",
            "items": {"type": "object", "additionalProperties": False, "properties": {"asked": TEXT, "told": TEXT}},
        },
        "marks": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"text": TEXT, "on": {"type": ["boolean", "null"]}, "question": TEXT},
            },
        },
    },
}
Rule = tuple[float, float, float, float]


def frame(x0: float, y0: float, x1: float, y1: float) -> list[Rule]:
    return [(x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1)]


def pairs(answer: dict[str, Any]) -> dict[str, Any]:
    return {row["asked"]: row["told"] for row in answer["pairs"]}


def drawn(page: Page, *boxes: Rule, ink: int = 0) -> Page:
    """The page with pixels: two to a point, each box an outline, filled with a cross of strokes if `ink`."""
    pixels = np.full((int(2 * HEIGHT), int(2 * WIDTH), 3), 255, np.uint8)
    for number, box in enumerate(boxes):
        x0, y0, x1, y1 = (round(2 * edge) for edge in box)
        for line in (np.s_[y0 : y0 + 2, x0:x1], np.s_[y1 - 2 : y1, x0:x1], np.s_[y0:y1, x0 : x0 + 2]):
            pixels[line] = 0
        pixels[y0:y1, x1 - 2 : x1] = 0
        if number < ink:
            for step in range(min(x1 - x0, y1 - y0)):
                pixels[y0 + step, x0 + step : x0 + step + 2] = 0
                pixels[y0 + step, x1 - step - 2 : x1 - step] = 0
    return replace(page, pixels=pixels, height_px=pixels.shape[0], width_px=pixels.shape[1])


def test_the_key_of_a_cell_stands_in_it_above_its_entry(ask: Callable[..., dict[str, Any]]) -> None:
    rules = frame(50, 100, 250, 130) + frame(250, 100, 450, 130)
    page = page_of([(53, 102, "Surname"), (55, 117, "Quintana"), (253, 102, "Town")], rules=rules)
    assert pairs(ask(FORM, page)) == {"Surname": "Quintana", "Town": None}


def test_a_key_above_or_left_of_a_box_has_what_is_in_the_box(ask: Callable[..., dict[str, Any]]) -> None:
    rules = frame(50, 115, 250, 130) + frame(120, 200, 300, 216)
    page = page_of([(50, 103, "First name"), (55, 117, "Maria Luz"), (50, 202, "Street:"), (125, 202, "Hill 4")],
                   rules=rules)  # fmt: skip
    assert pairs(ask(FORM, page)) == {"First name": "Maria Luz", "Street": "Hill 4"}


def test_an_underlined_blank_is_read_with_the_key_left_of_it(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 100, "Employer"), (130, 100, "Mill & Sons"), (50, 130, "Trade")]
    rules = [(125, 112, 400, 112), (125, 142, 400, 142)]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Employer": "Mill & Sons", "Trade": None}


def test_keys_under_their_lines_are_not_taken_for_the_next_entry(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 100, "Nadja"), (50, 114, "Given name"), (50, 150, "Bern"), (50, 164, "Born in")]
    rules = [(50, 112, 300, 112), (50, 162, 300, 162)]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Given name": "Nadja", "Born in": "Bern"}


def test_a_comb_is_one_value_without_gaps(ask: Callable[..., dict[str, Any]]) -> None:
    rules = [rule for at in range(6) for rule in frame(50 + 12 * at, 115, 62 + 12 * at, 129)]
    prints = [(50, 102, "Number"), *((54 + 12 * at, 117, digit) for at, digit in enumerate("4711"))]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Number": "4711"}


def test_a_word_beside_a_cell_does_not_part_the_line_in_it(ask: Callable[..., dict[str, Any]]) -> None:
    digits = [(130 + 12 * at, 101.0 if at % 2 else 102.1, digit) for at, digit in enumerate("4711")]
    page = page_of([(50, 97, "Number"), *digits], rules=frame(120, 95, 300, 113))
    assert pairs(ask(FORM, page)) == {"Number": "4711"}


def test_two_keys_alike_are_told_apart_by_the_heading_of_their_block(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 100, "APPLICANT"), (50, 122, "Name"), (125, 122, "Ann"), (50, 150, "PARTNER"), (50, 172, "Name"),
              (125, 172, "Ben")]  # fmt: skip
    page = page_of(prints, rules=[(120, 134, 400, 134), (120, 184, 400, 184)])
    bold = tuple(replace(word, bold=word.text.isupper()) for word in page.words)
    assert pairs(ask(FORM, replace(page, words=bold))) == {"APPLICANT / Name": "Ann", "PARTNER / Name": "Ben"}


def test_keys_alike_on_two_pages_are_told_apart_by_the_headings_of_both(ask: Callable[..., dict[str, Any]]) -> None:
    def half(number: int, head: str, name: str) -> Page:
        page = page_of([(50, 100, head), (50, 122, "Name"), (125, 122, name)], number, rules=[(120, 134, 400, 134)])
        return replace(page, words=tuple(replace(word, bold=word.text.isupper()) for word in page.words))

    found = ask(FORM, half(1, "APPLICANT", "Ann"), half(2, "PARTNER", "Ben"))
    assert pairs(found) == {"APPLICANT / Name": "Ann", "PARTNER / Name": "Ben"}


def test_large_handwriting_is_no_heading_of_the_keys_below_it(ask: Callable[..., dict[str, Any]]) -> None:
    prints = [(50, 140, "Born"), (125, 140, "1980"), (50, 180, "Born"), (125, 180, "1990")]
    page = page_of(prints, rules=[(120, 112, 400, 112), (120, 152, 400, 152), (120, 192, 400, 192)])
    hand = page_of([(125, 96, "Weber")], size=16.0).words
    assert "Weber / Born" not in pairs(ask(FORM, replace(page, words=(*page.words, *hand))))


def test_a_key_may_stand_far_left_of_its_line(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(50, 100, "Name"), (262, 100, "Ines")], rules=[(260, 112, 540, 112)])
    assert pairs(ask(FORM, page)) == {"Name": "Ines"}


def test_words_high_in_a_box_are_its_entry_where_the_form_prints_keys_beside_boxes(
    ask: Callable[..., dict[str, Any]],
) -> None:
    rules = [rule for at in range(3) for rule in frame(150, 100 + 40 * at, 400, 124 + 40 * at)]
    prints = [(50, 105, "Town"), (153, 101, "Ulm"), (50, 145, "Street"), (50, 185, "State")]
    assert pairs(ask(FORM, page_of(prints, rules=rules))) == {"Town": "Ulm", "Street": None, "State": None}


def test_tall_letters_on_a_line_are_its_entry_though_its_key_stands_below(
    ask: Callable[..., dict[str, Any]],
) -> None:
    rules = [(50, 112, 300, 112), (50, 162, 300, 162), (310, 162, 500, 162)]
    page = page_of([(50, 114, "Given name"), (50, 164, "Born in"), (310, 164, "Born on")], rules=rules)
    hand = page_of([(50, 93, "Nadja"), (50, 143, "Bern"), (310, 143, "1.2.1980")], size=18.0).words
    found = pairs(ask(FORM, replace(page, words=(*page.words, *hand))))
    assert found == {"Given name": "Nadja", "Born in": "Bern", "Born on": "1.2.1980"}


def test_the_cells_of_a_comb_may_be_taller_than_boxes_to_checkbox(ask: Callable[..., dict[str, Any]]) -> None:
    rules = [rule for at in range(6) for rule in frame(50 + 12 * at, 115, 62 + 12 * at, 137)]
    assert pairs(ask(FORM, page_of([(50, 102, "Number")], rules=rules))) == {"Number": None}


def test_a_letter_x_in_a_column_of_boxes_is_a_ticked_one(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(50, 200, "X"), (65, 200, "new"), (65, 216, "again")], rules=frame(48, 216, 58, 226))
    assert marks(ask(FORM, page)) == [("new", True), ("again", False)]


def test_a_letter_x_has_its_text_left_of_it_where_the_other_boxes_do(ask: Callable[..., dict[str, Any]]) -> None:
    rules = [rule for at in (1, 2) for rule in frame(90 + 80 * at, 200, 100 + 80 * at, 210)]
    page = page_of([(60, 200, "one"), (90, 200, "X"), (150, 200, "two"), (230, 200, "six")], rules=rules)
    assert marks(ask(FORM, page)) == [("one", True), ("two", False), ("six", False)]


def test_a_field_of_the_pdf_gives_its_value_and_a_button_its_state(ask: Callable[..., dict[str, Any]]) -> None:
    def at(x0: float, y0: float, x1: float, y1: float) -> Box:
        return Box(x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT)

    page = page_of([(50, 100, "Rents"), (60, 122, "16,500"), (75, 200, "Resale"), (175, 200, "Own use")])
    widgets = (
        Widget(at(50, 118, 150, 134), "text", "f1", "16,500"),
        Widget(at(60, 200, 70, 210), "checkbox", "c1", "Yes", True),
        Widget(at(160, 200, 170, 210), "checkbox", "c2", "Yes", False),
    )
    found = ask(FORM, replace(page, geometry=replace(page.geometry, widgets=widgets)))
    assert pairs(found) == {"Rents": "16,500"}
    assert [(row["text"], row["on"]) for row in found["marks"]] == [("Resale", True), ("Own use", False)]


def test_a_drawn_box_is_ticked_by_its_ink_and_by_nothing_else(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(50, 200, "Reply by"), (125, 200, "post"), (225, 200, "phone")])
    found = ask(FORM, drawn(page, (110, 200, 120, 210), (210, 200, 220, 210), ink=1))
    assert [(row["text"], row["on"], row["question"]) for row in found["marks"]] == [
        ("post", True, "Reply by"),
        ("phone", False, "Reply by"),
    ]


def test_a_letter_that_is_a_box_says_its_state_itself(ask: Callable[..., dict[str, Any]]) -> None:
    found = ask(FORM, page_of([(50, 200, "☒ single"), (150, 200, "☐ married")]))
    assert [(row["text"], row["on"]) for row in found["marks"]] == [("single", True), ("married", False)]


def marks(answer: dict[str, Any]) -> list[tuple[str, bool | None]]:
    return [(row["text"], row["on"]) for row in answer["marks"]]


def test_the_text_of_a_drawn_box_may_stand_above_it_in_several_lines(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(200, 200, "Foreign filing"), (205, 211, "requirement")], rules=frame(225, 224, 235, 234))
    assert marks(ask(FORM, page)) == [("Foreign filing requirement", False)]


def test_the_text_of_a_box_goes_on_in_the_lines_around_it(ask: Callable[..., dict[str, Any]]) -> None:
    above = page_of([(50, 200, "Sold goods to"), (50, 211, "buyers for resale")], rules=frame(150, 211, 160, 221))
    assert marks(ask(FORM, above)) == [("Sold goods to buyers for resale", False)]
    below = page_of([(70, 200, "Sole trader or"), (70, 211, "partner in one")], rules=frame(55, 200, 65, 210))
    assert marks(ask(FORM, below)) == [("Sole trader or partner in one", False)]


def test_the_text_of_the_next_box_is_not_taken_for_a_wrapped_line(ask: Callable[..., dict[str, Any]]) -> None:
    rules = [*frame(55, 200, 65, 210), *frame(55, 212, 65, 222)]
    page = page_of([(70, 200, "by post"), (70, 212, "by phone")], rules=rules)
    assert marks(ask(FORM, page)) == [("by post", False), ("by phone", False)]


def test_a_cross_beside_boxes_is_a_box_that_is_ticked(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(110, 200, "X"), (125, 200, "post"), (225, 200, "phone")])
    assert marks(ask(FORM, drawn(page, (210, 200, 220, 210)))) == [("post", True), ("phone", False)]


def test_letters_of_a_comb_are_no_text_of_a_box(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(125, 200, "2 0 2 4")], rules=frame(105, 200, 115, 210))
    assert marks(ask(FORM, page)) == []


def test_a_box_seen_on_a_scan_is_less_sure_than_one_that_is_drawn() -> None:
    page = page_of([(125, 200, "post"), (225, 200, "phone")])
    layer = drawn(page, (110, 200, 120, 210), (210, 200, 220, 210))
    drawn_spans, scanned = (reply_of(FORM, [one]).spans for one in (layer, replace(layer, text_source="ocr")))
    assert min(one.score for one in drawn_spans) >= 0.9 > max(one.score for one in scanned)


def test_a_key_that_heads_a_cell_is_not_taken_by_the_rule_above_it(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(53, 114, "17 Income"), (60, 128, "1,000")], rules=[(50, 112, 250, 112)])
    widget = Widget(Box(50 / WIDTH, 126 / HEIGHT, 250 / WIDTH, 140 / HEIGHT), "text", "f1", "1,000")
    found = ask(FORM, replace(page, geometry=replace(page.geometry, widgets=(widget,))))
    assert pairs(found)["17 Income"] == "1,000"


def test_a_key_ends_at_the_wall_of_its_cell(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(53, 100, "for resale"), (53, 112, "9 Crops"), (60, 126, "1,100")], rules=[(50, 111, 250, 111)])
    widget = Widget(Box(50 / WIDTH, 124 / HEIGHT, 250 / WIDTH, 138 / HEIGHT), "text", "f1", "1,100")
    found = ask(FORM, replace(page, geometry=replace(page.geometry, widgets=(widget,))))
    assert pairs(found)["9 Crops"] == "1,100"


def test_a_form_that_only_pixels_show_is_read_but_never_surely(ask: Callable[..., dict[str, Any]]) -> None:
    page = page_of([(53, 102, "Surname"), (55, 117, "Quintana")])
    page = drawn(page, (50, 100, 250, 130))
    assert pairs(ask(FORM, page)) == {"Surname": "Quintana"}
    assert all(span.score < 0.9 for span in reply_of(FORM, [page]).spans)


def test_what_the_recogniser_doubts_the_engine_doubts_too() -> None:
    page = page_of([(53, 102, "Surname"), (55, 117, "Quintana")], rules=frame(50, 100, 250, 130))
    doubted = replace(page, words=tuple(replace(word, confidence=0.6) for word in page.words))
    sure, unsure = (reply_of(FORM, [one]).spans for one in (page, doubted))
    assert [round(a.score * 0.6, 3) for a in sure] == [round(b.score, 3) for b in unsure]


def test_the_needs_of_two_schemas_are_not_mixed_up() -> None:
    engine, form, invoice = LayoutEngine(), load_schema("form"), load_schema("invoice")
    assert [("pixels" in engine.needs_of(one)) for one in (form, invoice, form, invoice)] == [True, False, True, False]


@pytest.mark.parametrize(("name", "wanted"), [("form", True), ("invoice", False), ("receipt", False)])
def test_pixels_are_asked_for_only_where_ink_is_the_answer(name: str, wanted: bool) -> None:
    assert ("pixels" in LayoutEngine().needs_of(load_schema(name))) is wanted
    assert "pixels" in LayoutEngine().needs_of(parse_schema(FORM, "form"))


def sureness(page: Page) -> dict[str, float]:
    """key -> the probability of it."""
    return {span.text: span.score for span in reply_of(FORM, [page]).spans if span.path.endswith(".asked")}


def test_a_key_on_another_side_than_those_of_the_form_is_less_sure() -> None:
    rules = [rule for at in range(4) for rule in frame(50, 100 + 40 * at, 300, 130 + 40 * at)]
    inside = [(53, 102 + 40 * at, text) for at, text in enumerate(("Surname", "Town", "State", "Country"))]
    page = page_of([*inside, (50, 300, "Aside"), (125, 300, "x")], rules=[*rules, (120, 312, 300, 312)])
    found = sureness(page)
    assert found["Surname"] == found["Town"] > found["Aside"]


@pytest.mark.parametrize("key", ["Read the notes first.", "Number 4711", "Account (if any)"])
def test_a_key_that_looks_like_something_else_is_less_sure(key: str) -> None:
    rules = [(210, 112, 400, 112), (210, 142, 400, 142), (210, 172, 400, 172)]
    prints = [(50, 100, "Name"), (50, 130, "Town"), (50, 160, key)]
    found = sureness(page_of(prints, rules=rules))
    assert found["Name"] >= 0.9 > found[key]


def test_two_keys_taken_for_one_are_unsure() -> None:
    page = page_of([(50, 100, "Given: name"), (205, 100, "x"), (50, 130, "Town")],
                   rules=[(200, 112, 400, 112), (200, 142, 400, 142)])  # fmt: skip
    assert sureness(page)["Given: name"] < 0.75


def test_a_box_that_a_scan_shows_as_a_letter_ends_the_text_before_it() -> None:
    prints = [(50, 200, "Insured?"), (110, 200, "□"), (120, 200, "yes"), (138, 200, "□no")]
    rows = json.loads(reply_of(FORM, [page_of(prints)]).text)["marks"]
    assert [(row["text"], row["question"]) for row in rows] == [("yes", "Insured?"), ("no", "Insured?")]


def test_a_box_that_is_the_only_one_of_its_question_is_less_sure() -> None:
    page = page_of([(50, 200, "Sex"), (115, 200, "m"), (165, 200, "f"), (50, 300, "Kind"), (115, 300, "new")])
    boxes = [frame(100, 200, 110, 210), frame(150, 200, 160, 210), frame(100, 300, 110, 310)]
    page = replace(page, geometry=page_of([], rules=[rule for box in boxes for rule in box]).geometry)
    found = {span.text: span.score for span in reply_of(FORM, [page]).spans if span.path.endswith(".text")}
    assert found["m"] == found["f"] >= 0.9 > found["new"]


def test_the_state_of_a_lone_box_is_sure_only_where_the_file_says_that_it_is_one() -> None:
    page = page_of([(50, 200, "Own use")])
    place = Box(35 / WIDTH, 200 / HEIGHT, 45 / WIDTH, 210 / HEIGHT)
    field = replace(page, geometry=replace(page.geometry, widgets=(Widget(place, "checkbox", "c", "Yes", True),)))
    square = replace(page, geometry=page_of([], rules=frame(35, 200, 45, 210)).geometry)
    found = [
        next(span.score for span in reply_of(FORM, [one]).spans if span.path.endswith(".on")) for one in (field, square)
    ]
    assert found[0] >= 0.9 > found[1]
