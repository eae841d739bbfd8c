"""Where a repair stops being certain, rule by rule."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box
from docpipe.records import Edit, Page, Record, Reply, TextSource, Violation, Word
from docpipe.resolve.case import Case
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex, Place
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.resolve.repair import repair
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

STRING: dict[str, Any] = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
EXACT: dict[str, Any] = {"type": ["number", "null"]}
COUNT: dict[str, Any] = {"type": ["integer", "null"]}
ROW = {"n": COUNT, "p": {**NUMBER, "x-docpipe": {"scale": 4}}, "a": NUMBER}
ROWS: dict[str, Any] = {"type": "array", "items": {"type": "object", "properties": ROW}}
BLANK = Page(1, 595.0, 842.0)


def schema(*checks: str, required: tuple[str, ...] = (), **properties: Any) -> Schema:
    """`checks` as "left op right", with "each LIST: " or "+-TOLERANCE: " before it."""
    told = []
    for at, check in enumerate(checks):
        how, _, text = check.rpartition(": ")
        left, op, right = text.rpartition(" == ") if " == " in text else text.rpartition(" >= ")
        one = {"name": f"c{at}", "left": left, "op": op.strip(), "right": right}
        told.append(one | ({"each": how[5:]} if how.startswith("each") else {"tolerance": how[2:]} if how else {}))
    return parse_schema(
        {"type": "object", "required": list(required), "properties": properties, "x-docpipe": {"checks": told}}, "some"
    )


def resolved(schema: Schema, answer: Any, *pages: Page, whole: bool = True) -> Record:
    part = resolve_window(schema, pages, Reply(json.dumps(answer), "stop", "test"), whole=whole)
    return resolve_document(schema, [part], [], 0.0)


def repairs(record: Record) -> list[tuple[str, Any, Any, str]]:
    return [(one.path, one.before, one.after, one.rule) for one in record.edits if one.rule.startswith("repair:")]


# --- letters in numbers ---


def test_a_count_with_letters_is_a_whole_number() -> None:
    some = schema(n=COUNT)
    record = resolved(some, {"n": "1O"}, page("copies 10"))
    assert repairs(record) == [("n", "1O", 10, "repair:confusable")]
    assert (record.value["n"], type(record.value["n"]), record.violations) == (10, int, ())
    record = resolved(some, {"n": "1O.5"}, page("copies 10.5"))
    assert (repairs(record), record.value["n"], record.violations[0].rule) == ([], None, "wrong_type")
    assert repairs(resolved(some, {"n": "1O.0"}, page("copies 10"))) == [("n", "1O.0", 10, "repair:confusable")]


def test_only_a_refused_number_is_read_again() -> None:
    assert repairs(resolved(schema(s={**STRING, "format": "date"}), {"s": "1O"}, page("10"))) == []
    assert repairs(resolved(schema(x=NUMBER), {"x": "about 1O"}, page("10"))) == []
    assert repairs(resolved(schema(x=NUMBER), {"x": "12"}, page("10"))) == []


def test_each_refused_number_is_read_again() -> None:
    record = resolved(
        schema(x=NUMBER, s={**STRING, "format": "date"}, y=NUMBER), {"s": "?", "x": "1O", "y": "2O"}, page("10 20")
    )
    assert [one[0] for one in repairs(record)] == ["x", "y"]


def test_a_number_that_is_mended_stands_where_the_page_prints_it() -> None:
    shown = page("sum 10 pieces")
    record = resolved(schema(x=NUMBER), {"x": "1O"}, BLANK, Page(2, 595.0, 842.0, words=shown.words))
    (field,) = record.fields
    assert (field.value, field.page, field.boxes, field.confidence) == (10, 2, (shown.words[1].box,), 0.5)


SUM = {"net": NUMBER, "tax": NUMBER, "total": NUMBER}


@pytest.mark.parametrize(
    ("checks", "shown", "taken"),
    [
        (("net + tax == total",), BLANK, True),  # no words: arithmetic alone
        (("net + tax == total",), page("net 100.00 tax 19.00"), True),  # the others stand on the page
        (("net + tax == total",), page("net 100.00 tax"), False),
        (("net + tax == total",), page("nothing"), False),
        (("total >= net",), BLANK, False),  # an order is no proof
        (("total == 119",), BLANK, False),  # a constant neither
        (("total == net",), BLANK, False),  # broken
        (("total == net", "net + tax == total"), BLANK, False),
        (("net + tax == total", "total == net"), BLANK, False),
        (("total >= net", "net + tax == total"), BLANK, True),
        (("total == other", "net + tax == total"), BLANK, True),  # nothing stands against it
        (("net == tax", "net + tax == total"), BLANK, True),  # broken, but not by it
        ((), BLANK, False),
    ],
)
def test_arithmetic_settles_a_letter_if_all_that_it_says_agrees(
    checks: tuple[str, ...], shown: Page, taken: bool
) -> None:
    some = schema(*checks, **SUM, other=NUMBER)
    record = resolved(some, {"net": 100, "tax": 19, "total": "1l9.00"}, shown)
    assert repairs(record) == [("total", "1l9.00", Decimal(119), "repair:confusable")] * taken
    assert record.value["total"] == (119 if taken else None)


# --- texts ---


@pytest.mark.parametrize(
    ("told", "printed", "kind", "mended"),
    [
        ("ACME GMBH", "Acme GmbH", STRING, True),
        ("Acme Gmb H", "Acme GmbH", STRING, True),
        ("AcmeGmbH", "Acme GmbH", STRING, False),  # a space too few may be the page's
        ("Acme-GmbH", "Acme GmbH", STRING, False),  # other signs
        ("Acme\nGmbh", "Acme GmbH", STRING, False),  # its lines are its own
        ("de136695976", "DE136695976", {**STRING, "format": "vat-id"}, False),
        ("acme gmbh", "Acme GmbH", {"enum": ["acme gmbh", None]}, False),
    ],
)
def test_a_text_takes_the_pages_case_and_loses_spaces(told: str, printed: str, kind: Any, mended: bool) -> None:
    record = resolved(schema(s=kind), {"s": told}, page(f"From {printed} to"))
    assert repairs(record) == [("s", told, printed, "repair:page_spelling")] * mended


def test_prints_on_two_pages_that_agree_are_one_print() -> None:
    pages = [page("Acme GmbH"), page("To Acme GmbH", number=2)]
    assert len(repairs(resolved(schema(s=STRING), {"s": "ACME GMBH"}, *pages))) == 1
    assert repairs(resolved(schema(s=STRING), {"s": "ACME GMBH"}, pages[0], page("acme GmbH", number=2))) == []


@pytest.mark.parametrize(
    ("told", "shown", "mended"),
    [
        ("RE-2O24", page("(RE-2024);"), "RE-2024"),
        ("RE-2O24", page("RE-2024.", "RE-2024"), "RE-2024"),  # twice the same
        ("RE-2OZ4", page("RE-2024"), None),  # two characters
        ("RE-2O24", page("RE-2024X"), None),
        ("RE-2O24", page("RE-2024 RE-2Q24"), None),
        ("RE-2A24", page("RE-2024"), None),
        ("RE 2O24", page("RE-2024"), None),  # several words
        ("RE-2O24", page("RE-2024", source="ocr"), None),
        ("RE-2O24", page("RE-2024", hidden={"RE-2024"}), None),
    ],
)
def test_a_word_takes_one_character_of_the_only_word_alike(told: str, shown: Page, mended: str | None) -> None:
    record = resolved(schema(s=STRING), {"s": told}, shown)
    assert repairs(record) == ([("s", told, mended, "repair:page_word")] if mended else [])


def test_each_text_is_looked_at_and_an_empty_one_is_left() -> None:
    record = resolved(schema(a=STRING, b=STRING, c=STRING), {"a": "one", "b": "", "c": "RE-2O24"}, page("One RE-2024"))
    assert [one[0] for one in repairs(record)] == ["a", "c"]


VAT: dict[str, Any] = {**STRING, "format": "vat-id"}
IBAN: dict[str, Any] = {**STRING, "format": "iban"}
GOOD_IBAN = "DE89370400440532013000"


@pytest.mark.parametrize("source", ["layer", "ocr"])
@pytest.mark.parametrize(
    ("kind", "told", "printed", "mended"),
    [
        (VAT, "DE13669597G", "DE136695976", "DE136695976"),
        (IBAN, "DE8937040044053201300O", GOOD_IBAN, GOOD_IBAN),
        (IBAN, "DE8937040044053201300O", "DE89 3704 0044 0532 0130 00", GOOD_IBAN),
        (IBAN, "DE89 37O4 0044 0532 0130 00", GOOD_IBAN, "DE89 3704 0044 0532 0130 00"),
        (IBAN, "GB82 WE5T 1234 5698 7654 32", "GB82WEST12345698765432", "GB82 WEST 1234 5698 7654 32"),
        (IBAN, "GB82 WE5T 1234 5698 7654 3Z", "GB82WEST12345698765432", None),  # two characters
        (IBAN, "DE89370400440532013007", GOOD_IBAN, None),  # 7 and 0 are not alike
    ],
)
def test_check_digits_and_the_page_settle_one_character(
    kind: Any, told: str, printed: str, mended: str | None, source: TextSource
) -> None:
    record = resolved(schema(s=kind), {"s": told}, page(f"No {printed} here", source=source))
    assert repairs(record) == ([("s", told, mended, "repair:check_digits")] if mended else [])
    if mended:
        assert (record.value["s"], record.status, record.violations) == (mended, "repaired", ())
        assert record.fields[0].page == 1, "it stands where the page prints it"


@pytest.mark.parametrize(
    ("kind", "told", "mended"),
    [
        (IBAN, "DE8937040044053201300O", GOOD_IBAN),
        (IBAN, "DE8937O40044053201300O", None),
        (IBAN, "DE8837040044053201300O", None),  # the check digits do not hold
        (IBAN, "GB82 WE5T 1234 5698 7654 32", None),  # a digit for a letter is no certain reading
        (VAT, "DE13669597G", "DE136695976"),
        (VAT, "DEI36695976", "DE136695976"),
        (VAT, "DE136695977", None),
        (VAT, "12/345/67O", None),  # nobody knows its digits
    ],
)
@pytest.mark.parametrize("how", ["no words", "ocr", "so printed", "not printed"])
def test_a_letter_for_a_digit_is_settled_by_check_digits_alone(
    kind: Any, told: str, mended: str | None, how: str
) -> None:
    """But where a text layer knows nothing of it: then it may be any number."""
    shown = {
        "no words": BLANK,
        "ocr": page("other words", source="ocr"),
        "so printed": page(f"No {told}"),
        "not printed": page("other words"),
    }[how]
    taken = mended if how != "not printed" else None
    record = resolved(schema(s=kind), {"s": told}, shown)
    assert repairs(record) == ([("s", told, taken, "repair:check_digits")] if taken else [])
    assert record.value["s"] == (taken or (told if kind is VAT else None))


def test_an_iban_that_is_right_is_not_respelled_as_the_page_has_it() -> None:
    record = resolved(schema(s=IBAN), {"s": GOOD_IBAN}, page("DE8937040044053201300O"))
    assert (repairs(record), record.value["s"]) == ([], GOOD_IBAN)


@pytest.mark.parametrize(
    ("kind", "told", "shown"),
    [
        ({**STRING, "pattern": "^[A-Z0-9-]+$"}, "A-1O", page("A-1o")),
        ({**STRING, "maxLength": 5}, "Acme ltd", page("ACME LTD")),
        ({**COUNT, "minimum": 0}, "-1O", page("-10")),
        ({**IBAN, "pattern": "^FR"}, "DE8937040044053201300O", page(GOOD_IBAN)),
        ({**NUMBER, "maximum": 5}, "1O", page("10")),
    ],
)
def test_what_a_validator_refuses_is_no_repair(kind: Any, told: str, shown: Page) -> None:
    record = resolved(schema(s=kind), {"s": told}, shown)
    assert repairs(record) == []
    inside = {"type": "object", "properties": {"s": kind}}
    deep = resolved(schema(rows={"type": "array", "items": inside}), {"rows": [{}, {"s": told}]}, shown)
    assert repairs(deep) == []


# --- dates ---

DAY = {**STRING, "format": "date"}


@pytest.mark.parametrize(
    ("answer", "shown", "mended"),
    [
        ({"a": "2026-03-04"}, page("on 03.04.2026"), True),
        ({"a": "2026-03-04"}, page("on 04.03.2026"), False),  # it stands there
        ({"a": "2026-03-04"}, page("on 2026-04-03 and 03/04/2026"), False),  # one of its prints has two readings
        ({"a": "2026-03-13"}, page("on 13.03.2026"), False),
        ({"a": "2026-03-04", "b": "2026-04-03"}, page("on 03.04.2026"), False),  # another field's
        ({"moment": "2026-03-04T00:00:00Z"}, page("on 03.04.2026"), False),
    ],
)
def test_day_and_month_change_places_only_without_doubt(answer: dict[str, str], shown: Page, mended: bool) -> None:
    record = resolved(schema(a=DAY, b=DAY, moment={**STRING, "format": "date-time"}), answer, shown)
    assert [(one[0], str(one[1]), str(one[2]), one[3]) for one in repairs(record)] == [
        ("a", "2026-03-04", "2026-04-03", "repair:day_month")
    ] * mended


# --- arithmetic ---

PRINTED = page("net 100.00", "tax 19.00", "total 119.00", "rest 50.00")


@pytest.mark.parametrize(
    ("checks", "answer", "mended"),
    [
        (("net + tax == total",), {"net": 100, "tax": 19, "total": 77}, {"total": 119}),
        (("net + tax == total",), {"net": 100, "tax": 7, "total": 119}, {"tax": 19}),
        (("net == 119 - tax",), {"net": 7, "tax": 19}, {}),  # two numbers are too few to tell
        (("net + tax >= total",), {"net": 100, "tax": 19, "total": 777}, {}),
        (("net + tax == total",), {"net": 100, "tax": 19}, {}),  # left out, and nobody needs it
        (("net + tax == total", "total == rest"), {"net": 100, "tax": 19, "total": 77, "rest": 50}, {"total": 119}),
        (("net + tax == total", "total == odd"), {"net": 100, "tax": 19, "total": 77, "odd": 77}, {}),
        (("net + tax == rest + tax",), {"net": 77, "tax": 19, "rest": 50}, {}),  # printed, but that is the rest
        (("net - 50 + tax == rest + tax",), {"net": 77, "tax": 19, "rest": 50}, {"net": 100}),
        (("net * 1 == total * rest",), {"net": 7, "total": 119, "rest": 1}, {}),  # 1 stands nowhere
        (("net - net + tax == total",), {"net": 77, "tax": 19, "total": 119}, {}),  # any net would do
        (("net * net + tax == total",), {"net": 77, "tax": 19, "total": 119}, {}),  # no straight line
        (("tax / net + tax == total",), {"net": 77, "tax": 19, "total": 119}, {}),  # nothing at 0
    ],
)
def test_a_number_is_derived_from_the_others_of_a_sum(
    checks: tuple[str, ...], answer: dict[str, int], mended: dict[str, int]
) -> None:
    record = resolved(schema(*checks, **SUM, rest=NUMBER, odd=NUMBER), answer, PRINTED)
    assert {path: after for path, _, after, _ in repairs(record)} == mended
    assert {name: record.value[name] for name in answer} == answer | mended
    assert all(one[3] == "repair:arithmetic" and one[1] == answer[one[0]] for one in repairs(record))


def test_a_mended_number_is_what_another_check_waited_for() -> None:
    """The first check has two numbers that stand nowhere, until the second mends one of them."""
    some = schema("net + tax == total", "tax + odd == rest", **SUM, rest=NUMBER, odd=NUMBER)
    told = {"net": 77, "tax": 91, "total": 119, "odd": 31, "rest": 50}
    record = resolved(some, told, page("100.00 19.00 119.00 31.00 50.00"))
    assert {one[0]: one[2] for one in repairs(record)} == {"tax": 19, "net": 100}


def test_an_error_says_more_than_a_warning() -> None:
    """A total of the rows that an allowance changes: both numbers are printed, the error tells which it is."""
    document = {
        "type": "object",
        "properties": {**SUM, "rows": ROWS},
        "x-docpipe": {
            "checks": [
                {"name": "w", "left": "sum(rows.a)", "op": "==", "right": "net", "severity": "warning"},
                {"name": "e", "left": "net + tax", "op": "==", "right": "total"},
            ]
        },
    }
    answer = {"rows": [{"a": 60}, {"a": 50}], "net": 77, "tax": 19, "total": 119}
    shown = page("60.00", "50.00", "sum 110.00", "net 100.00 tax 19.00 total 119.00")
    assert repairs(resolved(parse_schema(document, "some"), answer, shown)) == [
        ("net", Decimal(77), Decimal(100), "repair:arithmetic")
    ]


def test_one_print_does_not_prove_two_numbers_of_a_check() -> None:
    """A row with a discount: its price is misread, and one piece at the amount would be a sum that holds."""
    some = schema("each rows: n * p == a", rows=ROWS)
    row = {"n": 1, "p": 66, "a": 49.5}
    assert repairs(resolved(some, {"rows": [row]}, page("1 55.00 49.50"))) == []
    twice = resolved(some, {"rows": [row]}, page("1 49.50 49.50"))
    assert repairs(twice) == [("rows[0].p", Decimal(66), Decimal("49.5"), "repair:arithmetic")]


@pytest.mark.parametrize(("off", "mended"), [("0.00", True), ("0.02", True), ("0.03", False)])
def test_a_number_that_already_agrees_within_the_tolerance_is_left(off: str, mended: bool) -> None:
    """The page prints 119.00; what is told differs from it by 1, or by no more than the tolerance."""
    some = schema("+-0.02: net + tax == total", **SUM)
    told = float(Decimal(119) + Decimal(off))
    assert repairs(resolved(some, {"net": 100, "tax": 19, "total": told}, PRINTED)) == (
        [] if mended else [("total", Decimal(str(told)), Decimal(119), "repair:arithmetic")]
    )


def test_a_required_number_is_filled_in_and_one_more_broken_rule_forbids_it() -> None:
    some = schema("net + tax == total", **SUM, required=("total",))
    assert repairs(resolved(some, {"net": 100, "tax": 19}, PRINTED)) == [
        ("total", None, Decimal(119), "repair:arithmetic")
    ]
    more = schema("net + tax == total", "rest >= total", **SUM, rest=NUMBER, required=("total",))
    assert repairs(resolved(more, {"net": 100, "tax": 19, "rest": 50}, PRINTED)) == []


def test_a_count_is_not_derived() -> None:
    some = schema("n * net == total", n=COUNT, **SUM)
    assert repairs(resolved(some, {"n": 3, "net": 100, "total": 200}, page("2 100.00 200.00"))) == []


def test_rows_are_balanced_one_by_one_to_their_scale() -> None:
    some = schema("+-0.01: n + n == n", "each rows: n * p == a", rows=ROWS, n=COUNT)
    rows = [{"n": 3, "p": 10, "a": 30}, {"n": 3, "p": 34, "a": 100}, {"n": 4, "p": 26, "a": 100}]
    shown = page("3 10.00 30.00", "3 33.3333 100.00", "4 25.00 100.00")
    assert repairs(resolved(some, {"rows": rows}, shown, whole=False)) == [
        ("rows[2].p", Decimal(26), Decimal(25), "repair:arithmetic")
    ], "a third is no number of four decimals"


def test_a_rounded_price_within_the_tolerance_is_the_one_demanded() -> None:
    item = {"type": "object", "properties": ROWS["items"]["properties"]}
    some = parse_schema(
        {
            "type": "object",
            "properties": {"rows": {"type": "array", "items": item}},
            "x-docpipe": {
                "checks": [
                    {"name": "row", "left": "n * p", "op": "==", "right": "a", "each": "rows", "tolerance": "0.01"}
                ]
            },
        },
        "some",
    )
    record = resolved(some, {"rows": [{"n": 3, "p": 34, "a": 100}]}, page("3 33.3333 100.00"))
    assert repairs(record) == [("rows[0].p", Decimal(34), Decimal("33.3333"), "repair:arithmetic")]
    for n, printed, mended in ((300, "0.3333", True), (700, "0.1429", False)):  # 99.99, 100.03
        record = resolved(some, {"rows": [{"n": n, "p": 34, "a": 100}]}, page(f"{n} {printed} 100.00"))
        assert [str(one[2]) for one in repairs(record)] == [printed] * mended


def test_a_number_without_scale_is_demanded_exactly() -> None:
    some = schema("n * x == total", n=EXACT, x=EXACT, total=NUMBER)
    record = resolved(some, {"n": 8, "x": 1, "total": 1}, page("8 0.125 1.00"))
    assert repairs(record) == [], "1 is printed: two values agree on one place"
    record = resolved(some, {"n": 8, "x": 7, "total": 1}, page("8 0.125 1.00"))
    assert repairs(record) == [("x", Decimal(7), Decimal("0.125"), "repair:arithmetic")]


def test_what_is_not_on_the_page_is_not_made_to_fit() -> None:
    some = schema("net + tax == total", **SUM)
    assert repairs(resolved(some, {"net": 100, "tax": 19, "total": 77}, page("net 100.00 tax 19.00"))) == []
    assert repairs(resolved(some, {"net": 100, "tax": 19, "total": 77}, BLANK)) == []
    assert repairs(resolved(some, {"net": 100, "tax": 18, "total": 77}, page("net 100.00", "119.00"))) == []


@pytest.mark.parametrize(("whole", "mended"), [(True, True), (False, False)])
@pytest.mark.parametrize("check", ["sum(rows.a) == total", "total == sum(rows.a)"])
def test_a_sum_over_the_rows_of_some_pages_proves_nothing(check: str, whole: bool, mended: bool) -> None:
    rows = [{"a": 100}, {"a": 19}]
    record = resolved(schema(check, **SUM, rows=ROWS), {"rows": rows, "total": 77}, PRINTED, whole=whole)
    assert (repairs(record) != []) is mended
    plain = resolved(schema("net + tax == total", **SUM), {"net": 100, "tax": 19, "total": 77}, PRINTED, whole=whole)
    assert len(repairs(plain)) == 1


def test_a_case_is_changed_in_place_and_its_evidence_with_it() -> None:
    some = schema(x=NUMBER)
    shown = PageIndex(Page(4, 595.0, 842.0, words=(Word("10", Box(0.0, 0.0, 0.5, 0.5)),)), Conventions())
    refused = Violation("wrong_type", "error", "", ("x",), "1O")
    other = Violation("other", "error", "", (), "")
    case = Case(some, dict(some.root.leaves()), {"x": None}, {}, [shown], [other, refused])
    assert repair(case) == [Edit("x", "1O", Decimal(10), "repair:confusable")]
    assert (case.value, case.violations) == ({"x": Decimal(10)}, [other])
    assert case.evidence == {"x": Evidence(4, ((0.0, 0.0, 0.5, 0.5),), True, "10", Place(0, 1))}
