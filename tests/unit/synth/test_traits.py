"""Each difficulty is on the page that has it, by its name; a plain document has none and is as it was."""

from __future__ import annotations

import re
from collections import Counter
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from docpipe.synth.document import Document
from docpipe.synth.form.siblings import group_of
from docpipe.synth.generate import KINDS, Order, make
from docpipe.synth.languages import LANGUAGES
from docpipe.synth.places import data
from docpipe.synth.sheet import Area, Rule, Text
from docpipe.synth.traits import as_real, chances, draw_traits, hard_kinds

SEED, COUNT = 53, 14


def drawn(kind: str, *traits: str, count: int = COUNT) -> list[Document]:
    compose = import_module(KINDS[kind]).compose
    return [compose(index, SEED, LANGUAGES, frozenset(traits)) for index in range(count)]


def texts(document: Document) -> list[Text]:
    return [mark for page in range(len(document.sheet.pages)) for mark in document.sheet.texts(page)]


def of(document: Document, path: str) -> list[Text]:
    return [mark for mark in texts(document) if path in mark.paths]


def said(document: Document) -> str:
    return " ".join(mark.text for mark in texts(document))


def test_a_share_of_documents_is_hard_and_each_difficulty_is_as_frequent_as_it_says() -> None:
    for kind in hard_kinds():
        sets = [draw_traits(kind, SEED, index, 0.5) for index in range(2000)]
        assert 900 < sum(map(bool, sets)) < 1100
        met = Counter(trait for traits in sets for trait in traits)
        for trait, chance in chances(kind).items():
            assert abs(met[trait] / 1000 - chance) < 0.07, trait
        assert 0 < as_real(kind) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_share_no_document_is_hard_and_kinds_without_difficulties_never_are(kind: str) -> None:
    assert not any(draw_traits(kind, SEED, index, 0.0) for index in range(100))
    if kind not in hard_kinds():
        assert not any(draw_traits(kind, SEED, index, 1.0) for index in range(100))
        assert as_real(kind) == 0


@pytest.mark.parametrize("kind", hard_kinds())
def test_a_document_without_difficulties_is_the_plain_one_and_says_nothing_of_them(kind: str) -> None:
    hard = [make(Order(kind, SEED, hard=0.3), index) for index in range(12)]
    plain = [make(Order(kind, SEED), index) for index in range(12)]
    same = [one.content == other.content for one, other in zip(hard, plain, strict=True)]
    assert same == ["traits" not in one.truth["synthetic"] for one in hard]
    assert not all(same)
    assert any(same)


@pytest.mark.parametrize("kind", hard_kinds())
def test_what_is_hard_says_the_same_but_for_what_its_difficulty_changes(kind: str) -> None:
    """Chance of difficulties is apart: the same company, the same numbers, in another look."""
    trait = {"invoice": "leading", "receipt": "above", "form": "margin"}[kind]
    for one, other in zip(drawn(kind, trait), drawn(kind), strict=True):
        assert one.label.keys() == other.label.keys()
        if kind == "receipt":
            assert one.label["seller"] == other.label["seller"]
            assert one.label["total"] == other.label["total"]
        elif kind == "invoice":
            assert one.label == other.label
        else:
            assert [pair["key"] for pair in one.label["fields"]] == [pair["key"] for pair in other.label["fields"]]


def test_address_lines_stand_wide_apart() -> None:
    wide = 0
    for document in drawn("invoice", "leading"):
        lines = sorted({(mark.y, mark.size) for mark in of(document, "buyer.address") if mark.size > 7.5})
        gaps = [(low - high) / size for (high, size), (low, _) in pairwise(lines)]
        wide += bool(gaps) and 1.4 < min(gaps) < 3.2
    assert wide > COUNT * 0.6


def test_names_stand_on_two_lines() -> None:
    broken = 0
    for document in drawn("invoice", "two_line_names"):
        name = document.label["buyer"]["name"]
        parts = [mark.text for mark in of(document, "buyer.name")]
        broken += name not in parts and name.startswith(parts[0])
        assert "".join(name.split()) in "".join("".join(parts).split())
    assert broken > COUNT * 0.4


