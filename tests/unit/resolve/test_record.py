"""A reply becomes a judged record: what is sure is ok, what is changed is repaired, the rest waits."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from docpipe.errors import DecodeError
from docpipe.page.box import Box
from docpipe.records import Finish, Page, Record, Reply, Span, Violation, Word
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

WORDS = "Order A-1 of 2026-01-31 net 100.00 tax 19.00 total 119.00 EUR Bolt 4 25.00 100.00".split()  # noqa: SIM905  one line reads better
PAGE = Page(
    1,
    595.0,
    842.0,
    words=tuple(Word(text, Box(0.05 * at, 0.1, 0.05 * at + 0.04, 0.12)) for at, text in enumerate(WORDS)),
    text_source="layer",
)
GOOD = {"number": "A-1", "ordered": "2026-01-31", "net": 100.00, "tax": 19, "total": 119.00}


def printing(total: str) -> Page:
    """PAGE with another total."""
    words = tuple(replace(word, text=total if word.text == "119.00" else word.text) for word in PAGE.words)
    return replace(PAGE, words=words)


def resolved(
    schema: Schema, answer: Any, *, finish: Finish = "stop", page: Page = PAGE, score: float = 0.95, **more: Any
) -> Record:
    text = answer if isinstance(answer, str) else json.dumps(answer)
    spans = tuple(Span(path, 1, (), score) for path in ("number", "net", "tax", "total", "ordered"))
    part = resolve_window(schema, [page], Reply(text, finish, "test", spans=spans), **more)
    return resolve_document(schema, [part], [], 0.5)


def test_a_record_that_agrees_with_its_page_is_ok(order: Schema) -> None:
    record = resolved(order, GOOD)
    assert (record.status, record.violations) == ("ok", ())
    assert record.value["total"] == Decimal("119.00")
    assert all(field.page == 1 and field.boxes for field in record.fields)
    assert record.confidence == pytest.approx(0.95)


def test_a_value_that_stands_nowhere_is_less_certain(order: Schema) -> None:
    record = resolved(order, {**GOOD, "number": "B-7"})
    (field,) = [one for one in record.fields if one.path == "number"]
    assert (field.page, field.boxes) == (None, ())
    assert field.confidence < 0.5


def test_a_broken_sum_needs_review_and_is_not_made_to_fit(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 110.00}, page=printing("110.00"))
    assert record.status == "needs_review"
    assert record.edits == ()
    assert record.value["total"] == Decimal(110)
    (broken,) = [one for one in record.violations if one.rule == "sum"]
    assert (Decimal(broken.left), Decimal(broken.right)) == (119, 110)
    assert all(one.confidence < 0.5 for one in record.fields if one.path in broken.paths)


def test_an_edited_value_is_marked_with_what_it_was(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": "119,00 EUR"})
    assert record.status == "repaired"
    (field,) = [one for one in record.fields if one.path == "total"]
    assert (field.value, field.before, field.origin) == (Decimal(119), "119,00 EUR", "rule:coerce:number")


def test_an_invalid_value_leaves_a_trace(order: Schema) -> None:
    record = resolved(order, {**GOOD, "total": 119.001})
    assert record.status == "needs_review"
    (field,) = [one for one in record.fields if one.path == "total"]
    assert (field.value, field.before, field.origin) == (None, "119.001", "rule:invalid")


@pytest.mark.parametrize("finish", ["length", "repetition"])
def test_a_cut_answer_says_that_it_is_not_whole(order: Schema, finish: Finish) -> None:
    record = resolved(order, GOOD, finish=finish)
    assert record.status == "needs_review"
    assert "incomplete" in {one.rule for one in record.violations}


def test_an_empty_answer_needs_review(order: Schema) -> None:
    record = resolved(order, {})
    assert (record.status, record.confidence) == ("needs_review", 0.0)


def test_an_answer_that_is_not_json_is_a_decode_error(order: Schema) -> None:
    with pytest.raises(DecodeError):
        resolved(order, "I cannot read this page.")


def test_a_page_without_words_cannot_confirm(order: Schema) -> None:
    sure = resolved(order, GOOD).confidence
    assert resolved(order, GOOD, page=Page(1, 595.0, 842.0)).confidence < sure
    assert resolved(order, GOOD, grounded=False).confidence < sure


def test_token_probabilities_count_and_forced_tokens_do_not(order: Schema) -> None:
    def confidence(*logprobs: float) -> float:
        reply = Reply(json.dumps(GOOD), "stop", "test", logprobs=logprobs)
        part = resolve_window(order, [PAGE], reply)
        return resolve_document(order, [part], [], 0.5).confidence

    assert confidence(-0.01, -0.01) > confidence(-1.0, -1.0)
    assert confidence(-0.01, math.nan) == confidence(-0.01)
    assert confidence() == pytest.approx(0.5)


def test_what_happened_outside_the_replies_is_in_the_record(order: Schema) -> None:
    part = resolve_window(order, [PAGE], Reply(json.dumps(GOOD), "stop", "test"))
    record = resolve_document(order, [part], [Violation("unread_page", "error", "page 2")], 0.5)
    assert record.status == "needs_review"


def test_resolving_a_resolved_record_changes_nothing(order: Schema) -> None:
    once = resolved(order, {**GOOD, "total": "119,00 EUR"})
    text = json.dumps(once.value, default=str)
    again = resolve_window(order, [PAGE], Reply(text.replace('"119"', "119"), "stop", "test"))
    assert again.value["total"] == once.value["total"]


@pytest.mark.parametrize("told", ["null", '"N/A"', '"null"', '"-"', '"n.d."', '"k. A."', '"none"'])
def test_a_required_field_that_nobody_found_needs_review(told: str) -> None:
    properties = {
        "total": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "note": {"type": ["string", "null"]},
    }
    schema = parse_schema({"type": "object", "required": ["total"], "properties": properties}, "bill")
    part = resolve_window(schema, [PAGE], Reply(f'{{"note": "Order", "total": {told}}}', "stop", "test"))
    record = resolve_document(schema, [part], [], 0.0)
    assert record.status == "needs_review"
    assert record.value["total"] is None
    assert [(one.rule, one.paths) for one in record.violations] == [("missing", ("total",))]
