"""The geometry of tables that are read whole: how near cells stand, and what belongs to one."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class RuledParams(Params):
    """Tables whose cells are drawn."""

    on_edge_pt: float = 2.0  # a rule no farther from an edge of the grid is on it
    beside_share: float = 0.5  # of a cell's side: a rule along so much of it parts it from the next
    least_filled_share: float = 0.25  # of the cells: a grid with fewer words in it frames parts of the page


@dataclass(frozen=True, slots=True)
class AlignedParams(Params):
    """Tables that are set by columns alone."""

    least_rows: int = 3
    near_pitches: float = 3.2  # white space between a row and the one below it
    gap_letters: float = 1.2  # white space between columns, at least
    crossing_share: float = 0.12  # of the rows: so many may run through the space between columns
    prose_letters: int = 45  # the usual cell of a table is shorter
    lone_lines: int = 2  # lines of one cell between rows: a heading of a group, a wrapped cell
    wrapped_pitches: float = 0.6  # white space above the second line of a cell


@dataclass(frozen=True, slots=True)
class JoinParams(Params):
    """A table that goes on over the page."""

    edge_share: float = 0.02  # of the page's width: columns no farther apart are one
    foot_share: float = 0.45  # of the page's height: the upper part may end no higher ...
    head_share: float = 0.4  # ... and the lower begin no lower


@dataclass(frozen=True, slots=True)
class CaptionParams(Params):
    """What stands over or under a table and says what it is."""

    reach_pitches: float = 2.4  # white space between a caption and its table
    leading_pitches: float = 0.8  # white space between the lines of one caption
    lines: int = 4  # of a caption, at most
    line_letters: int = 160
    beside_pitches: float = 3.0  # a caption may begin so far left of its table


@dataclass(frozen=True, slots=True)
class PartedParams(Params):
    """A column that is two."""

    gap_letters: float = 0.9  # white space between the two, at least
    least_cells: int = 3
    least_signs: int = 2  # letters and digits on either side
    both_sides_share: float = 0.7  # of the cells: so many have words on both sides of it
    wide_gaps_ratio: float = 1.7  # white space so many times as wide as that parts ...
    wide_share: float = 0.2  # ... where so many cells have words on both sides: the others of one column are empty
    most_columns: int = 60


@dataclass(frozen=True, slots=True)
class GridParams(Params):
    """All of them."""

    ruled: RuledParams = RuledParams()
    aligned: AlignedParams = AlignedParams()
    join: JoinParams = JoinParams()
    caption: CaptionParams = CaptionParams()
    parted: PartedParams = PartedParams()
    word_gap_em: float = 0.4  # words of one text stand no farther apart
    least_head_lines: int = 2  # of a head that names its columns in its last line
    leaf_gap_em: float = 0.7  # white space between these names
    centred_em: float = 1.5  # a head over several columns stands no farther from their middle
    turned_ratio: float = 1.6  # height over width of a word that is turned by 90 degrees
    fuzzy_share: float = 0.88  # of a label's letters that a header has in common with it


PARAMS = GridParams()