def test_a_salutation_stands_before_the_buyers_name_and_is_accepted_with_it() -> None:
    for document in drawn("invoice", "salutation"):
        (accepted,) = document.accept["buyer.name"]
        word = accepted.removesuffix(document.label["buyer"]["name"]).strip()
        assert word in data("hardships.json")[document.language]["salutation"]
        assert any(mark.text == word and not mark.paths for mark in texts(document)), word


def test_some_addresses_have_no_postal_code() -> None:
    bare = 0
    for document in drawn("invoice", "no_code"):
        last = [
            document.label[who]["address"].split("\n")[-1]
            for who in ("seller", "buyer")
            if document.label[who]["address"]
        ]
        bare += any(not re.search(r"\d", line) for line in last)
    assert bare == COUNT
    for document in drawn("receipt", "no_code"):
        assert not re.search(r"\d{4}", (document.label["seller"]["address"] or "").split("\n")[-1])


def test_a_grid_holds_captions_without_colons_between_lines() -> None:
    gridded = 0
    for document in drawn("invoice", "grid"):
        mark = next(mark for mark in texts(document) if mark.caption_of == "invoice_date")
        upright = [line for line in document.sheet.pages[0] if isinstance(line, Rule) and line.x0 == line.x1]
        gridded += not mark.text.endswith(":") and any(line.y0 <= mark.y <= line.y1 for line in upright)
    assert gridded > COUNT * 0.7


def test_the_goods_go_to_another_address_beside_the_buyers() -> None:
    for document in drawn("invoice", "beside"):
        assert document.label["delivery_address"]
        buyer, goods = of(document, "buyer.name")[0], of(document, "delivery_address")[0]
        assert abs(buyer.y - goods.y) < buyer.size
        assert goods.x > buyer.x


def heads(document: Document) -> list[list[Text]]:
    """The captions of the columns of the first page, column by column."""
    found: dict[str, list[Text]] = {}
    for mark in document.sheet.texts(0):
        if mark.caption_of.startswith("line_items."):
            found.setdefault(mark.caption_of, []).append(mark)
    return list(found.values())


def test_captions_of_columns_stand_closer_than_a_letter_and_a_half() -> None:
    def closest(documents: list[Document]) -> list[float]:
        gaps = []
        for document in documents:
            line = sorted((marks[0].x, marks[0].x + marks[0].width, marks[0].size) for marks in heads(document))
            gaps += [(right[0] - left[1]) / left[2] for left, right in pairwise(line)]
        return [gap for gap in gaps if gap < 0.75]

    assert len(closest(drawn("invoice", "tight_head"))) > 2 * len(closest(drawn("invoice"))) + 5


def test_captions_of_columns_take_up_to_three_lines_and_say_that_tax_is_not_in() -> None:
    tall = 0
    for document in drawn("invoice", "stacked_head"):
        words = data("hardships.json")[document.language]["untaxed"]
        lines = [[mark.text for mark in marks] for marks in heads(document)]
        if lines:
            assert any(word in column for column in lines for word in words)
        tall += any(len(column) >= 3 for column in lines)
    assert tall > COUNT * 0.5


def test_lines_between_the_positions_end_in_a_colon_and_print_no_field() -> None:
    met = 0
    for document in drawn("invoice", "colon_rows"):
        sections = data("hardships.json")[document.language]["section"]
        marks = [mark for mark in texts(document) if mark.text in sections]
        assert all(mark.text.endswith(":") and not mark.paths for mark in marks)
        assert marks or not document.label["line_items"]
        met += bool(marks)
    assert met > COUNT * 0.6


def test_sums_of_sections_are_printed_and_are_no_field() -> None:
    met = 0
    for document in drawn("invoice", "section_sums", count=30):
        captions = data("hardships.json")[document.language]["part"]
        rows = [mark for mark in texts(document) if mark.text in captions and not mark.caption_of and not mark.paths]
        met += len(rows) >= 2
    assert met > 6


def test_serial_numbers_stand_under_an_item_and_are_accepted_with_it() -> None:
    met = 0
    for document in drawn("invoice", "serials"):
        for path, (text,) in (
            (path, values) for path, values in document.accept.items() if path.endswith("].description")
        ):
            item = of(document, path)[-1]
            serial = next(
                mark for mark in texts(document) if len(mark.text) > 5 and text.endswith(mark.text) and not mark.paths
            )
            assert serial.y > item.y
            met += 1
    assert met > COUNT


