"""What is printed is labelled as the schema describes it, and what could be told two ways is accepted both ways."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from docpipe.synth.formats import names_currency
from docpipe.synth.generate import Order, make
from docpipe.synth.invoice.truth import caption_means
from docpipe.synth.places import data
from docpipe.synth.truth import stated

SEED, COUNT = 29, 90
FIELDS = {"number": None, "shop": {"name": None, "city": None}, "lines": [{"text": None, "amount": None}]}


@cache
def truths(kind: str) -> list[dict[str, Any]]:
    return [make(Order(kind, SEED), index).truth for index in range(COUNT)]


def folded(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def values(label: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(label, dict):
        for key, inner in label.items():
            yield from values(inner, f"{path}.{key}" if path else key)
    elif isinstance(label, list):
        for index, inner in enumerate(label):
            yield from values(inner, f"{path}[{index}]")
    elif label is not None:
        yield path, label


def printed(truth: dict[str, Any], path: str) -> str:
    return folded(" ".join(truth["synthetic"]["printed"].get(path, [])))


def test_a_label_states_every_field_and_keeps_what_it_has() -> None:
    label = {"shop": {"name": "x"}, "lines": [{"amount": 0.0}]}
    assert stated(label, FIELDS) == {
        "number": None, "shop": {"name": "x", "city": None}, "lines": [{"text": None, "amount": 0.0}]
    }  # fmt: skip
    assert stated({}, FIELDS) == {"number": None, "shop": {"name": None, "city": None}, "lines": []}


@pytest.mark.parametrize("strange", [{"total": 1}, {"shop": {"total": 1}}, {"lines": [{"total": 1}]}])
def test_a_label_with_a_field_of_its_own_is_refused(strange: dict[str, Any]) -> None:
    with pytest.raises(KeyError, match="total"):
        stated(strange, FIELDS)


@pytest.mark.parametrize(
    "path",
    ["unit", "bic", "buyer.address", "delivery_address", "buyer_reference", "order_reference", "payment_means", "notes",
     "payment_terms", "seller.address", "delivery_note", "customer_number"],
)  # fmt: skip
def test_the_words_of_a_value_are_those_printed_at_its_place(path: str) -> None:
    met = 0
    for truth in truths("invoice"):
        for place, value in values(truth["label"]):
            if place == path or place.endswith(f"].{path}"):
                shown = printed(truth, place)
                lines = value.split("\n")
                assert all(folded(line) in shown for line in lines), f"{truth['source']} {place}: {value!r}, {shown!r}"
                met += 1
    assert met


def test_a_period_is_its_two_days_printed_under_one_caption() -> None:
    met = 0
    for truth in truths("invoice"):
        label = truth["label"]
        assert (label["period_start"] is None) == (label["period_end"] is None)
        if label["period_start"]:
            assert label["period_start"] < label["period_end"] < label["invoice_date"]
            assert printed(truth, "period_start") == printed(truth, "period_end")
            met += 1
    assert met


def test_a_unit_in_the_cell_of_the_quantity_is_labelled_and_no_other() -> None:
    shown = hidden = 0
    for truth in truths("invoice"):
        for index, line in enumerate(truth["label"]["line_items"]):
            texts = truth["synthetic"]["printed"].get(f"line_items[{index}].quantity", [""])
            beside = " " in texts[0].strip() and not texts[0].split()[-1][-1].isdigit()
            column = f"line_items[{index}].unit" in truth["boxes"] and not beside
            assert (line["unit"] is not None) == (beside or column)
            shown, hidden = shown + beside, hidden + (line["unit"] is None)
    assert shown
    assert hidden


def test_a_buyer_abroad_has_the_country_in_the_address() -> None:
    countries = {str(place["country"]).upper() for place in data("places.json").values()}
    assert any((truth["label"]["buyer"]["address"] or "").split("\n")[-1] in countries for truth in truths("invoice"))


def test_a_number_under_your_reference_is_the_buyers_reference_or_his_order() -> None:
    met = 0
    for truth in truths("invoice"):
        label, captions = truth["label"], truth["synthetic"]["captions"]
        assert label["buyer_reference"] is None or label["order_reference"] is None
        for path, other in (("buyer_reference", "order_reference"), ("order_reference", "buyer_reference")):
            if label[path] is not None and caption_means(
                "buyer_reference", truth["language"], captions[path].split(" / ")[0]
            ):
                assert truth["accept"][other] == [label[path]]
                met += 1
            elif label[path] is not None:
                assert path == "order_reference"
                assert "buyer_reference" not in truth.get("accept", {})
    assert met


@pytest.mark.parametrize(
    ("field", "language", "caption", "means"),
    [
        ("buyer_reference", "de", "IHR ZEICHEN:", True),
        ("buyer_reference", "fr", "Votre réf. :", True),
        ("buyer_reference", "de", "Ihre Bestellung", False),
        ("amount_due", "en", "To pay", True),
        ("amount_due", "en", "Total", False),
    ],
)
def test_a_caption_can_be_by_its_words_that_of_another_field(
    field: str, language: str, caption: str, means: bool
) -> None:
    assert caption_means(field, language, caption) is means


def test_every_caption_with_a_second_meaning_is_one_that_is_printed() -> None:
    meanings = data("meanings.json")
    for field, key in (("buyer_reference", "order_reference"), ("amount_due", "total")):
        for language, captions in meanings[field].items():
            known = data(f"captions/{language}.json")[key]
            assert set(captions) <= {*known["usual"], *known["rare"]}, f"{language} {key}"


def test_every_way_to_pay_is_named_by_some_terms() -> None:
    for language, ways in data("meanings.json")["payment_means"].items():
        terms = data("phrases.json")[language]["terms"]
        for texts in ways:
            assert any(all(text.casefold() in term.casefold() for text in texts[:1]) for term in terms), texts


def test_with_one_rate_the_sum_before_tax_and_its_base_are_right_at_both_places_and_wanted_where_printed() -> None:
    met = 0
    for truth in truths("invoice"):
        label, accept = truth["label"], truth.get("accept", {})
        if len(label["tax_breakdown"]) != 1:
            assert "subtotal" not in accept
            continue
        base = label["tax_breakdown"][0]["base"]
        if base is None and label["subtotal"] is not None:
            assert accept["tax_breakdown[0].base"] == [label["subtotal"]]
            met += 1
        elif label["subtotal"] is None and base is not None:
            assert accept["subtotal"] == [base]
    assert met


def test_a_sum_that_could_only_be_worked_out_is_null_and_accepted_of_a_tax_in_parts_alone() -> None:
    met = 0
    for truth in truths("invoice"):
        label, accept = truth["label"], truth.get("accept", {})
        if not label["tax_breakdown"] and label["tax"] is None:  # no tax: the sum before it is the total
            assert label["subtotal"] is None or printed(truth, "subtotal")
            assert "subtotal" not in accept
            met += 1
        if len(label["tax_breakdown"]) > 1 and label["tax_breakdown"][0]["base"] is None:
            assert label["tax"] is None
            parts = sum(Decimal(str(row["amount"])) for row in label["tax_breakdown"])
            assert accept["tax"] == [float(parts)]
    assert met


def test_the_only_row_of_a_receipts_tax_table_is_its_sum() -> None:
    met = 0
    for truth in truths("receipt"):
        label, accept = truth["label"], truth.get("accept", {})
        if len(label["tax_breakdown"]) == 1:
            row = label["tax_breakdown"][0]
            assert label["tax"] is None
            assert (accept["subtotal"], accept["tax"]) == ([row["base"]], [row["amount"]])
            met += 1
        else:
            assert not accept.keys() & {"subtotal", "tax"}
    assert met


def test_a_receipt_has_a_currency_where_one_is_printed_and_only_there() -> None:
    named = silent = 0
    for truth in truths("receipt"):
        code = truth["label"]["currency"]
        captions = truth["synthetic"]["captions"].values()
        if code is None:
            assert not any(names_currency(caption, known) for caption in captions for known in ("EUR", "PLN", "DKK"))
            silent += 1
        else:
            assert any(names_currency(text, code) for text in truth["synthetic"]["printed"]["currency"])
            named += 1
    assert named
    assert silent


@pytest.mark.parametrize(
    ("text", "code", "expected"),
    [
        ("Total (EUR)", "EUR", True),
        ("Tot. doc. €", "EUR", True),
        ("40€", "EUR", True),
        ("TOTALE EURO", "EUR", True),
        ("EUROPA", "EUR", False),
        ("85.00 each", "GBP", False),
        ("£40", "EUR", False),
        ("60 kr och", "SEK", True),
        ("kr 60", "DKK", True),
        ("krona", "SEK", False),
        ("FR71", "CHF", False),
    ],
)
def test_a_currency_is_named_by_code_sign_or_word(text: str, code: str, expected: bool) -> None:
    assert names_currency(text, code) is expected
