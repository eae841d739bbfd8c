"""A header's columns over the rows below it: where each column ends, and which field it holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise, permutations

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number
from docpipe.literals.sides import is_number
from docpipe.page.lines import Line, PageText, Segment, Token
from docpipe.schema.equations import Equation, as_number

SURE = weight("threshold.column_key")  # quality of a key that arithmetic cannot overrule
LIKELY = weight("threshold.column_fit")  # fit of a column's cells that an unsure key needs
UNFIT = weight("column.unfit")  # of a key's quality remains where no cell under it fits its type

Cells = Sequence[Sequence[Token]]  # of one row, by column


@dataclass(frozen=True, slots=True)
class Grid:
    """Columns with their ends: column i reaches from edges[i] to edges[i + 1] (points)."""

    columns: tuple[Column, ...]
    edges: tuple[float, ...]

    def cells(self, line: Line) -> list[list[Token]]:
        """The line's words by column, each from left to right."""
        cells: list[list[Token]] = [[] for _ in self.columns]
        for segment in self.inside(line):
            for token in segment.tokens:
                at = bisect_right(self.edges, token.box.mid_x) - 1
                cells[min(max(at, 0), len(cells) - 1)].append(token)
        return cells

    def segments(self, line: Line) -> list[list[Segment]]:
        """The line's segments by the column of their middle."""
        cells: list[list[Segment]] = [[] for _ in self.columns]
        for segment in self.inside(line):
            at = bisect_right(self.edges, segment.box.mid_x) - 1
            cells[min(max(at, 0), len(cells) - 1)].append(segment)
        return cells

    def inside(self, line: Line) -> list[Segment]:
        """The line's segments that begin within the table."""
        return [segment for segment in line.segments if segment.box.left < self.edges[-1]]


def fit_grid(header: Header, page_text: PageText, body: Sequence[Line]) -> Grid:
    """The header's columns, parted where the fewest words of the body stand in the way."""
    head = body[: PARAMS.columns.sample_lines]
    tabular = [line for line in head if is_tabular(line)]
    sample = tabular or head
    things = [thing for line in sample for segment in line.segments for thing in _whole_numbers(segment)]
    spans = sorted((thing.box.left, thing.box.right) for thing in things if thing.box.left < header.right)
    middle = header.box.mid_y
    upright = sorted(rule.left for rule in page_text.rules if rule.top <= middle <= rule.bottom)
    edges = [0.0]
    for left, right in pairwise(header.columns):
        edges.append(_edge(left, right, spans, upright))
    return Grid(header.columns, (*edges, header.right))


def is_tabular(line: Line) -> bool:
    """A line with a number in a place of its own, or with several numbers."""
    if len(line.segments) > 1 and any(is_number(segment.text) for segment in line.segments):
        return True
    numbers = sum(parse_number(token.text) is not None for segment in line.segments for token in segment.tokens)
    return numbers >= PARAMS.columns.tabular_numbers


def _whole_numbers(segment: Segment) -> Sequence[Segment | Token]:
    """A segment's words, but a number in one piece: "2 414,00" has a space and is one cell."""
    return [segment] if is_number(segment.text) else segment.tokens


def _edge(left: Column, right: Column, spans: Sequence[tuple[float, float]], upright: Sequence[float]) -> float:
    """Where two columns part: at a rule, else in the middle of the widest gap that fewest words cross."""
    low, high = (left.x0 + left.x1) / 2, (right.x0 + right.x1) / 2
    slack = PARAMS.columns.rule_slack_pt
    inside = [x for x in upright if left.x1 - slack <= x <= right.x0 + slack]
    if inside:
        return inside[0]
    events: list[tuple[float, int]] = [(low, 0), (high, 0), (left.x1, 0), (right.x0, 0)]
    for x0, x1 in [*spans, (left.x0, left.x1), (right.x0, right.x1)]:
        if x1 > low and x0 < high:
            events += [(max(low, x0), 1), (min(high, x1), -1)]
    events.sort()
    best, depth = (len(spans) + 2, 0.0, low), 0
    for (x, change), (following, _) in pairwise(events):
        depth += change
        if x >= low and following > x:
            best = min(best, (depth, x - following, (x + following) / 2))
    return best[2]