def test_the_name_is_a_picture_and_no_text_says_it() -> None:
    for document in drawn("invoice", "picture_name"):
        marks = of(document, "seller.name")
        assert marks
        assert all(mark.picture for mark in marks)
        assert len({mark.size for mark in marks}) == 1  # it is printed once, if on two lines
        assert not any(document.label["seller"]["name"] in mark.text for mark in texts(document) if not mark.picture)


def test_a_period_in_a_sentence_is_accepted_and_not_asked_for() -> None:
    told = [document for document in drawn("invoice", "dates_in_prose") if "period_start" in document.accept]
    assert len(told) > COUNT * 0.5
    assert all(document.label["period_start"] is None for document in told)


def test_all_captions_that_have_a_rarer_phrasing_take_it() -> None:
    for one, other in zip(drawn("invoice", "rare_keys"), drawn("invoice"), strict=True):
        assert one.label["invoice_number"] == other.label["invoice_number"]
    words = [
        mark.text.rstrip(" :").casefold()
        for document in drawn("invoice", "rare_keys")
        for mark in texts(document)
        if mark.caption_of == "total"
    ]
    usual = {text.casefold() for language in LANGUAGES for text in data(f"captions/{language}.json")["total"]["usual"]}
    assert sum(word not in usual for word in words) > len(words) * 0.6


ABOVE = ("above", "logo")


@pytest.mark.parametrize("trait", ABOVE)
def test_something_stands_above_the_name_of_a_shop(trait: str) -> None:
    for document in drawn("receipt", trait):
        name = of(document, "seller.name")[0]
        higher = [mark for mark in texts(document) if mark.y < name.y - 1]
        assert higher
        assert not any(mark.paths for mark in higher)
        if trait == "logo":
            assert any(isinstance(mark, Area) and mark.y1 < name.y for mark in document.sheet.pages[0])


def test_the_name_of_a_shop_stands_on_two_lines_or_its_letters_stand_apart() -> None:
    for document in drawn("receipt", "two_line_names"):
        assert len(of(document, "seller.name")) >= 2
    for document in drawn("receipt", "spaced"):
        name, shown = document.label["seller"]["name"], said(document)
        assert name not in [mark.text for mark in of(document, "seller.name")]
        assert " ".join(name.split(" ")[0]) in shown


def test_shops_of_the_rest_of_the_world_have_its_money_and_words() -> None:
    regions = data("regions.json")
    met = set()
    for document in drawn("receipt", "region", count=60):
        known = regions.get(document.language, {})
        if known:
            names = [name for region in known.values() for name in region["names"]]
            assert any(
                re.fullmatch(re.escape(name).replace(r"\{d3\}", r"\d{3}"), document.label["seller"]["name"])
                for name in names
            )
            met.add(document.label["currency"])
    assert len(met - {None}) >= 6
    assert {len(region) for region in regions.values()}
    assert sum(len(known) for known in regions.values()) >= 18


def test_cash_is_rounded_to_the_smallest_coin() -> None:
    rounded = 0
    for document in drawn("receipt", "rounding"):
        label = document.label
        assert round(label["total"] * 100) % 5 == 0
        assert abs(label["rounding"]) < 0.03
        assert of(document, "rounding")
        rounded += label["rounding"] != 0
        before = round(label["total"] - label["rounding"], 2)
        assert any(
            "".join(filter(str.isdigit, mark.text)) == f"{before:.2f}".replace(".", "") for mark in texts(document)
        )
    assert rounded > COUNT * 0.4


def test_service_is_in_the_total_and_told() -> None:
    for document in drawn("receipt", "service"):
        label = document.label
        tax = (
            label["tax"]
            if of(document, "tax") and label["subtotal"] is not None and label["subtotal"] == sum_of(label)
            else 0
        )
        assert label["tip"] is not None
        assert round(sum_of(label) + label["tip"] + tax, 2) == pytest.approx(label["total"], abs=0.011)


def sum_of(label: dict[str, Any]) -> float:
    return float(round(sum(row["amount"] for row in label["line_items"]), 2))


