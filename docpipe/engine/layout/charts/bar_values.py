"""The values of bars: printed at them, else their lengths against the axis."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import median

from docpipe.engine.layout.charts.axes import Scale, tick_value
from docpipe.engine.layout.charts.bars import Bar, Bars, transposed
from docpipe.engine.layout.charts.categories import below, beside, in_slots, rows_in_slots
from docpipe.engine.layout.charts.chart import Chart, Kind, Point, Series, Value
from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Phrase, phrase
from docpipe.engine.layout.charts.plot import Plot
from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box

NEAR_NOUGHT = 0.03  # of the axis: a base so near to nought is at nought
AGREES = 0.06  # of the axis: a printed value so near to the length of its bar is its own
HUNDRED = 0.03  # by which the sums of bars that fill the whole differ
CENTRED = 0.3  # of the distance of bars: a tick so near to their middles labels them


def bar_chart(plot: Plot, bars: Bars, conventions: Conventions) -> Chart:
    """The series of bars, in the order of the legend, else as they stand."""
    scale = plot.y if bars.upright else plot.x
    labels = labels_of(plot, bars)
    values = _values(plot, bars, scale, conventions)
    paints = _paint_order(plot, bars)
    by_slot: dict[int, list[Bar]] = defaultdict(list)
    for bar in bars.bars:
        by_slot[bars.slot(bar.box.mid_x)].append(bar)
    slots = sorted({*by_slot, *(slot for slot in labels if min(by_slot) - 1 <= slot <= max(by_slot) + 1)})
    single = max(len(each) for each in by_slot.values()) == 1
    legend_says = _legend_says(plot, paints, labels)
    if single and (len(paints) == 1 or not legend_says):
        entries = ((slot, plot.name_of(each[0].paint)) for slot, each in by_slot.items())
        names = {slot: entry.name for slot, entry in entries if entry is not None}
        points = [
            Point(
                labels.get(slot) or names.get(slot),
                _of(by_slot.get(slot, []), values, bars) or _slight(plot, bars, paints[0], slot, scale),
            )
            for slot in slots
        ]
        entry = plot.name_of(paints[0]) if len(paints) == 1 else None
        return Chart(_single_kind(plot, bars), (Series(entry.name if entry else None, tuple(points)),))
    series = []
    for paint in paints:
        entry = plot.name_of(paint)
        points = [
            Point(
                labels.get(slot),
                _of([bar for bar in by_slot.get(slot, []) if bar.paint == paint], values, bars)
                or _slight(plot, bars, paint, slot, scale),
            )
            for slot in slots
        ]
        series.append(Series(entry.name if entry else None, tuple(points)))
    kind: Kind = "grouped_bar"
    if bars.stacked:
        kind = "percent_stacked_bar" if _fills_whole(series, scale) else "stacked_bar"
    return Chart(kind, tuple(series))


def _legend_says(plot: Plot, paints: Sequence[int], labels: dict[int, Phrase]) -> bool:
    """Whether the legend names series rather than the categories once more."""
    names = {entry.name.text for paint in paints if (entry := plot.name_of(paint)) is not None}
    return len(names) > 1 and bool(labels) and not names & {label.text for label in labels.values()}


def _single_kind(plot: Plot, bars: Bars) -> Kind:
    """Bars that touch, between the ticks of an axis of values, are a histogram's."""
    along = plot.x if bars.upright else plot.y
    if along is None or len(bars.bars) < 4:
        return "bar"
    width = median(bar.box.width for bar in bars.bars)
    edges = [abs((tick.at - bars.first) / bars.pitch % 1.0 - 0.5) for tick in along.ticks]
    between = sum(edge < CENTRED / 2 for edge in edges) > 0.7 * len(edges)
    return "histogram" if width > 0.93 * bars.pitch and between else "bar"


def labels_of(plot: Plot, bars: Bars) -> dict[int, Phrase]:
    """Number of a category -> its label."""
    along = plot.x if bars.upright else plot.y
    used = set(plot.used)
    for tick in along.ticks if along is not None else ():
        used -= {token.index for token in tick.label.tokens}
    left = min(bar.box.left for bar in bars.bars)
    right = max(bar.box.right for bar in bars.bars)
    if not bars.upright:
        edge = min(*(bar.box.top for bar in bars.bars), bars.base)
        return rows_in_slots(beside(plot.picture, edge, (left, right), used), bars.slot)
    floor = max(bar.box.bottom for bar in bars.bars)
    if plot.y is not None:
        floor = max(floor, *(tick.at for tick in plot.y.ticks))
    found = below(plot.picture, floor - 1, (left - bars.pitch, right + bars.pitch), used)
    return in_slots(found, bars.slot, bars.pitch, plot.em)


def _paint_order(plot: Plot, bars: Bars) -> list[int]:
    """Paints in the order of the legend; those it lacks as they stand: from the left, or from the base."""
    paints = {bar.paint for bar in bars.bars}
    listed = [entry.paint for entry in plot.legend if entry.paint in paints]
    place: dict[int, list[float]] = defaultdict(list)
    for bar in bars.bars:
        off = bar.box.mid_x - bars.first - bars.slot(bar.box.mid_x) * bars.pitch
        place[bar.paint].append(abs(bar.box.mid_y - bars.base) if bars.stacked else off)
    rest = sorted(paints - set(listed), key=lambda paint: median(place[paint]))
    return [*listed, *rest]


