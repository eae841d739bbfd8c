"""What each kind says is true of itself: sums add up, rows are all there, marks are as long as their values."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pymupdf
import pypdfium2 as pdfium
import pytest

from docpipe.synth.chart.series import TYPES
from docpipe.synth.generate import Order, lines, make
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.statement.account import draw_account

SEED = 23


@cache
def truths(kind: str, count: int) -> list[dict[str, Any]]:
    return [make(Order(kind, SEED), index).truth for index in range(count)]


def money(value: float) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def test_receipts_add_up_and_print_what_they_say() -> None:
    for truth in truths("receipt", 60):
        label, printed = truth["label"], truth["synthetic"]["printed"]
        lines = sum((money(line["amount"]) for line in label["line_items"]), Decimal(0))
        if label["subtotal"] is None:
            assert money(label["total"]) == lines
        else:
            assert money(label["total"]) - money(label["tax"]) in (lines, money(label["subtotal"]))
        if label["change"] is not None:
            paid = money(label["total"]) + money(label["tip"] or 0) + money(label["change"])
            assert money(label["cash_paid"]) == paid
        for line in label["line_items"]:
            if line["unit_price"] is not None:
                exact = Decimal(str(line["quantity"])) * money(line["unit_price"])
                assert abs(exact - money(line["amount"])) <= Decimal("0.005")
        assert all(
            "".join(filter(str.isdigit, text)) == f"{money(label['total']):f}".replace(".", "")
            for text in printed["total"]
        )


def test_no_receipt_names_another_currency_than_its_own() -> None:
    codes = {"EUR", "GBP", "USD", "PLN", "SEK", "DKK", "CHF"}
    for index in range(120):
        truth = make(Order("receipt", SEED, ("de", "fr")), index).truth
        named = codes & {word for caption in truth["synthetic"]["captions"].values() for word in caption.split()}
        assert named <= {truth["label"]["currency"]}


def test_statements_count_their_rows_and_carry_their_balance() -> None:
    made = truths("statement", 40)
    assert max(truth["pages"] for truth in made) > 8
    for truth in made:
        label = truth["label"]
        rows = label["rows"]
        assert [row["serial"] for row in rows] == list(range(rows[0]["serial"], rows[0]["serial"] + len(rows)))
        assert [row["date"] for row in rows] == sorted(row["date"] for row in rows)
        balance = money(label["opening_balance"])
        for row in rows:
            balance += money(row["amount"])
            assert row["balance"] is None or money(row["balance"]) == balance
        assert balance == money(label["closing_balance"])
        pages = [truth["boxes"][f"rows[{index}].serial"][0]["page"] for index in range(len(rows))]
        assert pages == sorted(pages)
        assert set(pages) == set(range(1, truth["pages"] + 1)) or set(pages) == set(range(1, truth["pages"]))


def test_long_statements_come_often_enough_to_test_with() -> None:
    rows = [len(draw_account("en", Random(index)).rows) for index in range(150)]
    assert max(rows) >= 1500
    assert sum(count <= 60 for count in rows) > 60


def test_the_cells_of_a_table_fill_their_grid_without_overlap() -> None:
    spans = 0
    for truth in truths("table", 60):
        for table in truth["label"]["tables"]:
            width, taken = len(table["header"]), set()
            assert all(len(row["cells"]) == width for row in table["rows"])
            for cell in table["cells"]:
                covered = {
                    (row, col)
                    for row in range(cell["row"], cell["row"] + cell["rowspan"])
                    for col in range(cell["col"], cell["col"] + cell["colspan"])
                }
                assert not covered & taken
                assert max(col for _, col in covered) < width
                assert max(row for row, _ in covered) <= len(table["rows"])
                taken |= covered
                spans += len(covered) > 1
                grid = [table["header"], *(row["cells"] for row in table["rows"])]
                assert grid[cell["row"]][cell["col"]] == cell["text"]
            assert table["pages"] == sorted({cell["page"] for cell in table["cells"]})
    assert spans > 20


def test_some_tables_go_on_on_the_next_page() -> None:
    assert any(len(table["pages"]) > 1 for truth in truths("table", 80) for table in truth["label"]["tables"])


def test_charts_are_of_all_types_in_turn() -> None:
    assert {truth["label"]["chart_type"] for truth in truths("chart", 120)[:8]} == set(TYPES)


@pytest.mark.parametrize("kind", ["bar", "grouped_bar", "stacked_bar"])
def test_a_bar_is_as_long_as_its_value(kind: str) -> None:
    checked = 0
    for truth in truths("chart", 120):
        story = truth["synthetic"]
        if truth["label"]["chart_type"] != kind or story["labels"] or story["log"]:
            continue
        lengths, values = [], []
        for place, series in enumerate(truth["label"]["series"]):
            for index, point in enumerate(series["points"]):
                x0, y0, x1, y1 = truth["boxes"][f"series[{place}].points[{index}].y"][0]["box"]
                lengths.append(x1 - x0 if story["lying"] else y1 - y0)
                values.append(abs(point["y"]))
        scale = np.array(lengths) / np.array(values)
        assert scale.std() / scale.mean() < 0.02
        checked += 1
    assert checked >= 5


def test_points_of_a_line_stand_where_their_values_are() -> None:
    checked = 0
    for truth in truths("chart", 120):
        story, series = truth["synthetic"], truth["label"]["series"]
        if truth["label"]["chart_type"] != "line" or story["log"] or (story["labels"] and len(series) == 1):
            continue
        heights, values = [], []
        for place, one in enumerate(series):
            for index, point in enumerate(one["points"]):
                _, y0, _, y1 = truth["boxes"][f"series[{place}].points[{index}].y"][0]["box"]
                heights.append((y0 + y1) / 2)
                values.append(point["y"])
        slope, start = np.polyfit(values, heights, 1)
        assert slope < 0
        assert np.abs(np.polyval((slope, start), values) - np.array(heights)).max() < 0.002
        checked += 1
    assert checked >= 5


def test_shares_of_a_pie_without_numbers_are_percents() -> None:
    for truth in truths("chart", 120):
        if truth["label"]["chart_type"] in ("pie", "donut") and not truth["synthetic"]["labels"]:
            assert sum(point["y"] for point in truth["label"]["series"][0]["points"]) == pytest.approx(100, abs=0.5)


def test_ticked_boxes_hold_ink_and_empty_ones_none() -> None:
    ticked = empty = 0
    for index in range(40):
        made = make(Order("form", SEED), index)
        document = pdfium.PdfDocument(made.content)
        pages = [page.render(scale=4, grayscale=True).to_numpy().squeeze() for page in document]
        for place, box in enumerate(made.truth["label"]["checkboxes"]):
            where = made.truth["boxes"][f"checkboxes[{place}].checked"][0]
            picture = pages[where["page"] - 1]
            high, wide = picture.shape
            x0, y0, x1, y1 = where["box"]
            across, down = (x1 - x0) * wide * 0.2, (y1 - y0) * high * 0.2
            inside = picture[
                int(y0 * high + down) : int(y1 * high - down), int(x0 * wide + across) : int(x1 * wide - across)
            ]
            assert (inside.min() < 140) == box["checked"], f"form {index}, box {place}"
            ticked, empty = ticked + box["checked"], empty + (not box["checked"])
    assert ticked > 20
    assert empty > 20


def test_forms_are_filled_in_by_hand_by_type_and_not_at_all() -> None:
    made = truths("form", 60)
    assert {bool(truth["synthetic"]["hand"]) for truth in made} == {True, False}
    assert any(all(field["value"] is None for field in truth["label"]["fields"]) for truth in made)
    values = [field["value"] for truth in made for field in truth["label"]["fields"]]
    assert 0.1 < sum(value is None for value in values) / len(values) < 0.5
    keys = [[field["key"] for field in truth["label"]["fields"]] for truth in made]
    assert all(len(set(names)) == len(names) for names in keys), "two fields share a key"


def test_the_pages_of_a_bundle_belong_to_one_invoice_each() -> None:
    order = Order("bundle", SEED)
    for index in range(12):
        made = make(order, index)
        told = lines(order, made)
        pages = [page for line in told for page in range(line["page_range"][0], line["page_range"][1] + 1)]
        assert pages == list(range(1, made.truth["pages"] + 1))
        assert len(told) >= 2
        for line in told:
            first, last = line["page_range"]
            assert line["boxes"]["seller.name"]
            assert all(first <= place["page"] <= last for places in line["boxes"].values() for place in places)


def text_of(content: bytes) -> str:
    with pymupdf.open(stream=content) as document:
        return "".join("".join(page.get_text().split()) for page in document)


def test_twins_differ_by_the_order_alone() -> None:
    hows = set()
    for pair in range(9):
        clean, ordered = (make(Order("orders", SEED), 2 * pair + place) for place in (0, 1))
        order = ordered.truth["order"]
        assert clean.truth["order"] is None
        assert clean.truth["label"] == ordered.truth["label"]
        assert ordered.truth["twin"] == f"orders-{SEED}-{2 * pair:04d}"
        words = "".join(order["text"].split())
        assert words not in text_of(clean.content)
        assert words in text_of(ordered.content)
        before, after = (
            pdfium.PdfDocument(made.content)[order["page"] - 1].render(scale=2, grayscale=True).to_numpy().squeeze()
            for made in (clean, ordered)
        )
        changed = np.argwhere(before != after)
        assert (len(changed) == 0) == (order["how"] == "white")
        if len(changed):
            high = before.shape[0]
            assert changed[:, 0].min() / high > order["box"][1] - 0.01
            assert changed[:, 0].max() / high < order["box"][3] + 0.01
        hows.add(order["how"])
    assert hows == {"visible", "white", "tiny"}


def test_degraded_twins_went_the_same_way() -> None:
    clean, ordered = (make(Order("orders", SEED, degrade="mixed"), place).truth for place in (2, 3))
    assert clean["degraded"] == ordered["degraded"]


def test_there_are_ten_languages() -> None:
    assert len(LANGUAGES) == len(set(LANGUAGES)) == 10