def test_a_tax_summary_has_a_total_of_its_own() -> None:
    met = 0
    for document in drawn("receipt", "tax_total", count=30):
        label = document.label
        if len(label["tax_breakdown"]) > 1:
            assert label["tax"] == pytest.approx(sum(row["amount"] for row in label["tax_breakdown"]), abs=0.001)
            met += 1
    assert met >= 3


def test_items_have_discounts_modifiers_departments_and_numbers() -> None:
    assert (
        sum(row["amount"] < 0 for document in drawn("receipt", "discounts") for row in document.label["line_items"])
        > 10
    )
    notes = [
        text
        for document in drawn("receipt", "modifiers")
        for path in document.accept
        if path.startswith("line_items")
        for text in document.accept[path]
    ]
    assert len(notes) > COUNT
    for document in drawn("receipt", "departments"):
        assert any(mark.text in data("receipt_hard.json")[document.language]["departments"] for mark in texts(document))
    for document in drawn("receipt", "codes"):
        assert any(re.fullmatch(r"\d{6,10}", mark.text) and not mark.paths for mark in texts(document))


def test_items_stand_in_columns_under_their_captions() -> None:
    for document in drawn("receipt", "columns"):
        count = next(mark for mark in texts(document) if mark.caption_of == "line_items.quantity")
        for mark in of(document, "line_items[0].quantity"):
            assert abs((mark.x + mark.width) - (count.x + count.width)) < 1
            assert mark.y > count.y


def test_prices_stand_before_counts_and_rates_behind_amounts() -> None:
    for document in drawn("receipt", "price_first"):
        count, price = of(document, "line_items[0].quantity")[0], of(document, "line_items[0].unit_price")[0]
        assert price.x + price.width < count.x
    for document in drawn("receipt", "rates"):
        amount = of(document, "line_items[0].amount")[0]
        assert any(mark.y == amount.y and mark.text.endswith("%") and mark.x > amount.x for mark in texts(document))


def test_a_card_slip_repeats_the_total() -> None:
    met = 0
    for document in drawn("receipt", "slip"):
        known = data("receipt_hard.json")[document.language]["approved"]
        met += any(mark.text in known for mark in texts(document))
    assert met > COUNT * 0.3


def test_forms_arrive_as_coarse_pixels() -> None:
    assert all(85 <= document.dpi <= 100 for document in drawn("form", "coarse"))
    made = make(
        Order("form", SEED, hard=1.0), next(i for i in range(50) if "coarse" in draw_traits("form", SEED, i, 1.0))
    )
    assert not made.truth["text_layer"]


def rules(document: Document) -> list[Rule]:
    return [mark for page in document.sheet.pages for mark in page if isinstance(mark, Rule)]


def test_lines_of_forms_are_broken_or_lack_their_side_walls() -> None:
    for document, plain in zip(drawn("form", "broken"), drawn("form"), strict=True):
        assert len(rules(document)) > 3 * max(1, len(rules(plain)))
    for document in drawn("form", "open_sides"):
        assert document.story["style"] == "boxed"
        upright = [rule for rule in rules(document) if rule.x0 == rule.x1]
        assert not upright
        assert not any(
            isinstance(mark, Area) and mark.x1 - mark.x0 > 60 and mark.stroke and mark.y0 > 120
            for mark in document.sheet.pages[0]
        )


def test_lines_of_forms_run_through_descenders() -> None:
    for document in drawn("form", "low_entries"):
        entries = [
            mark for mark in texts(document) if any(path.endswith(".value") for path in mark.paths) and not mark.hand
        ]
        level = [rule.y0 for rule in rules(document) if rule.y0 == rule.y1]
        assert all(any(0 < y - mark.y < mark.size * 0.2 for y in level) for mark in entries)


def test_keys_are_numbered_in_tiny_type() -> None:
    for document in drawn("form", "tiny_keys"):
        keys = [mark for mark in texts(document) if any(path.endswith(".key") for path in mark.paths)]
        assert all(re.match(r"\d+\. ", mark.text) and mark.size <= 6.01 for mark in keys)
        assert len(keys) >= 3


