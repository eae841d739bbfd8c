"""From a picture to the chart on it: axes, legend, marks, and what is written around them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docpipe.engine.layout.charts.axes import label_boxes, scales
from docpipe.engine.layout.charts.bar_values import bar_chart, labels_of
from docpipe.engine.layout.charts.bars import Bars, bars_of, transposed
from docpipe.engine.layout.charts.chart import Chart, Point, Series
from docpipe.engine.layout.charts.curve_values import area_chart, height_of, line_chart, scatter_chart
from docpipe.engine.layout.charts.curves import Curve, areas_of, clouds_of, curves_of, lies_along
from docpipe.engine.layout.charts.legend import legend_of
from docpipe.engine.layout.charts.paints import paints_of
from docpipe.engine.layout.charts.picture import Picture
from docpipe.engine.layout.charts.plot import Plot, plot_of
from docpipe.engine.layout.charts.rounds import pie_of
from docpipe.engine.layout.charts.texts import across_title, heading_of, title_of, upward_title, used_by
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.page.box import Box

BARS_SHARE = 0.5  # of the pixels of their paints, and of what could be areas, that bars cover at least
UNSURE = {  # shares of such values that are right, over the share of all
    "combined": weight("chart.sure_combined"),  # which of two axes a line is read against
    "several_areas": weight("chart.sure_several_areas"),  # whether they stand on each other or one behind another
    "nameless": weight("chart.sure_nameless"),  # several series, some without a name
}


def chart_of(picture: Picture, conventions: Conventions) -> Chart | None:
    """The chart on a picture; None where no marks are found."""
    paints = paints_of(picture)
    if not paints:
        return None
    legend = legend_of(picture, paints, ())
    axes = scales(picture, conventions, used_by([entry.name for entry in legend] if len(legend) > 1 else ()))
    if len(legend) < 2:
        legend = legend_of(picture, paints, label_boxes((*axes[0][:1], *axes[1][:2])))
    plot = plot_of(picture, paints, legend, axes)
    whole = plot_of(picture, paints, legend, ([], []))
    chart = pie_of(whole, conventions)
    if chart is not None:
        return chart
    chart, bars = _marks(plot, conventions)
    if chart is None or not chart.points:
        return chart
    return _titled(chart, plot, _box(plot, chart, bars))


def _marks(plot: Plot, conventions: Conventions) -> tuple[Chart | None, Bars | None]:
    """The kind whose marks explain the most of what is painted."""
    bars = bars_of(plot)
    taken = {bar.paint for bar in bars.bars} if bars is not None else set()
    areas = areas_of(plot, ())
    of_areas = sum(int(plot.paints[area.paint].mask.sum()) for area in areas)
    own = sum(int(plot.paints[at].mask.sum()) for at in taken)
    if bars is not None and bars.area > BARS_SHARE * max(of_areas, own):
        lines = curves_of(plot, taken) if bars.upright else []
        curves = [curve for curve in lines if not lies_along(plot, curve, taken)]
        return _with_lines(bar_chart(plot, bars, conventions), plot, bars, curves, conventions), bars
    if areas:
        sure = UNSURE["several_areas"] if len(areas) > 1 else 1.0
        return replace(area_chart(plot, areas), sure=sure), None
    clouds = clouds_of(plot, ())
    curves = curves_of(plot, {cloud.paint for cloud in clouds} if len(clouds) else ())
    if curves and not clouds:
        return line_chart(plot, curves, conventions), None
    if clouds and plot.x is not None:
        return scatter_chart(plot, clouds), None
    curves = curves_of(plot, ())
    if curves:
        return line_chart(plot, curves, conventions), None
    return (scatter_chart(plot, clouds) if clouds else None), None


def _with_lines(chart: Chart, plot: Plot, bars: Bars, curves: Sequence[Curve], conventions: Conventions) -> Chart:
    """Bars and the lines over them: one combined chart."""
    if not curves:
        return chart
    labels = labels_of(plot, bars)
    series = list(chart.series)
    for curve in curves:
        entry = plot.name_of(curve.paint)
        scale = plot.right or plot.y
        places = [(labels.get(slot), bars.first + slot * bars.pitch) for slot in bars.slots]
        points = [Point(label, height_of(plot, curve, place, scale, conventions)) for label, place in places]
        series.append(Series(entry.name if entry else None, tuple(points)))
    return replace(chart, kind="combined", series=tuple(series), sure=UNSURE["combined"])


def _box(plot: Plot, chart: Chart, bars: Bars | None) -> Box:
    """The box of marks and ticks."""
    boxes = [point.y.box for line in chart.series for point in line.points if point.y is not None]
    if bars is not None:
        boxes += [bar.box if bars.upright else transposed(bar.box) for bar in bars.bars]
    boxes += [tick.label.box for scale in (plot.x, plot.y) if scale is not None for tick in scale.ticks]
    return Box.around(boxes)


def _titled(chart: Chart, plot: Plot, marks: Box) -> Chart:
    labels = [point.x for line in chart.series for point in line.points]
    used = set(plot.used) | {
        token.index for x in labels if x is not None and hasattr(x, "tokens") for token in x.tokens
    }
    used |= used_by([heading_of(plot.picture, plot.legend)])
    title = title_of(plot.picture, marks, used)
    used |= used_by([title])
    floor = max(
        [
            marks.mid_y,
            *(x.box.bottom for x in labels if x is not None and hasattr(x, "tokens") and x.box.top > marks.mid_y),
        ]
    )
    if plot.x is not None:
        floor = max(floor, *(tick.label.box.bottom for tick in plot.x.ticks))
    across = across_title(plot.picture, floor, (marks.left, marks.right), used)
    upward = upward_title(plot.picture, plot.box.left + 1, used)
    nameless = len(chart.series) > 1 and any(line.name is None for line in chart.series)
    sure = chart.sure * (UNSURE["nameless"] if nameless else 1.0)
    return replace(chart, title=title, x_axis=across, y_axis=upward, sure=sure)