def assign(
    grid: Grid,
    rows: Sequence[Cells],
    fields_of: Mapping[str, Field],
    equations: Sequence[Equation],
    summed: Field | None,
    printed: Collection[Decimal],
    conventions: Conventions,
) -> list[Field | None]:
    """The field of each column: by key, by what its cells hold, and by arithmetic over the rows.

    `fields_of` are the array's fields by their path inside an item, as `equations` name them;
    `summed` is the one whose sum a check compares, `printed` every amount of the document.
    """
    sample = rows[: PARAMS.columns.sample_rows]
    scores = [
        {
            match.field: match.quality * filled
            for match in column.matches
            if (filled := _filled(match.field, [row[at] for row in sample], conventions)) >= LIKELY
            or match.quality >= SURE
            if not _counted(match.field, column, [row[at] for row in sample])
        }
        for at, column in enumerate(grid.columns)
    ]
    fields = best_pairs(scores)
    for equation in equations:
        fields = _by_arithmetic(grid, fields, sample, fields_of, equation, conventions)
    fields = _by_money(grid, fields, rows, summed, printed, conventions)
    return _with_text(grid, fields, sample, fields_of)


def best_pairs(scores: Sequence[Mapping[Field, float]]) -> list[Field | None]:
    """The field of each column, every field once, so that the scores of all add up to most; of equals the leftmost."""
    best: dict[frozenset[Field], tuple[float, tuple[Field | None, ...]]] = {frozenset(): (0.0, ())}
    for column in scores:
        following: dict[frozenset[Field], tuple[float, tuple[Field | None, ...]]] = {}
        for used, (total, fields) in best.items():
            for field, score in (*((each, score) for each, score in column.items() if each not in used), (None, 0.0)):
                key = used if field is None else used | {field}
                if key not in following or total + score > following[key][0]:
                    following[key] = (total + score, (*fields, field))
        best = following
    return list(max(best.values(), key=lambda found: found[0])[1])


def _by_money(
    grid: Grid,
    fields: list[Field | None],
    rows: Sequence[Cells],
    field: Field | None,
    printed: Collection[Decimal],
    conventions: Conventions,
) -> list[Field | None]:
    """The summed field's column where no key named it: the one whose sum is printed, or the only one with money."""
    if field is None or field in fields:
        return fields
    columns: dict[int, list[Decimal]] = {}
    for at, column in enumerate(grid.columns):
        cells = [row[at] for row in rows if row[at]]
        readings = [
            reading
            for cell in cells
            if (reading := read(field, cell, conventions)) and len(reading.tokens) == len(cell)
        ]
        amounts = [reading.value for reading in readings if isinstance(reading.value, Decimal)]
        money = [value for value in amounts if conventions.is_money(value, field.node.scale)]
        if fields[at] is None and is_open(column) and cells and len(money) >= PARAMS.columns.typed_share * len(cells):
            columns[at] = amounts
    summed = [at for at, amounts in columns.items() if sum(amounts) in printed]
    last = (summed or (list(columns) if len(columns) == 1 else []))[-1:]
    return [field if at in last else known for at, known in enumerate(fields)]


def longest_text(texts: Iterable[Field]) -> Field | None:
    """The text that may be longest: it says what a row is about."""
    return max(texts, key=lambda field: field.node.max_length or PARAMS.columns.long_text_chars, default=None)


def _with_text(
    grid: Grid, fields: list[Field | None], rows: Sequence[Cells], fields_of: Mapping[str, Field]
) -> list[Field | None]:
    """The widest text under an unknown key, for the array's longest text field if that has no column."""
    main = longest_text(field for field in fields_of.values() if field.type == "text")
    if main is None or main in fields:
        return fields
    widths = [
        (sum(len(token.text) for row in rows for token in row[at] if any(map(str.isalpha, token.text))), -at)
        for at, column in enumerate(grid.columns)
        if fields[at] is None
    ]
    letters, at = max(widths, default=(0, 0))
    return [main if column == -at and letters else known for column, known in enumerate(fields)]