def test_entries_stand_in_sentences() -> None:
    for document in drawn("form", "prose"):
        first = data("form_hard.json")[document.language]["prose"][0][0].strip(" ,.")
        assert first in [pair["key"] for pair in document.label["fields"]]


def test_text_runs_up_the_margins() -> None:
    for document in drawn("form", "margin"):
        assert any(abs(mark.angle) == 90 and not mark.paths for mark in document.sheet.texts(0))


def test_a_fax_has_a_cover_sheet() -> None:
    for document in drawn("form", "fax"):
        known = data("form_hard.json")[document.language]["fax"]
        assert document.label["title"] in known["title"]
        assert [box["label"] for box in document.label["checkboxes"]] == known["marks"]
        assert len(document.label["fields"]) == 9


def test_fields_stand_in_two_columns() -> None:
    for document in drawn("form", "two_columns"):
        starts = Counter(round(mark.x) for mark in texts(document) if any(path.endswith(".key") for path in mark.paths))
        assert len(starts) <= 3


def test_questions_stand_in_a_grid_of_yes_and_no() -> None:
    for document in drawn("form", "yes_no"):
        known = data("form_hard.json")[document.language]
        grid = [box for box in document.label["checkboxes"] if box["group"] in known["questions"]]
        assert len(grid) >= 6
        assert {box["label"] for box in grid} == set(known["heads"])
        by_question = Counter(box["group"] for box in grid if box["checked"])
        assert max(by_question.values()) == 1


def test_cells_stand_in_groups() -> None:
    gaps = 0
    for document in drawn("form", "grouped_combs"):
        cells = sorted(
            (mark.y0, mark.x0, mark.x1)
            for mark in document.sheet.pages[0]
            if isinstance(mark, Area) and mark.x1 - mark.x0 < 16 and not mark.paths and mark.stroke
        )
        gaps += sum(2 < right[1] - left[2] < 16 for left, right in pairwise(cells) if left[0] == right[0])
    assert gaps > COUNT * 2


def test_every_difficulty_is_looked_at_here() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    for kind in hard_kinds():
        for trait in chances(kind):
            assert re.search(rf'"{kind}", (?:"\w+", )*"{trait}"', text) or trait in ABOVE, f"{kind}: {trait}"


def test_a_printed_form_has_three_to_twenty_copies_one_behind_the_other() -> None:
    groups = [group_of(index, SEED) for index in range(400)]
    sizes = Counter(group for group, _ in groups)
    sizes.pop(max(sizes))
    assert all(3 <= size <= 20 for size in sizes.values())
    assert len(set(sizes.values())) > 5
    assert [group for group, _ in groups] == sorted(group for group, _ in groups)


def test_what_is_printed_stands_at_the_same_place_in_all_copies_and_what_is_entered_differs() -> None:
    made = [
        (group_of(index, SEED), import_module(KINDS["siblings"]).compose(index, SEED, LANGUAGES)) for index in range(40)
    ]
    by_group: dict[int, list[Document]] = {}
    for (group, _), document in made:
        by_group.setdefault(group, []).append(document)
    for documents in by_group.values():
        assert len({document.facts["template"] for document in documents}) == 1
        printed = {
            frozenset(
                (round(mark.x, 3), round(mark.y, 3), mark.text)
                for mark in texts(document)
                if not any(path.endswith(".value") for path in mark.paths) and mark.text != "X"  # a tick, typed
            )
            for document in documents
        }
        assert len(printed) == 1
        lines = {frozenset((rule.x0, rule.y0, rule.x1) for rule in rules(document)) for document in documents}
        assert len(lines) == 1
        keys = {tuple(pair["key"] for pair in document.label["fields"]) for document in documents}
        assert len(keys) == 1
        if len(documents) > 2:
            entered = {tuple(pair["value"] for pair in document.label["fields"]) for document in documents}
            assert len(entered) > 1


def test_worn_copies_lie_elsewhere_on_their_sheets() -> None:
    made = [make(Order("siblings", SEED, degrade="scan"), index) for index in range(3)]
    assert all("shifted and scaled" in one.truth["degraded"] for one in made)
    tops = {one.truth["boxes"]["title"][0]["box"][1] for one in made}
    assert len(tops) == 3
