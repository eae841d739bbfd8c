"""The chart of a document under its schema: rows of series and of their points, and the texts around it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.charts.chart import Chart, Kind, Point, Value
from docpipe.engine.layout.charts.picture import Phrase, Picture
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.weights import weights
from docpipe.page.lines import Token, segment
from docpipe.schema.nodes import Node

if TYPE_CHECKING:
    from docpipe.engine.layout.document import Document

CHART_SERIES, CHART_TEXT = "chart_series", "chart_text"
SURE = weights("chart")  # by the kind of evidence
NEXT_BEST: Mapping[Kind, Kind] = {"percent_stacked_bar": "stacked_bar", "histogram": "bar"}
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Found:
    """The chart of a page."""

    chart: Chart
    picture: Picture
    page: int


@dataclass(frozen=True, slots=True)
class ChartArray:
    """An array of series: its path, that of the points in it, and the fields of both; None where there are none."""

    path: str
    points: str
    name: tuple[str, Node] | None
    x: tuple[str, Node] | None
    y: tuple[str, Node] | None


def chart_array(path: str, array: Node) -> ChartArray | None:
    """The parts of an array of the role "chart_series": the first text is a series' name; of a point the first text or
    date is its place, the first number its value.
    """
    assert array.item is not None
    name = next(((f"{path}.{node.name}", node) for node in array.item.children if node.kind == "string"), None)
    for below, points in array.item.arrays(path):
        if points.item is not None and points.item.kind == "object":
            fields = [(f"{below}.{node.name}", node) for node in points.item.children]
            y = next((each for each in reversed(fields) if each[1].kind in ("number", "integer")), None)
            x = next((each for each in fields if each != y), None)
            return ChartArray(path, below, name, x, y)
    return None


def read_charts(document: Document) -> list[Rows]:
    """A row a series, with its points."""
    found = document.chart
    if found is None:
        return []
    series = range(len(found.chart.series))
    return [
        Rows(array.path, found.page, tuple(_series_row(array, found, at) for at in series), ())
        for array in document.schema.charts
    ]


def _series_row(array: ChartArray, found: Found, at: int) -> Row:
    series = found.chart.series[at]
    row: dict[str, Leaf] = {}
    if array.name is not None and series.name is not None:
        row[array.name[0]] = _text(found, series.name, SURE["name"])
    for number, point in enumerate(series.points):
        row |= _of_point(f"{array.points}[{number}]", array, found, point)
    return row


def _of_point(place: str, array: ChartArray, found: Found, point: Point) -> Row:
    row: dict[str, Leaf] = {}
    if array.x is not None and point.x is not None:
        path = place + array.x[0].removeprefix(array.points)
        if isinstance(point.x, Phrase):
            row[path] = _text(found, point.x, SURE["label"])
        else:
            row[path] = _number(found, point.x, array.x[1])
    if array.y is not None and point.y is not None:
        row[place + array.y[0].removeprefix(array.points)] = _number(found, point.y, array.y[1])
    return row


def _text(found: Found, text: Phrase, score: float) -> Leaf:
    return Leaf(text.text, found.picture.printed(text.tokens), found.page, score, CHART_SERIES)


def _number(found: Found, value: Value, node: Node) -> Leaf:
    """A value with as many decimals as it deserves; its evidence is its print, or its mark."""
    number = round(Decimal(repr(value.number)), value.decimals) + 0
    tokens: tuple[Token, ...] = (found.picture.mark(value.box),)
    if value.label is not None and value.evidence == "printed":
        tokens = found.picture.printed(value.label.tokens)
    written = number if node.kind in ("number", "integer") else f"{number:f}"
    return Leaf(written, tokens, found.page, SURE[value.evidence] * found.chart.sure, f"chart_{value.evidence}")


def chart_texts(document: Document) -> Iterator[Candidate]:
    """The kind of the chart, its title and the titles of its axes, for the fields that have these roles."""
    found = document.chart
    if found is None:
        return
    chart = found.chart
    printed = {"title": chart.title, "x_axis": chart.x_axis, "y_axis": chart.y_axis}
    for field in document.schema.scalars:
        text = printed.get(field.node.role)
        if text is not None and len(text.text) <= (field.node.max_length or len(text.text)):
            tokens = found.picture.printed(text.tokens)
            at = segment(tokens, found.page, 0)
            yield Candidate(field, Reading(text.text, tokens, 1.0), at, CHART_TEXT, (), SURE["text"], shared=True)
        elif field.node.role == "chart_type":
            kind = _named(chart.kind, field.node)
            if kind is not None:
                tokens = (found.picture.mark(found.picture.panel),)
                at = segment(tokens, found.page, 0)
                score = SURE["kind"] * chart.sure
                yield Candidate(field, Reading(kind, tokens, 1.0), at, CHART_TEXT, (), score, shared=True)


def _named(kind: Kind, node: Node) -> str | None:
    """The kind as the schema names it; the kind that it is a case of, or "other", where the schema knows no better."""
    if not node.enum:
        return kind
    return next((name for name in (kind, NEXT_BEST.get(kind), OTHER) if name in node.enum), None)
