"""What speaks for or against a value shifts its confidence, and calibration.json says by how much."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any
from unittest.mock import patch

import pytest

from docpipe.engine.choose import measured, review_confidence
from docpipe.engine.factory import REVIEW_CONFIDENCE
from docpipe.engine.layout.scoring import calibration as calibrations
from docpipe.engine.layout.scoring import signs
from docpipe.engine.layout.scoring.calibration import Calibration, Measured, calibration, kind_of, told
from docpipe.records import Page
from docpipe.schema.load import load_schema, parse_schema
from tests.unit.engine.layout.conftest import Print, page_of, reply_of

HEAD: list[Print] = [
    (60, 20, "Corner Bakery"), (60, 32, "12 Mill Lane"), (60, 44, "Bristol BS1 4ZZ"), (60, 70, "2024-03-05"),
    (60, 100, "Rye bread"), (280, 100, "3.40"), (60, 114, "Butter"), (280, 114, "2.10"),
    (60, 128, "Total"), (280, 128, "5.50"),
]  # fmt: skip


def worth(**shifts: float) -> Calibration:
    named = {name.replace("__", "."): shift for name, shift in shifts.items()}
    return replace(calibration(), signs=named)


def confidence(page: Page, path: str, of: Calibration, name: str = "receipt") -> float:
    with patch.object(signs, "calibration", lambda: of):
        reply = reply_of(load_schema(name).document, [page])
    return next(span.score for span in reply.spans if span.path == path)


@pytest.mark.parametrize(
    ("sign", "prints"),
    [
        ("name.repeated", [*HEAD, (60, 200, "Visit the Corner Bakery again")]),
        ("letterhead.once", HEAD),
        ("name.legal_form", [(60, 20, "Corner Bakery Ltd"), *HEAD[1:]]),
        ("name.one_word", [(60, 20, "Bakehouse"), *HEAD[1:]]),
        ("rule.letterhead", HEAD),
        ("kind.receipt.digital", HEAD),
    ],
)
def test_a_sign_moves_the_confidence_of_the_name_the_way_the_file_says(sign: str, prints: list[Print]) -> None:
    page, key = page_of(prints), sign.replace(".", "__")
    lower, plain, higher = (confidence(page, "seller.name", worth(**{key: shift})) for shift in (-1.0, 0.0, 1.0))
    assert lower < plain < higher
    assert confidence(page, "total", worth(**{key: 1.0})) == confidence(page, "total", worth()) or sign.startswith("k")


def test_a_name_that_stands_once_has_not_the_sign_of_one_that_is_repeated() -> None:
    assert confidence(page_of(HEAD), "seller.name", worth(name__repeated=2.0)) == confidence(
        page_of(HEAD), "seller.name", worth()
    )


def test_a_name_that_the_recogniser_was_not_sure_of_says_so() -> None:
    page = page_of(HEAD)
    blurred = replace(page, text_source="ocr", words=tuple(replace(word, confidence=0.9) for word in page.words))
    of = worth(name__badly_read=-2.0)
    assert confidence(blurred, "seller.name", of) < confidence(blurred, "seller.name", worth())
    assert confidence(page, "seller.name", of) == confidence(page, "seller.name", worth())


def test_an_amount_of_a_sum_that_does_not_hold_says_so() -> None:
    sums: list[Print] = [(60, 100, "Subtotal"), (280, 100, "40.00"), (60, 114, "VAT"), (280, 114, "8.00")]
    right, wrong = ([*HEAD[:4], *sums, (60, 128, "Total"), (280, 128, total)] for total in ("48.00", "99.00"))
    of = worth(amount__broken=-3.0)
    assert confidence(page_of(right), "subtotal", of) == confidence(page_of(right), "subtotal", worth())
    assert confidence(page_of(wrong), "subtotal", of) < confidence(page_of(wrong), "subtotal", worth())


def test_confidence_rises_with_the_score_whatever_the_signs() -> None:
    """A shift of the logarithm of odds keeps the order of two values with the same signs."""
    shares = [at / 100 for at in range(1, 100)]
    shifted = [signs.doubted(share, 2.718**0.7) for share in shares]
    assert all(a < b for a, b in pairwise(shifted))


def test_the_file_names_its_date_its_engine_and_thresholds_that_are_shares() -> None:
    read = calibration()
    assert read.date
    assert read.engine.startswith("layout/")
    assert all(0.0 < share <= 1.0 for share in read.review.values())
    assert read.review[""] == REVIEW_CONFIDENCE, "a kind that nobody measured"
    for found in read.measured.values():
        assert 0 <= found.passed_wrong <= found.passed <= found.documents
        assert 0 <= found.sure_wrong <= found.sure <= found.values


@pytest.mark.parametrize(
    ("name", "kind"), [("invoice", "invoice"), ("receipt", "receipt"), ("form", "form"), ("table", "")]
)
def test_a_schema_is_for_the_kind_of_document_that_its_lists_tell(name: str, kind: str) -> None:
    schema = load_schema(name)
    assert kind_of(schema) == kind
    assert review_confidence("layout", schema) == calibration().review.get(kind, REVIEW_CONFIDENCE)
    assert review_confidence("scripted", schema) == review_confidence("no such engine", schema) == REVIEW_CONFIDENCE


def test_what_is_told_says_how_many_that_passed_were_wrong() -> None:
    figures = Measured(40, 20, 1, 2, 400, 300, 6, 0.9)
    of = Calibration(
        "2026-01-02", "layout/9", {}, {"": 0.5}, {"invoice": figures, "receipt": replace(figures, passed=0)}
    )
    with patch.object(calibrations, "calibration", lambda: of):
        first, second = told()
    assert first.startswith("invoice: 20 of 40 documents passed, and 1 (5%) of these held a wrong value; of 300 values")
    assert first.endswith("6 were wrong (layout/9, 2026-01-02)")
    assert second.startswith("receipt: 0 of 40 documents passed, and 1 of these")
    assert measured("no such engine") == () == measured("scripted")
    assert len(measured("layout")) == len(calibration().measured)


def test_a_schema_without_lists_has_no_kind_and_is_read_all_the_same() -> None:
    number = {"type": ["string", "null"], "x-docpipe": {"type": "identifier", "labels": {"en": ["Number"]}}}
    plain: dict[str, Any] = {"type": "object", "properties": {"number": number}}
    assert kind_of(parse_schema(plain, "plain")) == ""
    assert json.loads(reply_of(plain, [page_of([(50, 100, "Number: A-17")])]).text) == {"number": "A-17"}
