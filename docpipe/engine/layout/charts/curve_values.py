"""The values of lines, areas and points: their places against the axes."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.engine.layout.charts.axes import Scale, tick_value
from docpipe.engine.layout.charts.categories import anchor, below
from docpipe.engine.layout.charts.chart import Chart, Point, Series, Value
from docpipe.engine.layout.charts.curves import Area, Cloud, Curve
from docpipe.engine.layout.charts.picture import Phrase, phrase
from docpipe.engine.layout.charts.plot import Plot
from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box

PRINT_EM = 1.8  # a printed value stands so near to its point
SEAM_PX = 6.0  # an outline between areas is no thicker
AGREES = 0.06  # of the axis


def places_of(plot: Plot, right: float = 0.0) -> list[tuple[Phrase, float]]:
    """(label, its place) of every category along the bottom; `right`: where the marks end."""
    used = set(plot.used)
    for tick in plot.x.ticks if plot.x is not None else ():
        used -= {token.index for token in tick.label.tokens}
    floor = max(tick.at for tick in plot.y.ticks) if plot.y is not None else plot.box.bottom
    reach = 0.0 if plot.y is None else 1.4 * plot.y.step_px  # the last tick may be unread
    labels = below(plot.picture, floor + 1, (plot.box.left, right or plot.box.right), used, reach)
    return _evened([(label, anchor(label, plot.em)) for label in labels], plot)


def _evened(places: list[tuple[Phrase, float]], plot: Plot) -> list[tuple[Phrase, float]]:
    """Wrapped labels joined: what stands right below another belongs to it."""
    joined: list[tuple[Phrase, float]] = []
    for label, place in sorted(places, key=lambda each: (round(each[1] / plot.em), each[0].box.top)):
        last = joined[-1] if joined else None
        if (
            last is not None
            and not label.turned
            and abs(place - last[1]) < 0.8 * plot.em
            and label.box.top > last[0].box.mid_y
        ):
            joined[-1] = (phrase((*last[0].tokens, *label.tokens)), (place + last[1]) / 2)
        else:
            joined.append((label, place))
    return joined


def line_chart(plot: Plot, curves: Sequence[Curve], conventions: Conventions) -> Chart:
    """A series a line, a point a category."""
    places = places_of(plot, max(curve.box.right for curve in curves))
    names = _names(plot, curves)
    series = []
    for curve in _ordered(plot, curves):
        points = [
            Point(label, _height(plot, curve, place, plot.y, conventions, alone=len(curves) == 1))
            for label, place in places
            if curve.box.left - plot.em <= place <= curve.box.right + plot.em
        ]
        series.append(Series(names[curve.paint], tuple(points)))
    return Chart("line", tuple(series))


def _names(plot: Plot, curves: Sequence[Curve]) -> dict[int, Phrase | None]:
    """Paint -> the name of its line. As many lines as entries are left over belong together, from dark to light."""
    names = {curve.paint: _name(plot, curve.paint, curve) for curve in curves}
    nameless = [curve.paint for curve in curves if names[curve.paint] is None]
    left = [entry for entry in plot.legend if entry.paint not in names]
    if len(left) == len(nameless):
        light = sorted(nameless, key=lambda paint: sum(plot.paints[paint].colour))
        for paint, entry in zip(
            light, sorted(left, key=lambda entry: sum(plot.paints[entry.paint].colour)), strict=True
        ):
            names[paint] = entry.name
    return names


def _ordered(plot: Plot, curves: Sequence[Curve]) -> list[Curve]:
    listed = {entry.paint: at for at, entry in enumerate(plot.legend)}
    return sorted(curves, key=lambda curve: (listed.get(curve.paint, len(listed)), curve.box.top))


def _name(plot: Plot, paint: int, curve: Curve | None = None) -> Phrase | None:
    """The name in the legend; else the words right behind the line's last point."""
    entry = plot.name_of(paint)
    if entry is not None or curve is None:
        return entry.name if entry is not None else None
    end = curve.at(curve.box.right - 2)
    if end is None:
        return None
    near = [
        label
        for label in plot.picture.phrases
        if not label.turned
        and -1 <= label.box.left - curve.box.right <= 2.5 * plot.em
        and abs(label.box.mid_y - end[0]) < 0.9 * plot.em
        and any(map(str.isalpha, label.text)) | (plot.legend == [] and len(label.text) == 4)
    ]
    return min(near, key=lambda label: abs(label.box.mid_y - end[0]), default=None)


