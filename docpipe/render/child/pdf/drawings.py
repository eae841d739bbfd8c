"""The drawn things of a PDF page: rules, filled areas, images and form fields."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from docpipe.render.child.pdf.mupdf import pymupdf

RULE_PT = 2.5  # a filled area thinner than this is a line somebody drew
STRAIGHT_PT = 1.0  # a stroke that leaves its axis by less is straight
WHOLE_PAGE = 0.95  # a fill of more than this share is the paper
PAPER = 0.98  # a channel above this is white

Corners = tuple[float, float, float, float]


def rules_and_fills(page: pymupdf.Page) -> tuple[list[Corners], list[Corners]]:
    """(rules, fills) in 1/72 inch of the page as rotated; curves are left out."""
    rules: list[Corners] = []
    fills: list[Corners] = []
    page_area = abs(page.rect.get_area())
    for path in page.get_cdrawings():
        if "f" in path["type"] and _is_ink(path):
            for area in _areas(path["items"]):
                x0, y0, x1, y1 = area
                if min(x1 - x0, y1 - y0) <= RULE_PT:
                    rules.append(area)
                elif (x1 - x0) * (y1 - y0) < WHOLE_PAGE * page_area:
                    fills.append(area)
        if "s" in path["type"]:
            rules.extend(_strokes(path["items"]))
    return _turned(page, rules), _turned(page, fills)


def images(display: pymupdf.DisplayList) -> list[Corners]:
    """Where images lie, in 1/72 inch of the page as rotated."""
    page = pymupdf.TextPage(display.get_textpage(pymupdf.TEXT_PRESERVE_IMAGES))
    return [tuple(image["bbox"]) for image in page.extractIMGINFO()]


def widgets(page: pymupdf.Page, most: int) -> list[tuple[Corners, str, str, str, bool | None]]:
    """(corners, kind, name, value, checked) of at most `most` form fields; kinds in lower case."""
    fields: list[tuple[Corners, str, str, str, bool | None]] = []
    for widget in page.widgets() or ():
        if len(fields) >= most:
            break
        (corners,) = _turned(page, [tuple(widget.rect)])
        value = "" if widget.field_value is None else str(widget.field_value)
        kind = str(widget.field_type_string).lower()
        checked = _is_checked(page, widget) if kind in ("checkbox", "radiobutton") else None
        fields.append((corners, kind, widget.field_name or "", value, checked))
    return fields


def _is_checked(page: pymupdf.Page, widget: pymupdf.Widget) -> bool:
    """What the page paints: the appearance state of the button's own annotation (PDF 1.7, 12.7.4.2.3).

    Every button of a radio group has the group's value; only one has a state other than Off.
    """
    _, state = page.parent.xref_get_key(widget.xref, "AS")
    return state not in ("null", "/Off")


def _is_ink(path: dict[str, Any]) -> bool:
    color = path.get("fill") or (0.0,)
    return path.get("fill_opacity", 1.0) > 0 and min(color) < PAPER


def _areas(items: Sequence[Sequence[Any]]) -> Iterator[Corners]:
    """The rectangles that a filled path is made of, whether drawn as such or line by line."""
    lines = [item for item in items if item[0] == "l"]
    for item in items:
        if item[0] in ("re", "qu"):
            yield _around(_points(item))
    if len(lines) in (3, 4) and len(lines) == len(items) and all(map(_straight, lines)):
        yield _around([point for line in lines for point in line[1:3]])


def _strokes(items: Iterable[Sequence[Any]]) -> Iterator[Corners]:
    for item in items:
        if item[0] == "l" and _straight(item):
            yield _around(item[1:3])
        elif item[0] in ("re", "qu"):
            x0, y0, x1, y1 = _around(_points(item))
            yield x0, y0, x1, y0
            yield x0, y1, x1, y1
            yield x0, y0, x0, y1
            yield x1, y0, x1, y1


def _straight(line: Sequence[Any]) -> bool:
    (x0, y0), (x1, y1) = line[1:3]
    return bool(min(abs(x1 - x0), abs(y1 - y0)) <= STRAIGHT_PT)


def _points(item: Sequence[Any]) -> list[Sequence[float]]:
    shape = item[1]
    if item[0] == "re":
        return [shape[:2], shape[2:]]
    return list(shape)


def _around(points: Iterable[Sequence[float]]) -> Corners:
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _turned(page: pymupdf.Page, boxes: Iterable[Corners]) -> list[Corners]:
    """MuPDF reports drawings and fields as if the page were not rotated."""
    if page.rotation == 0:
        return list(boxes)
    return [tuple(pymupdf.Rect(corners) * page.rotation_matrix) for corners in boxes]