def _counted(field: Field, column: Column, cells: Sequence[Sequence[Token]]) -> bool:
    """A text field over cells that begin with a number ("2 pcs"): they are counts, not texts.

    A key that surely names the text and no number may stand over such texts.
    """
    sure = any(match.quality >= SURE for match in column.matches)
    if field.node.kind != "string" or (sure and all(match.field.node.kind == "string" for match in column.matches)):
        return False
    filled = [cell for cell in cells if cell]
    numbers = sum(parse_number(cell[0].text) is not None for cell in filled)
    return bool(filled) and numbers >= PARAMS.columns.typed_share * len(filled)


def _filled(field: Field, cells: Sequence[Sequence[Token]], conventions: Conventions) -> float:
    """How well a column's cells fit the field's type, in [UNFIT, 1]; 1.0 where there is nothing to read."""
    filled = [cell for cell in cells if cell]
    if not filled:
        return 1.0
    fits = [reading.fit if (reading := read(field, cell, conventions)) else 0.0 for cell in filled]
    return UNFIT + (1.0 - UNFIT) * sum(fits) / len(fits)


def _by_arithmetic(
    grid: Grid,
    fields: list[Field | None],
    rows: Sequence[Cells],
    fields_of: Mapping[str, Field],
    equation: Equation,
    conventions: Conventions,
) -> list[Field | None]:
    """Another assignment of the equation's columns, where the rows agree with it and not with this one."""
    names = sorted(equation.names)
    if not equation.equality or any(name not in fields_of for name in names):
        return fields
    wanted = [fields_of[name] for name in names]
    others = {at for at, field in enumerate(fields) if field is not None and field not in wanted}
    numbers = _number_columns(wanted[0], grid, rows, conventions, others)
    current = [fields.index(field) if field in fields else -1 for field in wanted]
    best, best_share, best_fit = current, _agreeing(equation, names, current, numbers), 0.0
    if best_share >= PARAMS.columns.holds_share or len(numbers) > PARAMS.columns.most_permuted:
        return fields
    for places in permutations(numbers, len(names)):
        if all(
            fields[at] is None or _may_be(grid.columns[at], field) for at, field in zip(places, wanted, strict=True)
        ):
            share = _agreeing(equation, names, places, numbers)
            fit = _whole_counts(wanted, places, numbers)
            if share > best_share or (share == best_share and best is not current and fit > best_fit):
                best, best_share, best_fit = list(places), share, fit
    if best_share < PARAMS.columns.holds_share:
        return fields
    kept = [None if field in wanted else field for field in fields]
    return [wanted[best.index(at)] if at in best else field for at, field in enumerate(kept)]


def _whole_counts(fields: Sequence[Field], places: Sequence[int], numbers: dict[int, list[Decimal | None]]) -> float:
    """Share of the numbers in columns of counts that are whole: a product does not tell a count from a price."""
    counts = [
        number for field, at in zip(fields, places, strict=True) if field.type == "quantity" for number in numbers[at]
    ]
    whole = sum(number is not None and number == number.to_integral_value() for number in counts)
    return whole / len(counts) if counts else 0.0


def is_open(column: Column) -> bool:
    """A column that no key surely names."""
    return all(match.quality < SURE for match in column.matches)


def _may_be(column: Column, field: Field) -> bool:
    """A column that has a field which its key surely names cannot be another one."""
    return is_open(column) or any(match.field is field for match in column.matches)


def _number_columns(
    like: Field, grid: Grid, rows: Sequence[Cells], conventions: Conventions, others: set[int]
) -> dict[int, list[Decimal | None]]:
    """column -> the number in each row, for columns that hold any."""
    columns: dict[int, list[Decimal | None]] = {}
    for at in range(len(grid.columns)):
        readings: list[Reading | None] = [read(like, row[at], conventions) if row[at] else None for row in rows]
        numbers = [as_number(reading.value) if reading else None for reading in readings]
        if at not in others and any(number is not None for number in numbers):
            columns[at] = numbers
    return columns


def _agreeing(
    equation: Equation, names: Sequence[str], places: Sequence[int], numbers: dict[int, list[Decimal | None]]
) -> float:
    """Share of the rows in which the equation holds with its names at these columns."""
    if any(at not in numbers for at in places):
        return 0.0
    rows = list(zip(*(numbers[at] for at in places), strict=True))
    held = 0
    for row in rows:
        known = {name: number for name, number in zip(names, row, strict=True) if number is not None}
        held += bool(equation.holds(known))
    return held / len(rows) if rows else 0.0
