"""The geometry of forms: how near a key stands to its input field, and how large a checkbox is."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class InputFieldParams(Params):
    """Cells, combs, underlined blanks, and squares that are checkboxes."""

    pitch_without_words_pt: float = 10.0  # the pitch of a page that has no words: a usual size of type
    same_edge_pt: float = 2.0  # edges nearer than this are one
    least_width_pitches: float = 2.5  # a shorter rule or cell takes no entry
    cell_height_pitches: tuple[float, float] = (0.9, 12.0)  # a taller cell frames a part of the page
    line_height_pitches: float = 1.7  # an entry on a rule reaches so far up
    below_rule_pt: float = 1.0  # and so far down
    checkbox_side_pitches: tuple[float, float] = (0.45, 2.0)
    square_ratio: float = 1.35  # sides of a checkbox that stands alone differ less than this
    small_cell_ratio: float = 2.025  # sides of a cell for one character: half as much again
    comb_cells: int = 3  # so many small cells side by side, at least, are a comb
    group_gap_pitches: float = 2.5  # between groups of small cells that are one comb
    comb_height_pitches: tuple[float, float] = (1.0, 3.0)  # of the cells of a comb that are no squares
    most_rules: int = 2_000  # of a page that are looked at; more are a drawing


@dataclass(frozen=True, slots=True)
class CellParams(Params):
    """Cells whose lines are longer than they are, or broken."""

    short_pitches: float = 0.5  # a wall may begin so far below the line that it hangs from
    least_height_pitches: float = 0.9  # and goes down so far, at least
    floor_share: float = 0.7  # of a cell's width that the line below it closes
    wall_share: float = 0.7  # of a cell's height that a wall stands beside it
    edge_share: float = 0.5  # of a line that frames take for their edge


@dataclass(frozen=True, slots=True)
class KeyParams(Params):
    """Where the key of an input field stands."""

    lines: int = 3  # of one key
    leading_pitches: float = 0.55  # the lines of one key stand closer than this
    beside_pitches: float = 24.0  # white space between a key and the input field right of it
    beside_overlap_pt: float = 3.0  # a key may reach so far into the input field right of it
    beside_overlap_share: float = 0.4  # or so much of its last word
    higher_pitches: float = 0.2  # its middle may stand so far above that input field
    lower_pitches: float = 0.3  # and so far below it
    above_pitches: float = 1.3  # white space between a key and the input field under it
    above_widget_pitches: float = 4.2  # the same for a field of the PDF, only as tall as its type in a printed cell
    into_field_pitches: float = 0.35  # a key above may reach so far into its input field
    overlap_pitches: float = 0.3  # and so far past where it should end
    indent_pitches: float = 2.5  # a key above or below may begin so far left of its input field
    within_pt: float = 2.0  # and begins so far, at least, left of that one's right end
    under_pitches: float = 0.6  # white space between a rule and the key under it
    room_pitches: float = 0.9  # white space below a key under a rule, where the next entry stands
    wall_width_pt: float = 20.0  # a shorter rule does not part a key from its input field
    wall_overlap_pt: float = 10.0  # nor one that shares less with the input field
    wall_slack_pt: float = 1.0  # a rule may touch the type that it parts
    own_edge_pitches: float = 0.4  # rules nearer to an input field than this are its own edge


@dataclass(frozen=True, slots=True)
class EntryParams(Params):
    """What stands in an input field: a key printed in the cell, the entry, a unit."""

    unit_gap_em: float = 1.2  # a unit printed beforehand stands this far from the entry
    comb_chars: int = 4  # so many single letters, at least, are the entry of a comb
    keyed_cell_pitches: float = 1.9  # a lower cell has no room for a key above an entry
    heading_lines: int = 2  # above a key with a colon in a cell
    key_lines: int = 5  # of one key in a cell
    leading_pitches: float = 0.5  # they stand closer than this
    key_type_ratio: float = 1.2  # and differ less in size
    head_share: float = 0.5  # of a cell's height: the middle of a key that has an entry below it stands higher
    lone_head_share: float = 0.38  # of a cell's height: the same of a key without an entry
    notice_pitches: float = 3.3  # a taller cell whose lines are all in one type is a notice, no input field
    notice_lines: int = 3  # of a notice, at least
    same_type_share: float = 0.08  # of the height: sizes that differ less are one type
    outside_keys: int = 3  # cells with a key outside, at least, that say how a form prints its keys


@dataclass(frozen=True, slots=True)
class PairParams(Params):
    """Keys with their entries, and signs of a pair that is none."""

    key_chars: int = 120  # of the longest key
    lower_share: float = 0.3  # of an input field's height: the middle of a key beside it may be so far above it
    habit_share: float = 0.4  # of a page's keys: fewer on one side are no habit of this form
    text_gap_em: float = 1.0  # wider than any space in one text
    sentence_words: int = 4  # a key of fewer words is no sentence, though it ends like one


@dataclass(frozen=True, slots=True)
class MarkedParams(Params):
    """Keys that only a colon marks."""

    key_chars: int = 60  # of the longest key
    key_words: int = 10  # among the first so many stands its colon
    entry_words: int = 10  # of one line of an entry; more are a sentence
    lines: int = 4  # of one entry, below its first
    first_below_pitches: float = 0.8  # white space between a key and an entry below it
    leading_pitches: float = 0.5  # between the lines of an entry
    overlap_pitches: float = 0.3  # they may reach so far into each other
    indent_pitches: float = 0.6  # and begin no further apart


@dataclass(frozen=True, slots=True)
class AlignedParams(Params):
    """Lists of keys and entries in two columns."""

    rows: int = 3  # of one list, at least
    key_words: int = 6  # of a key, at most
    entry_words: int = 10  # and of an entry
    aside_pitches: float = 0.5  # the texts of a column begin no further apart
    leading_pitches: float = 1.5  # white space between two lines of a list


@dataclass(frozen=True, slots=True)
class HeadingParams(Params):
    """Headings of a form's blocks."""

    page_title_share: float = 0.06  # of the page's height: the form's own title stands above
    large_pitches: float = 1.15  # type higher than this is a heading's
    above_slack_pt: float = 1.0  # a heading may reach so far below the top of the key under it


