"""Arrays of objects from the tables of a document: body, rows and cells under each header, page after page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.readings import Reading, Value, read
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.bare_columns import with_bare_columns
from docpipe.engine.layout.tables.bare_headers import find_bare_header
from docpipe.engine.layout.tables.bodies import table_body, without_totals_beside
from docpipe.engine.layout.tables.columns import Grid, assign, fit_grid, longest_text
from docpipe.engine.layout.tables.fitted_keys import fitted_to_body
from docpipe.engine.layout.tables.headers import Header, find_headers
from docpipe.engine.layout.tables.leftovers import fill_leftovers
from docpipe.engine.layout.tables.level_lines import level_lines
from docpipe.engine.layout.tables.other_lists import without_other_lists
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.engine.layout.tables.positions import without_positions
from docpipe.engine.layout.tables.rows import RowBand, split_rows
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import is_carried_forward
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Token
from docpipe.schema.equations import Equation, as_number

TABLE = "table"
CELL = weight("cell")  # score of a cell under its key, before the key's quality and the cell's fit
UNNAMED = weight("cell.unnamed")  # quality of a column that no key names
AGREED = weight("cell.doubt_left_by_agreement")  # of the doubt remains where arithmetic holds over the row
COUNTED = weight("cell.count_before_unit")  # score of a count that stands before its unit, in a column for the unit


@dataclass(frozen=True, slots=True)
class Table(Rows):
    """The rows under one header on one page."""

    header: Header
    grid: Grid
    fields: tuple[Field | None, ...]
    ended: bool  # something other than the page's end came after it


def read_tables(document: Document) -> list[Rows]:
    """Every table in reading order; one that runs on over a page without a header is followed."""
    reader = TableReader(document.schema.index, document.schema.equations, document.conventions)
    return list(reader.tables(document.page_texts))


@dataclass(frozen=True, slots=True)
class TableReader:
    """Reads the tables of one document. `method`: the rule that found where they begin."""

    index: LabelIndex
    equations: Sequence[Equation]
    conventions: Conventions
    method: str = TABLE
    numbers: dict[int, frozenset[Decimal]] = field(default_factory=dict)  # page -> all it prints

    def tables(self, page_texts: Sequence[PageText]) -> list[Table]:
        tables: list[Table] = []
        for page_index, page_text in enumerate(map(level_lines, page_texts)):
            headers = find_headers(page_text, page_index, self.index)
            bare = None if headers or tables else find_bare_header(page_text, page_index, self.index)
            headers = [bare] if bare is not None else headers
            if tables and not tables[-1].ended and tables[-1].page_index == page_index - 1:
                stop = headers[0].first if headers else len(page_text.lines)
                tables += self._continued(tables[-1], page_text, page_index, stop)
            for at, header in enumerate(headers):
                stop = headers[at + 1].first if at + 1 < len(headers) else len(page_text.lines)
                table = self.table(page_text, header, stop)
                if table is not None:
                    tables.append(table)
        return [
            table for array in dict.fromkeys(table.array for table in tables) for table in self._sold(array, tables)
        ]

    def _sold(self, array: str, tables: Sequence[Table]) -> list[Table]:
        """The tables of an array, without lists of other things than what is summed."""
        mine = [table for table in tables if table.array == array]
        summed = self._summed(array)
        lists: dict[tuple[str, ...], list[Table]] = {}
        for table in mine:
            lists.setdefault(tuple(column.text for column in table.header.columns), []).append(table)
        return mine if summed is None else without_other_lists(list(lists.values()), summed)

    def fields_of(self, array: str) -> dict[str, Field]:
        """The array's fields by their path inside an item."""
        return {field.path.removeprefix(array + "."): field for field in self.index.fields if field.array == array}

    def _summed(self, array: str) -> Field | None:
        """The array's field whose sum a check of the whole record compares with another."""
        names = {name for equation in self.equations if not equation.check.each for name in equation.names}
        return next(
            (column for column in self.index.fields if column.array == array and f"sum({column.path})" in names), None
        )

    def printed(self, page_text: PageText, page_index: int) -> frozenset[Decimal]:
        """Every number on a sheet, found once."""
        if page_index not in self.numbers:
            texts = (segment.text for line in page_text.lines for segment in line.segments)
            numbers = (self.conventions.number(text, money=True) for text in texts)
            self.numbers[page_index] = frozenset(number for number in numbers if number is not None)
        return self.numbers[page_index]

    def table(self, page_text: PageText, header: Header, stop: int) -> Table | None:
        """The rows under a header, down to line `stop`; None for none, but under a header at a page's foot."""
        header = without_totals_beside(page_text, header, stop, self.index)
        body, ended = table_body(page_text, header.last + 1, stop, header.right, self.index)
        header = fitted_to_body(header, page_text, body, self.index)
        grid = fit_grid(header, page_text, body)
        whole = with_bare_columns(header, grid, body)
        header, grid = (whole, fit_grid(whole, page_text, body)) if whole is not header else (header, grid)
        cells = [grid.cells(line) for line in body]
        equations = [equation for equation in self.equations if equation.check.each == header.array]
        numeric = [
            row
            for row in cells
            if sum(parse_number(_text(cell)) is not None for cell in row) >= PARAMS.cells.least_numbers
        ]
        fields_of = self.fields_of(header.array)
        fields = assign(
            grid,
            numeric or cells,
            fields_of,
            equations,
            self._summed(header.array),
            self.printed(page_text, header.page_text),
            self.conventions,
        )
        fields = fill_leftovers(grid, fields, numeric or cells, fields_of, equations, self.conventions)
        results = results_of(equations, header.array)
        bands, used = split_rows(body, cells, fields, grid.columns, results, page_text, self.conventions)
        rows = self._rows(bands, fields, grid, header, equations)
        rows = [row for row in rows if _written_alike(row, rows[0], results)]
        if not rows and (ended or len(body) > PARAMS.headers.stacked_lines):
            return None
        lines = [*page_text.lines[header.first : header.last + 1], *(body[at] for at in used)]
        segments = tuple(segment for line in lines for segment in grid.inside(line))
        return Table(header.array, header.page_text, tuple(rows), segments, header, grid, tuple(fields), ended)

    def _continued(self, before: Table, page_text: PageText, page_index: int, stop: int) -> list[Table]:
        """The table's next rows at the top of a page that repeats no header."""
        if not before.rows:  # the header stood at the foot of its page
            moved = replace(before.header, page_text=page_index, first=0, last=-1)
            table = self.table(page_text, moved, stop)
            return [] if table is None else [table]
        body, ended = table_body(page_text, 0, stop, before.grid.edges[-1], self.index)
        cells = [before.grid.cells(line) for line in body]
        usual = min((len(row) for row in before.rows), default=PARAMS.cells.least_cells)
        header = Header(
            before.array, before.grid.columns, 0.0, page_index, 0, 0, Box(0.0, 0.0, 0.0, 0.0), before.grid.edges[-1]
        )
        equations = [equation for equation in self.equations if equation.check.each == before.array]
        results = results_of(equations, before.array)
        bands, used = split_rows(body, cells, before.fields, before.grid.columns, results, page_text, self.conventions)
        read_rows = self._rows(bands, before.fields, before.grid, header, equations)
        rows = [row for row in read_rows if len(row) >= usual and _written_alike(row, before.rows[0], results)]
        if not rows:
            return []
        segments = tuple(segment for at in used for segment in before.grid.inside(body[at]))
        return [Table(before.array, page_index, tuple(rows), segments, header, before.grid, before.fields, ended)]

    def _rows(
        self,
        bands: Iterable[RowBand],
        fields: Sequence[Field | None],
        grid: Grid,
        header: Header,
        equations: Sequence[Equation],
    ) -> list[Row]:
        rows: list[Row] = []
        for band in without_positions(list(bands), fields):
            if is_carried_forward(_text([token for cell in band.cells for token in cell])):
                continue
            row = self._row(band, fields, grid, header.page_text, equations)
            if len(row) >= PARAMS.cells.least_cells and len(rows) < PARAMS.cells.most_rows:
                rows.append(row)
        return rows

    def _row(
        self, band: RowBand, fields: Sequence[Field | None], grid: Grid, page_index: int, equations: Sequence[Equation]
    ) -> Row:
        """The typed cells of one row; arithmetic that holds across it makes its numbers surer."""
        row: dict[str, Leaf] = {}
        filled = {column.path for column, cell in zip(fields, band.cells, strict=True) if column is not None and cell}
        for column_field, whole, column in zip(fields, band.cells, grid.columns, strict=True):
            cell, count = self._counted(column_field, whole, filled)
            if count is not None:
                row[count[0]] = Leaf(count[1].value, count[1].tokens, page_index, COUNTED, self.method)
            reading = read(column_field, cell, self.conventions) if column_field is not None and cell else None
            if column_field is None or reading is None:
                continue
            quality = max((match.quality for match in column.matches if match.field is column_field), default=UNNAMED)
            row[column_field.path] = Leaf(
                reading.value, reading.tokens, page_index, CELL * quality * reading.fit, self.method
            )
        return _agreed(self._described(row), header_prefix(fields), equations)

    def _described(self, row: dict[str, Leaf]) -> dict[str, Leaf]:
        """The row; where its text has no column and an article's number has, that number says what was sold, too."""
        array = next((path.rpartition(".")[0] for path in row), "")
        texts = [field for field in self.fields_of(array).values() if field.type == "text"]
        main = longest_text(texts)
        number = next((path for path, leaf in row.items() if self._is_identifier(array, path)), None)
        if main is None or number is None or any(field.path in row for field in texts):
            return row
        return {**row, main.path: replace(row[number], score=row[number].score * UNNAMED)}

    def _is_identifier(self, array: str, path: str) -> bool:
        field = self.fields_of(array).get(path.removeprefix(array + "."))
        return field is not None and field.type == "identifier"

    def _counted(
        self, schema_field: Field | None, cell: Sequence[Token], filled: Collection[str]
    ) -> tuple[Sequence[Token], tuple[str, Reading] | None]:
        """(the cell without a number before its word, the count it is) where one column holds both: "3 pcs".

        `filled`: the paths that have a cell of their own.
        """
        short = (
            schema_field is not None
            and schema_field.type == "text"
            and (schema_field.node.max_length or PARAMS.cells.unit_chars + 1) <= PARAMS.cells.unit_chars
        )
        if schema_field is None or not short or len(cell) != 2 or not cell[1].text[:1].isalpha():
            return cell, None
        counts = [each for each in self.index.fields if each.array == schema_field.array and each.type == "quantity"]
        reading = (
            read(counts[0], cell[:1], self.conventions) if len(counts) == 1 and counts[0].path not in filled else None
        )
        return (cell, None) if reading is None else (cell[1:], (counts[0].path, reading))


