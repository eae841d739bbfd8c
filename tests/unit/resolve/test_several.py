"""Several documents in one file are told; one document on many pages, with all that it may carry, is not."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from docpipe.records import Page, Record, Reply, Violation
from docpipe.resolve.record import resolve_document, resolve_window
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from tests.unit.resolve.pages import page

HEADER = ("Description _ _ _ Quantity _ Price _ Amount",)


@pytest.fixture(scope="module")
def invoice() -> Schema:
    return load_schema("invoice")


@pytest.fixture(scope="module")
def receipt() -> Schema:
    return load_schema("receipt")


def bill(number: str, date: str, net: str, tax: str, total: str) -> tuple[str, ...]:
    return (
        f"Invoice No: _ {number}",
        f"Invoice date: _ {date}",
        *HEADER,
        f"Service _ _ _ 1 _ {net} _ {net}",
        f"Subtotal _ _ _ _ _ _ _ {net}",
        f"VAT 20% _ _ _ _ _ _ {tax}",
        f"Total _ _ _ _ _ _ _ {total}",
    )


FIRST = bill("INV-2341", "2024-03-14", "100.00", "20.00", "120.00")


def record_of(schema: Schema, pages: Sequence[Page], answers: Sequence[Mapping[str, Any]] = ({},)) -> Record:
    """The record of a window for each of `answers`, all pages in the first one if there is but one."""
    windows = [list(pages)] if len(answers) == 1 else [[one] for one in pages]
    parts = [
        resolve_window(schema, window, Reply(json.dumps(answer), "stop", "test"), whole=len(answers) == 1)
        for window, answer in zip(windows, answers, strict=True)
    ]
    return resolve_document(schema, parts, [], 0.5)


def told(schema: Schema, *pages: Sequence[str], **more: Any) -> list[Violation]:
    """The violations `several_documents` about pages with these lines."""
    printed = [page(*lines, number=number, **more) for number, lines in enumerate(pages, 1)]
    return [one for one in record_of(schema, printed).violations if one.rule == "several_documents"]


def test_each_page_that_begins_another_document_is_named_with_what_tells(invoice: Schema) -> None:
    second = bill("INV-2342", "2024-03-15", "200.00", "40.00", "240.00")
    third = bill("INV-2343", "2024-03-16", "300.00", "60.00", "360.00")
    (violation,) = told(invoice, FIRST, second, third)
    assert violation.severity == "error"
    assert violation.message.startswith("the file holds 3 documents: page 2 begins another: invoice_number is inv2342")
    assert "page 3 begins another" in violation.message
    assert violation.paths[0] == "invoice_number"
    assert (violation.left, violation.right) == ("inv2341", "inv2342")


def test_windows_of_one_page_are_compared_with_each_other(invoice: Schema) -> None:
    pages = [page(*FIRST), page(*bill("INV-2342", "2024-03-15", "200.00", "40.00", "240.00"), number=2)]
    record = record_of(invoice, pages, [{"invoice_number": "INV-2341"}, {"invoice_number": "INV-2342"}])
    assert record.status == "needs_review"
    assert "several_documents" in {violation.rule for violation in record.violations}


@pytest.mark.parametrize(
    "second",
    [
        ("Rechnungsnummer: _ RE 2024 17", "Total _ _ 5.00"),
        ("Invoice No _ _ Invoice date", "99-17 _ _ 2024-05-01"),
        ("INVOICE _ _ 4711", "Date: _ 2024-05-01"),
    ],
    ids=["other words", "under their keys", "in the title"],
)
def test_another_number_is_found_wherever_it_stands(invoice: Schema, second: Sequence[str]) -> None:
    assert told(invoice, FIRST, second)


def test_documents_without_a_number_are_told_apart_by_date_and_sums(receipt: Schema) -> None:
    slips = [(f"Date: _ {day}", f"Bread _ _ {sum_}", f"Total _ _ {sum_}") for day, sum_ in
             (("2024-03-01", "3.10"), ("2024-03-02", "4.20"))]  # fmt: skip
    (violation,) = told(receipt, *slips)
    assert "date is 2024-03-02, not 2024-03-01" in violation.message
    assert not told(receipt, slips[0], slips[0])


@pytest.mark.parametrize(
    "second",
    [
        ("Invoice No: _ INV-2341", "Service _ _ _ 1 _ 7.00 _ 7.00", "Total _ _ _ _ _ _ _ 999.00"),
        ("Page 2 of 2", "Total _ _ 999.00", "Date: _ 2024-09-09"),
        ("Delivery note _ 5512", "Date: _ 2024-03-01", "Total _ _ 12"),
        ("Terms and conditions", "Page 1 of 2", "Goods stay ours until they are paid, invoice 12 days net."),
        ("Credit for invoice INV-2340 was given on 2024-02-01.",),
        ("Invoice No _ Invoice date _ Amount", "INV-2201 _ 2024-01-03 _ 10.00", "INV-2202 _ 2024-01-04 _ 20.00"),
        ("Original invoice: _ INV-2300", "Subtotal _ _ 5.00"),
    ],
    ids=["sum of the page", "counted on", "delivery note", "terms", "prose", "list of open invoices", "earlier one"],
)
def test_what_a_long_document_carries_is_no_other_document(invoice: Schema, second: Sequence[str]) -> None:
    assert not told(invoice, FIRST, second)


def test_a_number_that_a_recogniser_may_have_misread_is_not_enough(invoice: Schema) -> None:
    misread = ("Invoice No: _ INV-234I", "Invoice date: _ 2024-03-14")
    assert not told(invoice, FIRST, misread, source="ocr")
    other = bill("INV-2342", "2024-03-14", "200.00", "40.00", "240.00")
    assert told(invoice, FIRST, other, source="ocr")


def test_one_page_and_pages_without_words_tell_nothing(invoice: Schema) -> None:
    assert not told(invoice, FIRST)
    assert not told(invoice, (), ())


LINE = {"description": "Service", "quantity": 1, "unit_price": 100, "amount": 100}


def lines_of(schema: Schema, *pages: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> Record:
    printed = [page(*lines, number=number) for number, lines in enumerate(pages, 1)]
    return record_of(schema, printed, [{"invoice_number": "INV-2341", "total": 120, "line_items": list(rows)}])


def test_the_rows_of_a_copy_count_once(invoice: Schema) -> None:
    record = lines_of(invoice, FIRST, ("COPY", *FIRST), rows=[LINE, LINE])
    assert len(record.value["line_items"]) == 1
    assert [(edit.path, edit.rule) for edit in record.edits if edit.rule == "merge:copy"] == [
        ("line_items[1]", "merge:copy")
    ]
    assert not [one for one in record.violations if one.rule == "several_documents"]


def test_a_third_copy_counts_no_more(invoice: Schema) -> None:
    assert len(lines_of(invoice, FIRST, FIRST, FIRST, rows=[LINE, LINE, LINE]).value["line_items"]) == 1


@pytest.mark.parametrize(
    "second",
    [
        bill("INV-2342", "2024-03-14", "100.00", "20.00", "120.00"),
        ("Invoice No: _ INV-2341", *HEADER, "Service _ _ _ 1 _ 100.00 _ 100.00"),
        ("Invoice No: _ INV-2341", *HEADER, "Service _ _ _ 1 _ 100.00 _ 100.00", "Total _ _ _ _ _ _ _ 240.00"),
    ],
    ids=["another number", "no sums", "other sums"],
)
def test_equal_rows_of_another_page_are_kept(invoice: Schema, second: Sequence[str]) -> None:
    assert len(lines_of(invoice, FIRST, second, rows=[LINE, LINE]).value["line_items"]) == 2


def test_rows_that_come_to_the_sums_only_together_are_kept(invoice: Schema) -> None:
    """Sums may stand on every page of one document."""
    first = bill("INV-2341", "2024-03-14", "100.00", "40.00", "240.00")
    first = tuple(line.replace("Subtotal _ _ _ _ _ _ _ 100.00", "Subtotal _ _ _ _ _ _ _ 200.00") for line in first)
    assert len(lines_of(invoice, first, first, rows=[LINE, LINE]).value["line_items"]) == 2
