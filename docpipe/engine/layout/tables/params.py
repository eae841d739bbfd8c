"""The geometry of tables: where columns part, which lines are one row, and what is no header."""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class HeaderParams(Params):
    """Lines of column keys."""

    least_columns: int = 2  # columns of one array that make a line its header
    most_headers: int = 40  # of one page
    stacked_lines: int = 3  # above and below that may belong to one header
    stacked_gap_pitches: float = 0.6  # the lines of one header stand closer than rows
    stacked_overlap_share: float = 0.3  # of the narrower width: two stacked segments share more
    segments_a_number: int = 3  # of a header, at least, for each that begins with a digit
    key_gap_letters: float = 1.12  # keys of columns stand closer than other segments, wider than words
    longest_keys: int = 4  # times the schema's longest key: a segment of more words is not cut
    joined_letters: float = 3.0  # two words of one key stand nearer
    label_letters: float = 3.0  # a part of a cut key that is a label may stand so much further aside
    torn_chars: int = 2  # letters that stand alone over another key's column: torn off that key
    most_words: int = 12  # of a key that is cut by the columns under it
    strip_keys: int = 3  # keys of values that a table could name as well: as many are a strip of totals
    strip_colons: int = 2  # keys with a colon: as many are a strip of totals, too
    bare_least_cells: int = 2  # of a header of which only the text's key is known
    bare_most_cells: int = 9  # of the same
    above_pitches: float = 2.5  # the line over a first row may stand so far above it and be its header
    bare_rows: int = 4  # lines under it, of which most must hold a number


@dataclass(frozen=True, slots=True)
class ColumnParams(Params):
    """The columns of a table, and the fields that their cells fit."""

    sample_lines: int = 60  # body lines that decide where columns end
    sample_rows: int = 12  # rows on which arithmetic tries other fields for the columns
    most_permuted: int = 9  # number columns that arithmetic permutes
    tabular_numbers: int = 2  # so many numbers in one place make a line a row of a table
    crossing_share: float = 0.1  # of the rows may cross the white between two columns
    middle_share: float = 0.1  # of the way between two middles counts beside the white between a key and a column
    product_numbers: int = 3  # of a row in which one is the product of two
    rule_slack_pt: float = 2.0  # the rule between two columns may touch their keys
    typed_share: float = 0.8  # of a column's cells must have the type that names it: money, count, number
    bare_least_rows: int = 2  # with a number that stands apart from its cell's key: they are a column without a key
    holds_share: float = 0.6  # of the rows an equation must hold for arithmetic to overrule the keys
    long_text_chars: int = 10_000  # how long a text field without a stated limit may be


@dataclass(frozen=True, slots=True)
class RowParams(Params):
    """The lines of one row, and where the body ends."""

    end_gap_pitches: float = 7.0  # white space this tall ends a table
    strip_keys: int = 2  # keys of totals beside each other that end a table: their amounts stand below
    total_amounts: int = 2  # numbers behind a total's key; a row of the table has more
    wrap_gap_pitches: float = 0.75  # the lines of one wrapped text stand closer than this
    smaller_ratio: float = 1.35  # a remark under a text is set in type so much smaller
    nearer_share: float = 0.5  # of the gap above it: a text this much nearer to the row below belongs to that
    ahead_pitches: float = 0.3  # how far above its amount a row's text may begin
    half_line_pitches: float = 0.3  # cells centred in their row stand this near to the lines beside them
    counted_rows: int = 3  # whose texts begin with numbers that rise by one: these count the rows
    company_cells: int = 2  # such cells, at least, make a row of an amount that stands alone
    aside_pt: float = 6.0  # a column's values stand under its key, or at most so far aside
    indent_pt: float = 4.0  # wrapped text begins where the text above it begins
    wide_rule_share: float = 0.5  # of the body's width: a rule this long parts rows
    fewer_share: float = 0.5  # of the usual count of numbers in a row: a total has no more


@dataclass(frozen=True, slots=True)
class CellParams(Params):
    """The cells of a row."""

    most_rows: int = 20_000  # of one array; a document that prints more is not read by this engine
    least_cells: int = 2  # typed ones of a row
    least_numbers: int = 2  # of a line that arithmetic is tried on
    turned_chars: int = 3  # letters of a word, at least, that is higher than wide because it is turned
    turned_ratio: float = 1.5  # of its height to its width
    unit_chars: int = 40  # a text that may not be longer is a word beside a number: a unit


@dataclass(frozen=True, slots=True)
class TaxParams(Params):
    """Rows of taxes."""

    most_rates: int = 12  # of one document that stand in keys
    most_amounts: int = 4  # of one line of a tax summary; what has more is another table


@dataclass(frozen=True, slots=True)
class TableParams(Params):
    """All of them."""

    headers: HeaderParams = HeaderParams()
    columns: ColumnParams = ColumnParams()
    rows: RowParams = RowParams()
    cells: CellParams = CellParams()
    taxes: TaxParams = TaxParams()


PARAMS = TableParams()
