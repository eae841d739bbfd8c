"""What is asked again about a record, where on the page, and what a second answer may change."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from docpipe.page.box import Box
from docpipe.records import Field, Geometry, Page, Region, Violation, Word
from docpipe.resolve.follow_up import FollowUp, follow_ups, sub_schema
from docpipe.resolve.merge import Part
from docpipe.schema.load import parse_schema
from tests.unit.resolve.pages import page

STRING: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"]}
ROW = {"type": "object", "required": ["text"], "properties": {"text": STRING, "amount": NUMBER}}
DOCUMENT: dict[str, Any] = {
    "type": "object",
    "required": ["net", "total"],
    "x-docpipe": {
        "guidance": "Read twice.",
        "checks": [
            {"name": "sum", "left": "net + tax", "op": "==", "right": "total"},
            {"name": "order", "left": "total", "op": ">=", "right": "net"},
        ],
    },
    "properties": {
        "net": {**NUMBER, "x-docpipe": {"labels": {"en": ["Net"]}}},
        "tax": {**NUMBER, "x-docpipe": {"labels": {"en": ["Tax", "VAT", "Sales tax"]}}},
        "total": NUMBER,
        "shop": {"type": "object", "required": ["name"], "properties": {"name": STRING, "city": STRING}},
        "rows": {"type": "array", "items": ROW},
        **{f"f{at}": STRING for at in range(14)},
    },
}
BILL = parse_schema(DOCUMENT, "bill")
PLAIN = page("nothing here"), page("nor here", number=2)


def part(value: dict[str, Any] | None = None, *fields: Field, cut: str | None = None) -> Part:
    return Part(value or {}, (1, 2), fields, cut=cut)


def wrong(rule: str, *paths: str, message: str = "why", severity: Any = "error") -> Violation:
    return Violation(rule, severity, message, paths)


def asked(*violations: Violation, told: Part | None = None, pages: tuple[Page, ...] = PLAIN) -> list[FollowUp]:
    return follow_ups(BILL, told or part(), violations, pages)


def named(questions: list[FollowUp]) -> list[tuple[str, tuple[str, ...], tuple[int, ...]]]:
    return [(one.rung, one.paths, one.pages) for one in questions]


# --- which fields ---


@pytest.mark.parametrize("rule", ["wrong_type", "invalid", "missing", "hidden_text", "ungrounded"])
def test_a_refused_field_is_asked_for_on_all_pages(rule: str) -> None:
    (question,) = asked(wrong(rule, "net", message="net is no number"))
    assert named([question]) == [("fields", ("net",), (1, 2))]
    assert (question.errors, question.box, question.after) == (("net is no number",), None, "")
    assert question.schema == sub_schema(BILL, ["net"])


@pytest.mark.parametrize(
    "violation",
    [
        wrong("wrong_type", "net", severity="warning"),
        wrong("conflict", "net"),
        wrong("wrong_type", "rows"),
        wrong("wrong_type", ""),
        wrong("wrong_type"),
        wrong("incomplete_rows"),
    ],
)
def test_nothing_is_asked_that_asking_cannot_mend(violation: Violation) -> None:
    assert asked(violation) == []


def test_each_field_is_asked_for_once_with_its_first_error_and_each_error_told_once() -> None:
    (question,) = asked(
        wrong("invalid", "tax", "net", message="first"),
        wrong("missing", "net", message="second"),
        wrong("missing", "shop.name", message="third"),
    )
    assert (question.paths, question.errors) == (("tax", "net", "shop.name"), ("first", "third"))


def test_a_question_is_about_twelve_fields_at_most() -> None:
    (question,) = asked(*(wrong("missing", f"f{at}", message=f"m{at}") for at in range(14)))
    assert question.paths == tuple(f"f{at}" for at in range(12))
    assert question.errors == tuple(f"m{at}" for at in range(12))
    assert len(question.schema["properties"]) == 12


def field(path: str, where: int | None = 1, value: Any = 1, boxes: tuple[Box, ...] = ()) -> Field:
    return Field(path, value, 0.9, where, boxes)


SUM = wrong("sum", "net", "tax", "total")


@pytest.mark.parametrize(
    ("fields", "suspects"),
    [
        ((field("net"), field("tax"), field("total", None)), ("total",)),  # the one that stands nowhere
        ((field("net", None), field("tax"), field("total", None)), ("net", "total")),
        ((field("net"), field("tax"), field("total")), ("net", "tax", "total")),
        ((field("net"), field("tax", None)), ("net", "tax", "total")),  # one is absent
        ((field("net"), field("tax", None), field("total", None, None)), ("net", "tax", "total")),
    ],
)
def test_of_a_broken_check_the_fields_that_stand_nowhere_are_suspected(
    fields: tuple[Field, ...], suspects: tuple[str, ...]
) -> None:
    (question, *_) = asked(SUM, told=part({}, *fields))
    assert question.paths == suspects


def test_a_refused_field_is_asked_for_wherever_it_stands() -> None:
    (question, *_) = asked(wrong("invalid", "net", "tax"), told=part({}, field("net"), field("tax", None)))
    assert question.paths == ("net", "tax")


# --- from closer ---


def near(*numbers: float) -> Any:
    return pytest.approx(numbers)


def test_a_page_with_a_key_is_shown_from_closer_around_and_below_it() -> None:
    shown = page("x", "x Net", "_ _ Net sum 5", number=2)
    first, closer = asked(wrong("missing", "net"), pages=(PLAIN[0], shown))
    assert named([first, closer]) == [("fields", ("net",), (1, 2)), ("closer", ("net",), (2,))]
    assert (closer.errors, closer.schema) == (first.errors, first.schema)
    assert closer.box == near(0.12 - 0.02, 0.06 - 0.02, 1.0, 0.08 + 0.12 + 0.02)


@pytest.mark.parametrize(
    ("line", "shown"),
    [("VAT 19", True), ("vat: 19", True), ("TAXED", True), ("sales TAX: 5", True), ("No VAT", False), ("Total", False)],
)
def test_a_line_that_begins_with_any_of_its_keys_shows_a_field(line: str, shown: bool) -> None:
    found = asked(wrong("missing", "tax"), pages=(page("_", line),))
    assert [one.rung for one in found] == ["fields", "closer"][: 1 + shown]
    assert [one.rung for one in asked(wrong("missing", "tax"), pages=(page("VAT x", hidden={"VAT"}),))] == ["fields"]


def test_the_place_of_a_value_is_shown_from_closer_with_a_margin() -> None:
    told = part(
        {},
        field("total", 1, 7, (Box(0.3, 0.4, 0.5, 0.5), Box(0.2, 0.5, 0.4, 0.6))),
        field("net", 1, 7, (Box(0.9, 0.9, 1.0, 1.0),)),
    )
    _, closer = asked(wrong("invalid", "total"), told=told)
    assert (closer.pages, closer.box) == ((1,), near(0.18, 0.38, 0.52, 0.62))


def test_a_crop_ends_at_the_edges_of_the_page() -> None:
    told = part({}, field("total", 1, 7, (Box(0.01, 0.0, 0.99, 1.0),)))
    _, closer = asked(wrong("invalid", "total"), told=told)
    assert closer.box == (0.0, 0.0, 1.0, 1.0)


def test_two_lines_of_one_height_in_two_blocks_are_two_lines() -> None:
    words = (Word("To", Box(0.0, 0.1, 0.1, 0.2), 0, 0), Word("Net", Box(0.5, 0.1, 0.6, 0.2), 0, 1))
    _, closer = asked(wrong("missing", "net"), pages=(Page(1, 595.0, 842.0, words=words),))
    assert closer.box == near(0.48, 0.08, 1.0, 0.34)


@pytest.mark.parametrize(
    ("kind", "x0", "y1"),
    [("text", 0.28, 0.92), ("table", 0.28, 0.92), ("heading", 0.48, 0.34), ("picture", 0.48, 0.34)],
)
def test_a_crop_covers_the_paragraph_or_table_in_which_the_key_stands(kind: Any, x0: float, y1: float) -> None:
    words = (Word("Net", Box(0.5, 0.1, 0.6, 0.2)),)
    regions = (Region("text", Box(0.0, 0.95, 1.0, 1.0)), Region(kind, Box(0.3, 0.1, 0.7, 0.9)))
    shown = Page(1, 595.0, 842.0, words=words, geometry=Geometry(regions=regions))
    _, closer = asked(wrong("missing", "net"), pages=(shown,))
    assert closer.box == near(x0, 0.08, 1.0, y1)


# --- cells ---

TABLE = part(
    {"rows": [{"text": "Bolt", "amount": None}, {"text": "Nut", "amount": Decimal("2.50")}, {"text": "Pin"}]},
    field("rows[0].text", 1, "Bolt", (Box(0.1, 0.3, 0.2, 0.32),)),
    field("rows[1].text", 1, "Nut", (Box(0.1, 0.5, 0.2, 0.52),)),
    field("rows[1].amount", 1, Decimal("2.50"), (Box(0.8, 0.49, 0.9, 0.53),)),
    field("rows[2].text", 2, "Pin", (Box(0.1, 0.9, 0.2, 0.99),)),
)


def test_a_value_in_a_row_is_asked_for_with_its_row_on_the_band_where_that_stands() -> None:
    (question,) = asked(wrong("wrong_type", "rows[1].amount", message="no number"), told=TABLE)
    assert named([question]) == [("cells", ("rows[1].amount",), (1,))]
    assert question.errors == ("no number", 'rows[1] was read as {"text": "Nut", "amount": "2.50"}')
    assert question.schema == sub_schema(BILL, ["rows"])
    assert question.box == near(0.0, 0.49 - 0.02, 1.0, 0.53 + 0.02)


def test_rows_of_one_page_are_asked_for_together_and_those_of_another_apart() -> None:
    errors = [wrong("missing", f"rows[{at}].amount", message=f"m{at}") for at in range(3)]
    first, second = asked(*errors, told=TABLE)
    assert (first.paths, first.pages) == (("rows[0].amount", "rows[1].amount"), (1,))
    assert first.box == near(0.0, 0.28, 1.0, 0.55)
    assert (second.paths, second.pages, second.box) == (("rows[2].amount",), (2,), near(0.0, 0.88, 1.0, 1.0))


def test_a_row_that_stands_nowhere_is_asked_for_on_all_pages() -> None:
    told = part({"rows": [{"text": "Bolt"}]}, field("rows[0].text", None, "Bolt"))
    (question,) = asked(wrong("invalid", "rows[0].text"), told=told)
    assert (question.pages, question.box) == ((1, 2), None)


def test_cells_come_after_the_fields_and_before_a_closer_look() -> None:
    shown = (page("Net 5"), PLAIN[1])
    found = asked(wrong("missing", "net"), wrong("invalid", "rows[0].text"), told=TABLE, pages=shown)
    assert [one.rung for one in found] == ["fields", "cells", "closer"]


def test_of_a_check_of_a_row_the_values_that_stand_nowhere_are_asked_for() -> None:
    fields = (field("rows[0].text"), field("rows[0].amount", None))
    found = asked(wrong("sum", "rows[0].text", "rows[0].amount", "rows[0].net"), told=part({"rows": [{}]}, *fields))
    assert [one.paths for one in found] == [("rows[0].amount",)]


# --- lists ---


def test_a_list_that_is_too_short_is_asked_for_page_by_page_after_the_fields() -> None:
    short = wrong("incomplete_rows", "rows", message="two more")
    found = asked(short, wrong("missing", "net"))
    assert named(found) == [("fields", ("net",), (1, 2)), ("rows", ("rows",), (1,)), ("rows", ("rows",), (2,))]
    assert (found[1].errors, found[1].schema) == (("two more",), sub_schema(BILL, ["rows"]))
    assert asked(wrong("incomplete_rows", "rows", severity="warning")) == []


def test_a_list_that_was_cut_is_continued_from_the_page_of_its_last_row_and_nothing_else_is_asked() -> None:
    told = {"rows": [{"text": "Bolt"}, {"text": "Öl", "amount": Decimal("1.50")}]}
    fields = (field("rows[0].text", 1), field("rows[1].text", 2), field("rows[1].amount", None), field("rowsize", 3))
    pages = (*PLAIN, page("x", number=3))
    (question,) = asked(wrong("missing", "net"), told=part(told, *fields, cut="rows"), pages=pages)
    assert named([question]) == [("continue", ("rows",), (2, 3))]
    assert json.loads(question.after) == {"text": "Öl", "amount": "1.50"}
    assert "Öl" in question.after
    assert question.errors == ("the answer broke off while rows was written, after 2 rows",)
    assert question.schema == sub_schema(BILL, ["rows"])


def test_a_list_that_was_cut_before_its_first_row_is_asked_for_whole() -> None:
    for value in ({"rows": []}, {}):
        (question,) = asked(told=part(value, cut="rows"))
        assert (named([question]), question.after) == ([("continue", ("rows",), (1, 2))], "")


STATEMENT = parse_schema(
    {
        "type": "object",
        "properties": {
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"parts": {"type": "array", "items": ROW}, "text": STRING},
                },
            },
            "net": NUMBER,
            "taxes": {"type": "array", "items": ROW},
            "marks": {"type": "array", "items": STRING},
        },
    },
    "statement",
)


@pytest.mark.parametrize(
    ("cut", "value", "paths", "properties", "after"),
    [
        ("rows", {"net": 1, "rows": [{"text": "a"}]}, ("rows", "taxes", "marks"), ["rows", "taxes", "marks"], "a"),
        ("taxes", {"rows": [{}], "taxes": [{"text": "b"}]}, ("taxes", "marks"), ["taxes", "marks"], "b"),
        ("rows[1].parts", {"rows": [{}, {"parts": [{"text": "c"}]}]}, ("rows[1].parts", "rows", "taxes", "marks"),
         ["rows", "taxes", "marks"], "c"),
        ("", {"net": 1, "rows": [{"text": "d"}]}, ("rows", "taxes", "marks"), ["rows", "taxes", "marks"], "d"),
        ("", {"taxes": [{}], "marks": ["e"]}, ("marks",), ["marks"], "e"),
    ],
)  # fmt: skip
def test_with_the_rest_of_a_list_all_is_asked_for_that_is_written_after_it(
    cut: str, value: dict[str, Any], paths: tuple[str, ...], properties: list[str], after: str
) -> None:
    pages = PLAIN if len(paths) > 1 else (PLAIN[1],)
    (question,) = follow_ups(STATEMENT, part(value, field("marks[0]", 2), cut=cut), [], PLAIN)
    assert (question.paths, list(question.schema["properties"])) == (paths, properties)
    assert f'"{after}"' in question.after
    assert question.pages == tuple(one.number for one in pages)
    whole = sub_schema(STATEMENT, properties)["properties"]
    assert question.schema["properties"] == whole
    assert ("begin with what is left of rows[1]" in question.errors[0]) == ("[" in cut)


@pytest.mark.parametrize("cut", ["net", "nothing", "rows[0].nothing", "rows[0]"])
def test_what_is_no_list_of_the_schema_is_not_continued(cut: str) -> None:
    assert follow_ups(STATEMENT, part({"rows": [{}]}, cut=cut), [], PLAIN) == []


def test_a_cut_in_no_list_is_not_continued() -> None:
    assert asked(wrong("missing", "net"), told=part({}, cut="")) == []


# --- the schema of a question ---


def test_the_schema_of_some_fields_has_these_and_the_guidance_and_no_checks() -> None:
    found = sub_schema(BILL, ["total", "shop.city", "rows.text"])
    assert found["x-docpipe"] == {"guidance": "Read twice."}
    assert found["required"] == ["total"]
    assert list(found["properties"]) == ["total", "shop", "rows"]
    shop, rows = found["properties"]["shop"], found["properties"]["rows"]
    assert (list(shop["properties"]), shop["required"]) == (["city"], [])
    assert (list(rows["items"]["properties"]), rows["items"]["required"]) == (["text"], ["text"])
    assert sub_schema(BILL, ["rows"])["properties"]["rows"]["items"] == ROW


def test_a_schema_without_guidance_has_no_notes_of_its_own() -> None:
    bare = {name: DOCUMENT[name] for name in ("type", "properties")}
    found = sub_schema(parse_schema(bare, "bare"), ["net"])
    assert found == {"type": "object", "properties": {"net": DOCUMENT["properties"]["net"]}, "required": []}


def test_references_are_followed() -> None:
    party = {"party": DOCUMENT["properties"]["shop"]}
    told = {"type": "object", "properties": {"shop": {"$ref": "#/$defs/party"}}, "$defs": party}
    found = sub_schema(parse_schema(told, "told"), ["shop.name"])
    assert list(found["properties"]["shop"]["properties"]) == ["name"]