def height_of(plot: Plot, curve: Curve, place: float, scale: Scale | None, conventions: Conventions) -> Value | None:
    """The value of a line at a place."""
    return _height(plot, curve, place, scale, conventions, alone=False)


def _height(
    plot: Plot, curve: Curve, place: float, scale: Scale | None, conventions: Conventions, *, alone: bool
) -> Value | None:
    found = curve.at(place)
    if found is None:
        return None
    y, seen = found
    printed = _print(plot, place, y, conventions) if alone else None
    if scale is None:
        return printed
    number = scale.value(y)
    if printed is not None and abs(printed.number - number) <= AGREES * scale.span:
        return printed
    box = Box(place - 3, y - 3, place + 3, y + 3)
    return Value(number, scale.decimals(y), box, "measured" if seen else "estimated")


def _print(plot: Plot, x: float, y: float, conventions: Conventions) -> Value | None:
    """The number right above or below a point."""
    best: tuple[float, Value] | None = None
    for label in plot.picture.phrases:
        off_x, off_y = abs(label.box.mid_x - x), abs(label.box.mid_y - y)
        if off_x > 1.2 * plot.em or off_y > PRINT_EM * plot.em or any(t.index in plot.used for t in label.tokens):
            continue
        number = tick_value(label.text, conventions)
        if number is not None and (best is None or off_x + off_y < best[0]):
            tail = label.text.rstrip("% ").replace(",", ".").rpartition(".")
            decimals = len(tail[2]) if tail[1] and len(tail[2]) < 3 and tail[2].isdigit() else 0
            best = (off_x + off_y, Value(number, decimals, label.box, "printed", label))
    return None if best is None else best[1]


def area_chart(plot: Plot, areas: Sequence[Area]) -> Chart:
    """A series an area; of those that stand on another the depth is the value."""
    listed = {entry.paint: at for at, entry in enumerate(plot.legend)}
    series = []
    for area in sorted(areas, key=lambda area: listed.get(area.paint, len(listed))):
        points = []
        for label, place in places_of(plot, max(each.box.right for each in areas)):
            if not area.box.left - plot.em <= place <= area.box.right + plot.em:
                continue
            inside = min(max(place, area.box.left + 1), area.box.right - 2)
            points.append(Point(label, _depth(plot, area, areas, inside, area.at(inside))))
        series.append(Series(_name(plot, area.paint), tuple(points)))
    return Chart("area", tuple(series))


def _depth(
    plot: Plot, area: Area, areas: Sequence[Area], place: float, edges: tuple[float, float, bool] | None
) -> Value | None:
    if edges is None or plot.y is None:
        return None
    top, bottom, seen = edges
    scale = plot.y
    for other in areas:  # an outline between two areas belongs half to either
        theirs = other.at(place) if other is not area else None
        if theirs is not None and 0 < theirs[0] - bottom <= SEAM_PX:
            bottom = (theirs[0] + bottom) / 2
        elif theirs is not None and 0 < top - theirs[1] <= SEAM_PX:
            top = (top + theirs[1]) / 2
    number = scale.value(top) - scale.value(bottom)
    if area is areas[-1] and not scale.log:
        number = scale.value(top) - (scale.value(bottom) if abs(scale.value(bottom)) < 0.04 * scale.span else 0.0)
    box = Box(place - 2, top, place + 2, max(bottom, top + 1))
    return Value(number, scale.decimals(top), box, "measured" if seen else "estimated")


def scatter_chart(plot: Plot, clouds: Sequence[Cloud]) -> Chart:
    """A series a paint, a point a mark, from the left."""
    listed = {entry.paint: at for at, entry in enumerate(plot.legend)}
    series = []
    for cloud in sorted(clouds, key=lambda cloud: listed.get(cloud.paint, len(listed))):
        points = []
        for piece in sorted(cloud.points, key=lambda piece: (piece.x, piece.y)):
            x, y = piece.x + 0.5, piece.y + 0.5
            across = None if plot.x is None else Value(plot.x.value(x), plot.x.decimals(x), piece.box, "measured")
            up = None if plot.y is None else Value(plot.y.value(y), plot.y.decimals(y), piece.box, "measured")
            points.append(Point(across, up))
        series.append(Series(_name(plot, cloud.paint), tuple(points)))
    return Chart("scatter", tuple(series))