@dataclass(frozen=True, slots=True)
class CheckboxParams(Params):
    """Boxes, and the marks in them."""

    inked_share: float = 0.12  # of a box's inside that is ink where it is ticked
    mark_chars: int = 2  # letters of a mark; a longer word in a box is an entry
    sign_ratio: float = 1.5  # a letter that is a box is at most so much wider than the other letters of its word
    centre_slack_pt: float = 1.0  # the centre of a box may lie so far outside another that is the same
    text_heights: float = 1.0  # a letter nearer behind a box begins its text
    column_heights: float = 4.0  # how far apart the boxes of one column stand
    question_gap_pitches: float = 2.0  # white space between a question and the boxes below it
    question_overlap_pt: float = 2.0  # a question may reach so far down beside them
    label_chars: int = 300  # of the longest text at a box, where the schema states no limit


@dataclass(frozen=True, slots=True)
class CheckboxLabelParams(Params):
    """The text at a checkbox."""

    lines: int = 4  # of one text
    leading_pitches: float = 0.45  # the lines of one text stand closer than this
    line_overlap_pitches: float = 0.6  # and reach no further into each other
    indent_pitches: float = 1.3  # its lines begin no further apart
    word_gap_pitches: float = 0.75  # a wider gap ends a text
    level_slack_pt: float = 1.0  # the middle of a box may stand so far outside its line
    beside_pitches: float = 2.2  # white space between a box and its text, or so many of a larger box's heights
    beside_box_pitches: float = 1.3  # a larger box counts as no larger than this
    beside_overlap_pt: float = 2.0  # a text may reach so far into its box
    nearest_overlap_pt: float = 1.5  # the same where the nearer side of all boxes is counted
    head_aside_pitches: float = 0.9  # the head of a column of boxes stands so far aside
    head_pitches: float = 10.0  # and is so wide, at most
    wall_heights: float = 1.6  # a wall between box and text is higher than this
    between_slack_pt: float = 1.0  # another box between box and text may reach so far beyond the gap
    stacked_pitches: float = 1.3  # white space between a box and the text above or below it
    stacked_overlap_pitches: float = 0.3  # that text may reach so far into its box
    stacked_aside_pitches: float = 0.5  # and stand so far aside of its box's middle