def _slight(plot: Plot, bars: Bars, paint: int, slot: int, scale: Scale | None) -> Value | None:
    """A bar too short to be seen as a rectangle: the few pixels of its paint there, or none."""
    if scale is None or scale.log or abs(scale.value(bars.base)) > NEAR_NOUGHT * scale.span:
        return None
    middle, half = bars.first + slot * bars.pitch, bars.pitch / 2
    mask = plot.paints[paint].mask if bars.upright else plot.paints[paint].mask.T
    strip = mask[:, max(0, int(middle - half)) : int(middle + half) + 1]
    width = median(bar.box.width for bar in bars.bars)
    rows = int((strip.sum(axis=1) > 0.5 * width).sum())
    if rows > 2 * PARAMS.bars.least_side_px:
        return None
    step = abs(scale.value(bars.base + 1) - scale.value(bars.base))
    box = Box(middle - half, bars.base - 1, middle + half, bars.base + 1)
    return Value(rows * step, scale.decimals(bars.base), box if bars.upright else transposed(box), "estimated")


def _of(bars: Sequence[Bar], values: dict[int, Value | None], base: Bars) -> Value | None:
    """The value of the bars of one paint in one category."""
    found = [value for bar in bars if (value := values[base.bars.index(bar)]) is not None]
    if len(found) == 1:
        return found[0]
    if found:
        return Value(sum(value.number for value in found), found[0].decimals, found[0].box, "estimated")
    return None


def _values(plot: Plot, bars: Bars, scale: Scale | None, conventions: Conventions) -> dict[int, Value | None]:
    """Place of a bar among all -> its value."""
    prints = [_print(plot, bars, bar, conventions) for bar in bars.bars]
    lengths = [bar.box.height for bar in bars.bars]
    if scale is None:
        return _by_prints(bars, prints, lengths)
    found: dict[int, Value | None] = {}
    for at, (bar, pair) in enumerate(zip(bars.bars, prints, strict=True)):
        number = _measured(bars, bar, scale)
        box = bar.box if bars.upright else transposed(bar.box)
        value = Value(number, scale.decimals(bar.box.top if bars.upright else bar.box.bottom), box, "measured")
        if pair is not None and abs(pair[0] - number) <= AGREES * (scale.span or 1):
            value = Value(pair[0], _decimals(pair[1].text), pair[1].box, "printed", pair[1])
        found[at] = value
    return found


def _by_prints(
    bars: Bars, prints: Sequence[tuple[float, Phrase] | None], lengths: Sequence[float]
) -> dict[int, Value | None]:
    """Without an axis: what is printed at the bars; the lengths of those with prints measure the others."""
    ratios = [pair[0] / length for pair, length in zip(prints, lengths, strict=True) if pair is not None and length > 2]
    ratio = median(ratios) if len(ratios) > 1 else None
    found: dict[int, Value | None] = {}
    for at, (bar, pair) in enumerate(zip(bars.bars, prints, strict=True)):
        box = bar.box if bars.upright else transposed(bar.box)
        if pair is not None:
            found[at] = Value(pair[0], _decimals(pair[1].text), pair[1].box, "printed", pair[1])
        else:
            found[at] = None if ratio is None else Value(ratio * lengths[at], 1, box, "estimated")
    return found


def _measured(bars: Bars, bar: Bar, scale: Scale) -> float:
    """The value of a bar: where its far end is; of a part of a stack its own length."""
    if scale.log:
        return scale.value(_far(bars, bar))
    far = _far(bars, bar)
    if bar.on_base:
        return scale.value(far)
    near = bar.box.bottom if far == bar.box.top else bar.box.top
    return scale.value(far) - scale.value(near)


def _far(bars: Bars, bar: Bar) -> float:
    """The end away from the base."""
    return bar.box.top if abs(bar.box.top - bars.base) > abs(bar.box.bottom - bars.base) else bar.box.bottom


def _print(plot: Plot, bars: Bars, bar: Bar, conventions: Conventions) -> tuple[float, Phrase] | None:
    """The number at the far end of a bar, or on it."""
    reach = PARAMS.bars.label_em * plot.em
    far, box = _far(bars, bar), bar.box
    middle = box.width / 2 + 0.2 * plot.em
    wide = Box(box.mid_x - middle, min(box.top, far - reach), box.mid_x + middle, max(box.bottom, far + reach))
    if not bars.upright:
        reach = 3.2 * plot.em
        wide = Box(box.mid_x - middle, min(box.top, far - reach), box.mid_x + middle, max(box.bottom, far + reach))
        wide = transposed(wide)
    nearest: tuple[float, float, Phrase] | None = None
    for label in _numbers(plot, wide):
        number = tick_value(label.text, conventions)
        if number is None:
            continue
        along = label.box.mid_y if bars.upright else label.box.mid_x
        off = abs(along - far)
        if nearest is None or off < nearest[0]:
            nearest = (off, number, label)
    return None if nearest is None else (nearest[1], nearest[2])


def _numbers(plot: Plot, box: Box) -> Iterable[Phrase]:
    for label in plot.picture.phrases:
        if box.holds(label.box.mid_x, label.box.mid_y) and not any(token.index in plot.used for token in label.tokens):
            yield label
            if len(label.tokens) > 1:
                yield from (phrase((token,)) for token in label.tokens if box.holds(token.box.mid_x, token.box.mid_y))


def _decimals(text: str) -> int:
    tail = text.rstrip("%) ").replace(",", ".").rpartition(".")
    return len(tail[2]) if tail[1] and len(tail[2]) < 3 and tail[2].isdigit() else 0


def _fills_whole(series: Sequence[Series], scale: Scale | None) -> bool:
    """Whether the parts of every category come to one sum, and that is a hundred per cent."""
    if scale is None or not (scale.percent or abs(scale.most - 100) < 1e-9 or abs(scale.most - 1) < 1e-9):
        return False
    sums = []
    for at in range(len(series[0].points)):
        parts = [line.points[at].y for line in series]
        sums.append(sum(part.number for part in parts if part is not None))
    return all(abs(total - scale.most) <= HUNDRED * scale.most for total in sums)
