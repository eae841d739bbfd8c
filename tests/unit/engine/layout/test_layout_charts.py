"""Charts are read off their pixels: kinds, names, values, and what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docpipe.records import Page, Reply
from docpipe.resolve.plotted import unplotted
from docpipe.schema.load import load_schema
from tests.unit.engine.layout.conftest import Print, reply_of
from tests.unit.engine.layout.drawn_charts import BLUE, GREEN, GREY, ORANGE, bars, drawn, foot, height, pie, ticks

SCALE = ticks("100", "75", "50", "25", "0")
NAMES = foot("Oslo", "Rome", "Bern", "Kiev")
LEGEND: list[Print] = [(290, 60, "North"), (290, 80, "South")]
SAMPLES = [(278.0, 61.0, 286.0, 69.0, BLUE), (278.0, 81.0, 286.0, 89.0, ORANGE)]
NEAR = 1.5  # of an axis to 100; half of what a chart may be off


def replied(page: Page) -> Reply:
    return reply_of(load_schema("chart").document, [page])


def read(page: Page) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(replied(page).text)
    return value


def shown(chart: dict[str, Any]) -> dict[str | None, dict[str, float]]:
    return {line["name"]: {point["x"]: point["y"] for point in line["points"]} for line in chart["series"]}


def close(values: list[float]) -> list[Any]:
    return [pytest.approx(value, abs=NEAR) for value in values]


def test_bars_are_measured_against_the_ticks() -> None:
    page = drawn([*SCALE, *NAMES, (110, 10, "Harvest by town")], bars([20, 80, 55, 5], BLUE))
    chart = read(page)
    assert (chart["chart_type"], chart["title"]) == ("bar", "Harvest by town")
    assert list(shown(chart)[None]) == ["Oslo", "Rome", "Bern", "Kiev"]
    assert list(shown(chart)[None].values()) == close([20, 80, 55, 5])
    methods = {span.method for span in replied(page).spans if span.path.endswith(".y")}
    assert methods == {"chart_measured"}


def test_a_misread_tick_is_thrown_out() -> None:
    wrong = [(x, y, "175" if text == "75" else text) for x, y, text in SCALE]
    assert list(shown(read(drawn([*wrong, *NAMES], bars([20, 80, 55, 5], BLUE))))[None].values()) == close(
        [20, 80, 55, 5]
    )


def test_bars_side_by_side_have_the_names_of_the_legend() -> None:
    areas = [*bars([20, 80, 55, 5], BLUE, of=2), *bars([40, 10, 35, 90], ORANGE, place=1, of=2), *SAMPLES]
    chart = read(drawn([*SCALE, *NAMES, *LEGEND], areas))
    assert chart["chart_type"] == "grouped_bar"
    assert list(shown(chart)["North"].values()) == close([20, 80, 55, 5])
    assert list(shown(chart)["South"].values()) == close([40, 10, 35, 90])


def test_a_part_of_a_stack_has_its_own_height() -> None:
    low, high = [20.0, 40.0, 55.0, 15.0], [40.0, 10.0, 35.0, 60.0]
    chart = read(drawn([*SCALE, *NAMES, *LEGEND], [*bars(low, BLUE), *bars(high, ORANGE, base=low), *SAMPLES]))
    assert chart["chart_type"] == "stacked_bar"
    assert list(shown(chart)["South"].values()) == close(high)


def test_parts_that_fill_a_hundred_per_cent_are_told_from_others() -> None:
    low, high = [20.0, 40.0, 55.0, 15.0], [80.0, 60.0, 45.0, 85.0]
    chart = read(drawn([*SCALE, *NAMES, *LEGEND], [*bars(low, BLUE), *bars(high, ORANGE, base=low), *SAMPLES]))
    assert chart["chart_type"] == "percent_stacked_bar"


def test_bars_below_nought_are_negative() -> None:
    areas = [
        (70, 90, 100, 140, BLUE),
        (120, 140, 150, 190, BLUE),
        (170, 60, 200, 140, BLUE),
        (220, 140, 250, 150, BLUE),
    ]
    chart = read(drawn([*ticks("100", "50", "0", "-50", "-100"), *NAMES], areas))
    assert list(shown(chart)[None].values()) == [pytest.approx(value, abs=3) for value in (50, -50, 80, -10)]


def test_lying_bars_have_their_categories_beside_them() -> None:
    prints = [(30, 55 + 50 * at, name) for at, name in enumerate(("Oslo", "Rome", "Bern", "Kiev"))]
    prints += [(60 + 50 * at - 2.75 * len(text), 254, text) for at, text in enumerate(("0", "25", "50", "75", "100"))]
    areas = [(60, 48 + 50 * at, 60 + 2 * value, 76 + 50 * at, GREEN) for at, value in enumerate((90, 15, 50, 70))]
    chart = read(drawn(prints, areas))
    assert shown(chart)[None] == dict(zip(("Oslo", "Rome", "Bern", "Kiev"), close([90, 15, 50, 70]), strict=True))


def test_a_printed_value_is_preferred_to_the_height_of_its_bar() -> None:
    values = [20.4, 80.3, 55.2, 35.1]
    prints = [(72 + 50 * at, height(value) - 14, f"{value}") for at, value in enumerate(values)]
    page = drawn([*SCALE, *NAMES, *prints], bars(values, BLUE))
    assert list(shown(read(page))[None].values()) == values
    assert {span.method for span in replied(page).spans if span.path.endswith(".y")} == {"chart_printed"}


def test_the_background_of_a_plot_is_no_bar() -> None:
    areas = [(60.0, 40.0, 260.0, 240.0, GREY), *bars([20, 80, 55, 5], BLUE)]
    assert list(shown(read(drawn([*SCALE, *NAMES], areas)))[None].values()) == close([20, 80, 55, 5])


def test_labels_that_were_read_as_one_word_are_parted() -> None:
    joined = [NAMES[0], (119.25, 254.0, "RomeBern".center(8)), NAMES[3]]
    page = drawn([*SCALE, *joined], bars([20, 80, 55, 5], BLUE))
    words = tuple(
        word
        if word.text != "RomeBern"
        else word.__class__(
            word.text, word.box._replace(left=125 / 595.28, right=195 / 595.28), word.line, size=word.size
        )
        for word in page.words
    )
    from dataclasses import replace

    assert list(shown(read(replace(page, words=words)))[None]) == ["Oslo", "Rome", "Bern", "Kiev"]


def test_a_line_is_read_at_its_categories() -> None:
    points = [(60 + 50 * (at + 0.5), height(value)) for at, value in enumerate((20, 80, 55, 35))]
    chart = read(drawn([*SCALE, *NAMES], lines=[(points, ORANGE)]))
    assert chart["chart_type"] == "line"
    assert list(shown(chart)[None].values()) == [pytest.approx(value, abs=3) for value in (20, 80, 55, 35)]


def test_the_slices_of_a_pie_are_shares_and_a_hole_makes_it_a_ring() -> None:
    parts = [(0.5, BLUE), (0.3, ORANGE), (0.2, GREEN)]
    legend: list[Print] = [(290, 60, "North"), (290, 80, "South"), (290, 100, "West")]
    samples = [*SAMPLES, (278.0, 101.0, 286.0, 109.0, GREEN)]
    chart = read(pie(drawn(legend, samples), parts))
    assert chart["chart_type"] == "pie"
    assert shown(chart)[None] == dict(zip(("North", "South", "West"), close([50, 30, 20]), strict=True))
    assert read(pie(drawn(legend, samples), parts, hole=0.5))["chart_type"] == "donut"


def test_a_page_without_marks_has_no_series_and_that_is_an_error() -> None:
    chart = read(drawn([(60, 40, "A letter"), (60, 60, "without any chart")]))
    assert chart["series"] == []
    broken = list(unplotted(load_schema("chart"), chart))
    assert [(each.rule, each.severity) for each in broken] == [("empty_series", "error")]


def test_a_point_without_a_value_is_told() -> None:
    points = [{"x": "Oslo", "y": 3}, {"x": "Rome", "y": None}]
    (told,) = unplotted(load_schema("chart"), {"series": [{"name": None, "points": points}]})
    assert (told.rule, told.paths) == ("unread_point", ("series[0].points[1].y",))
    (empty,) = unplotted(load_schema("chart"), {"series": [{"name": "North", "points": points[1:]}]})
    assert (empty.rule, empty.severity) == ("empty_series", "error")