@dataclass(frozen=True, slots=True)
class InkParams(Params):
    """What counts as ink, as the outline of a box, and as a drawn line. Greys are 0 (black) to 255."""

    paper_grey: int = 235  # a lighter grey is paper whatever surrounds it
    paper_percentile: int = 80  # of a part's greys: so light is its paper
    paper_margin_px: int = 20  # around a part, where its paper is looked at too
    paper_step_px: int = 4  # of a page every so many pixels show its paper
    dark_share: float = 0.72  # of the paper's grey: what is darker is ink
    faint_share: float = 0.9  # of the paper's grey: the same of outlines, often thin and pale
    thin_px: int = 15  # ink is thinner than this: what is not is a shadow, a bar or a picture
    faint_least_share: float = 0.65  # of the paper's grey: where the paper is not even
    noise_ratio: float = 2.0  # ink is darker than the noise of the paper times this
    least_box_px: int = 6  # the inside of a smaller box tells nothing
    inset_share: float = 0.27  # of a box's side: its own lines stand in this margin
    line_px: int = 3  # or in so many pixels of a small box
    line_share: float = 0.6  # of a row that has ink where it is the box's own line
    outline_side_pitches: tuple[float, float] = (0.5, 1.9)  # of an outline that is a checkbox
    outline_ratio: float = 1.4  # its sides differ less than this
    same_outline_pt: float = 2.0  # outlines whose corners are nearer than this are one
    reach_pitches: float = 2.3  # how far from a text its box may begin
    line_margin_pitches: float = 0.5  # above and below a line, where its boxes may reach
    word_margin_pt: float = 0.3  # beside a word, where its own ink may reach
    least_gap_pitches: float = 0.7  # between words: a narrower gap holds no box
    rays: int = 24  # directions from the centre of an outline, nearly all of which must meet it
    ray_steps: int = 12  # places on a ray that are looked at
    ray_start_share: float = 0.5  # of the way to the edge: an outline is met behind this
    closed_share: float = 0.8  # of the rays that meet an outline
    most_gaps: int = 3_000  # places of a page that are searched


@dataclass(frozen=True, slots=True)
class SquareParams(Params):
    """Squares that only pixels show."""

    side_pitches: tuple[float, float] = (0.38, 1.9)  # the pitch of a scan is more than its type
    least_px: int = 7  # of a side
    slack_px: int = 2  # its sides may be so thick, and so far from where they should be
    side_ratio: float = 1.35  # its sides differ less than this
    side_share: float = 0.8  # of a side that has ink: a mark may hide a corner
    few: int = 3  # fewer squares on a page need not be alike
    alike_ratio: float = 1.3  # squares of one size differ less than this
    hollow_px: int = 3  # so far inside a side there is paper
    hollow_share: float = 0.6  # but for so much of it: a mark
    apart_px: int = 3  # so far outside a side there is paper
    touched_share: float = 0.5  # but for so much of it: a mark that leaves the square
    clear_sides: int = 3  # of the four have paper inside, and so many outside
    tall_pitches: float = 1.4  # a word higher than this may have a box below it
    word_gap_em: float = 0.6  # a narrower gap between words holds no box
    tall_chars: int = 4  # if it has no more letters
    most_runs: int = 20_000  # runs of ink of a page that are looked at


@dataclass(frozen=True, slots=True)
class StrokeParams(Params):
    """Lines that only pixels show."""

    level_pitches: float = 3.0  # a shorter level stroke is a letter
    upright_pitches: float = 1.1  # and so is a shorter upright one
    parts: int = 2  # of a broken line: the longest is so much shorter at most
    gap_pitches: float = 0.25  # a gap in a dotted line
    broken_share: float = 0.15  # of the least length: a gap in a broken line
    word_gap_em: float = 0.5  # a narrower gap between words may have the edges of their letters
    dotted_share: float = 0.45  # of a line, at least, has ink: the dots of a dotted one
    free_share: float = 0.6  # of a line's ink, at least, is no part of a word
    text_share: float = 0.5  # of a line that runs through texts
    whole_share: float = 0.93  # of such a line has ink: the feet of letters have gaps
    edge_share: float = 0.1  # of a text's height: its upper and lower edge may lie on a line
    side_share: float = 0.15  # the same of its sides, where level lines are looked for
    wall_side_share: float = 0.35  # and where upright ones are
    bent_px: int = 3  # a line may leave its row by so much from one run to the next
    thick_px: int = 7  # what is thicker is a bar, and has two lines
    most_strokes: int = 39  # the last so many of a page that a run may belong to
    most_runs: int = 20_000  # runs of ink of a page that are looked at


@dataclass(frozen=True, slots=True)
class FormParams(Params):
    """All of them."""

    same_row_share: float = 0.3  # of the smaller height: boxes that share more stand in one row
    input_fields: InputFieldParams = InputFieldParams()
    cells: CellParams = CellParams()
    keys: KeyParams = KeyParams()
    entries: EntryParams = EntryParams()
    pairs: PairParams = PairParams()
    marked: MarkedParams = MarkedParams()
    aligned: AlignedParams = AlignedParams()
    headings: HeadingParams = HeadingParams()
    checkboxes: CheckboxParams = CheckboxParams()
    labels: CheckboxLabelParams = CheckboxLabelParams()
    ink: InkParams = InkParams()
    squares: SquareParams = SquareParams()
    strokes: StrokeParams = StrokeParams()


PARAMS = FormParams()
