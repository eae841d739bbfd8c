"""The geometry of charts, in heights of the type that labels them, and what counts as one colour."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class PictureParams(Params):
    """The picture and its words."""

    turned_ratio: float = 1.6  # height over width of a word that runs up the page
    phrase_gap_em: float = 0.9  # a wider gap ends a phrase
    least_panel_share: float = 0.2  # of the picture: a smaller area of paper is no panel
    most_papers: int = 3  # colours that are tried as the paper
    grown_em: float = 0.12  # a word's box reaches so far around it


@dataclass(frozen=True, slots=True)
class ColourParams(Params):
    """Paints: differences of 0 to 255 in a channel."""

    flat: int = 12  # neighbours that differ less are of one paint
    same: int = 22  # colours that differ less are one
    paper: int = 16  # what differs less from the paper is paper
    most: int = 24  # paints of one picture
    least_pixels: int = 14  # of a paint
    least_share: float = 0.00004  # of the picture
    thick_share: float = 0.25  # of a paint's pixels that lie three deep: with fewer it may be an edge
    beside_share: float = 0.8  # of an edge's pixels that lie right beside other paints, or in words
    outside_share: float = 0.2  # of a thin paint's pixels that lie outside words: with fewer it is ink
    ink_share: float = 0.1  # the same of any paint
    ground_share: float = 0.03  # of the panel: a rectangle as large, with marks on it, is the plot's background
    rim_share: float = 0.7  # of the sides of such a rectangle that show it
    soft_share: float = 0.65  # of paper in a blend that still shows a line which fell between two pixels
    ground: int = 56  # such a background differs less from the paper
    crumb_share: float = 0.01  # of a paint's pixels: a smaller piece is a crumb


@dataclass(frozen=True, slots=True)
class AxisParams(Params):
    """Tick labels that lie on one scale."""

    aligned_em: float = 0.7  # edges or middles of the labels of one axis differ less
    off_em: float = 0.45  # a label may stand so far from its place on the scale
    least_ticks: int = 3
    snap_em: float = 0.5  # a grid line this near to its label says where the tick is
    snapped_share: float = 0.6  # of the ticks that must have a line before lines are believed


@dataclass(frozen=True, slots=True)
class LegendParams(Params):
    """Samples of colour before the names of series."""

    height_em: tuple[float, float] = (0.05, 1.7)
    width_em: tuple[float, float] = (0.25, 4.2)
    gap_em: float = 1.9  # between a sample and its name
    aligned_em: float = 0.35  # samples of one legend begin at one place, or stand on one line
    same_size_em: float = 0.35
    distinct_share: float = 0.75  # of the entries that must differ in colour


@dataclass(frozen=True, slots=True)
class BarParams(Params):
    """Rectangles."""

    filled_share: float = 0.9  # of its box
    least_side_px: int = 3
    seam_px: float = 4.0  # a line of this width may cross a bar
    edge_px: float = 3.0  # edges nearer than this are one
    step_px: float = 2.0  # a step in the outline of bars that touch
    steps_share: float = 0.85  # of an outline that is level between its steps
    alike_share: float = 0.2  # by which the widths of bars differ
    attached_share: float = 0.6  # of a colour's rectangles that stand on the base or on another
    label_em: float = 1.3  # a printed value stands so near to the end of its bar


@dataclass(frozen=True, slots=True)
class CurveParams(Params):
    """Lines, areas and points."""

    across_share: float = 0.3  # of the width of all marks that a line spans
    least_em: float = 15.0  # that width, at least
    covered_share: float = 0.45  # of its columns that show it; a dashed line shows half
    thick_em: float = 1.2  # of a line, at most
    straight_px: float = 1.5  # a grey line that leaves its height by less is an axis or of the grid
    along_share: float = 0.6  # of a line's pixels right beside bars: with more it is their outline
    tall_share: float = 0.12  # of the plot's height: the usual depth of an area, at least
    point_em: tuple[float, float] = (0.15, 1.6)
    alike_ratio: float = 2.2  # areas of the points of one series


@dataclass(frozen=True, slots=True)
class RoundParams(Params):
    """Pies and rings."""

    least_em: float = 4.0  # across
    round_ratio: float = 1.12  # width over height
    filled_share: float = 0.9  # of the circle around it, the hole of a ring left out
    rays: int = 1440
    title_ratio: float = 1.12  # of type over the usual: smaller above a pie is the name of a slice
    slice_share: float = 0.004  # of the turn: a thinner slice is an edge
    reach_ratio: float = 1.45  # of the radius, and a few letters: how far the text of a slice stands


@dataclass(frozen=True, slots=True)
class ChartParams(Params):
    """All of them."""

    picture: PictureParams = PictureParams()
    colours: ColourParams = ColourParams()
    axes: AxisParams = AxisParams()
    legend: LegendParams = LegendParams()
    bars: BarParams = BarParams()
    curves: CurveParams = CurveParams()
    round: RoundParams = RoundParams()


PARAMS = ChartParams()