def _written_alike(row: Row, first: Row, results: frozenset[str]) -> bool:
    """Amounts with decimals where the table's first row prints them: a telephone number has none."""
    pairs = [(row[path].value, first[path].value) for path in results if path in row and path in first]
    return all(_decimals(value) > 0 or _decimals(other) == 0 for value, other in pairs)


def _decimals(value: Value) -> int:
    return -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0


def results_of(equations: Iterable[Equation], array: str) -> frozenset[str]:
    """Paths of the fields that stand alone in an equality over a row: what the others compute."""
    alone = {
        names[0] for equation in equations if equation.equality for names, _ in equation.terms
        if len(names) == 1 and sum(names[0] in others for others, _ in equation.terms) == 1 and len(equation.terms) == 2
    }  # fmt: skip
    return frozenset(f"{array}.{name}" for name in alone)


def header_prefix(fields: Sequence[Field | None]) -> str:
    """The path that all columns' fields begin with."""
    return next((schema_field.array + "." for schema_field in fields if schema_field is not None), "")


def _agreed(row: dict[str, Leaf], prefix: str, equations: Sequence[Equation]) -> Row:
    known = {
        path.removeprefix(prefix): number for path, leaf in row.items() if (number := as_number(leaf.value)) is not None
    }
    for equation in equations:
        if equation.equality and equation.holds(known):
            for name in equation.names:
                leaf = row[prefix + name]
                row[prefix + name] = replace(leaf, score=1.0 - (1.0 - leaf.score) * AGREED)
    return row


def column_sums(tables: Mapping[str, Sequence[Row]]) -> dict[str, Decimal]:
    """ "sum(line_items.amount)" -> the sum of a column that no row leaves empty."""
    sums: dict[str, Decimal] = {}
    for rows in tables.values():
        for path in dict.fromkeys(path for row in rows for path in row):
            numbers = [row[path].value if path in row else None for row in rows]
            if all(isinstance(number, Decimal) for number in numbers):
                sums[f"sum({path})"] = sum((number for number in numbers if isinstance(number, Decimal)), Decimal())
    return sums


def _text(tokens: Iterable[Token]) -> str:
    return " ".join(token.text for token in tokens)
