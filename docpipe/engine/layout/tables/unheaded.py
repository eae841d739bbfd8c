"""Tables whose header nobody knows, or that have none: rows in which one number is the product of two others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.body_columns import Span, body_columns, cells_of, nearest
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.level_lines import level_lines
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.engine.layout.tables.reader import Table, TableReader, results_of
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Line, PageText, Segment
from docpipe.schema.equations import Equation, as_number

UNHEADED = "table_by_arithmetic"
SCORE = weight("header.none")  # less than any header of which a key is known


@dataclass(frozen=True, slots=True)
class Product:
    """A line with three numbers of which one is the product of the others. `telling`: neither of them is 1."""

    at: int
    amount: Segment
    value: Decimal
    telling: bool


def read_unheaded(document: Document) -> list[Rows]:
    """The tables of arrays with a product of two fields of which no rows are known, one a page; tills have a reader of
    their own.
    """
    schema = document.schema
    reader = TableReader(schema.index, schema.equations, document.conventions, UNHEADED)
    known = {rows.array for rows in document.rows if rows.rows} | {array.path for array in schema.receipts}
    return [
        table
        for equation in schema.equations
        if equation.check.each not in known and _multiplies(equation, reader)
        for page_index, page_text in enumerate(map(level_lines, document.page_texts))
        if (table := _table(page_text, page_index, equation, reader)) is not None
    ]


def _multiplies(equation: Equation, reader: TableReader) -> bool:
    """An amount that is a number of things times the price of one, and no rate of something."""
    array = equation.check.each
    fields = reader.fields_of(array) if array else {}
    return bool(results_of([equation], array)) and all(
        name in fields and fields[name].type in ("money", "quantity") for name in equation.names
    )


def _table(page_text: PageText, page_index: int, equation: Equation, reader: TableReader) -> Table | None:
    products = _in_one_column(list(_products(page_text, equation, reader.conventions)))
    telling = sum(product.telling for product in products)
    if not products or (telling < PARAMS.columns.bare_least_rows and not _summed(products, page_text, reader)):
        return None
    start = products[0].at
    spans = body_columns([page_text.lines[product.at] for product in products], page_text.width)
    above = _header_above(page_text, start)
    keys = tuple(_keys_over(spans, above, equation.check.each, reader.index))
    first = start if above is None else start - 1
    box = page_text.lines[first].box
    header = Header(equation.check.each, keys, SCORE, page_index, first, start - 1, box, page_text.width)
    table = reader.table(page_text, header, len(page_text.lines))
    return table if table is not None and _holds(table, equation) else None


def _products(page_text: PageText, equation: Equation, conventions: Conventions) -> Iterator[Product]:
    """The lines with words and a product, their amount right of both factors."""
    for at, line in enumerate(page_text.lines):
        cells = [(cell, conventions.number(cell.text, money=True)) for cell in cells_of(line)]
        numbers = [(cell, number) for cell, number in cells if number is not None]
        if len(numbers) < PARAMS.columns.product_numbers or len(numbers) == len(cells):
            continue
        found = [
            Product(at, cell, amount, 1 not in (count, price))
            for place, (cell, amount) in enumerate(numbers[: PARAMS.columns.most_permuted])
            if amount and conventions.is_money(amount, None)
            for (_, count), (_, price) in combinations(numbers[:place], 2)
            if abs(count * price - amount) <= equation.slack
        ]
        if found:
            yield max(found, key=lambda product: product.telling)


def _in_one_column(products: Sequence[Product]) -> list[Product]:
    """Those whose amounts stand under each other, in the column that has the most of them."""
    columns = [
        [other for other in products if other.amount.box.overlap_x(product.amount.box) > 0] for product in products
    ]
    return max(columns, key=len, default=[])


def _summed(products: Sequence[Product], page_text: PageText, reader: TableReader) -> bool:
    """Whether the sum of the amounts is printed below them."""
    total = sum((product.value for product in products), Decimal(0))
    below = (cell for line in page_text.lines[products[-1].at + 1 :] for cell in cells_of(line))
    return any(reader.conventions.number(cell.text, money=True) == total for cell in below)


def _header_above(page_text: PageText, start: int) -> Line | None:
    """The line right above the first row, if it is words in several places."""
    if not start:
        return None
    above, row = page_text.lines[start - 1], page_text.lines[start]
    near = row.box.top - above.box.bottom <= PARAMS.headers.above_pitches * page_text.pitch
    words = len(above.segments) >= PARAMS.headers.least_columns and not any(map(str.isdigit, above.text))
    return above if near and words else None


def _keys_over(spans: Sequence[Span], above: Line | None, array: str, index: LabelIndex) -> Iterator[Column]:
    """The columns, each with the words of the line above that stand next to it."""
    tokens = [token for segment in above.segments for token in segment.tokens] if above is not None else []
    homes = nearest(spans, [(token.box.left, token.box.right) for token in tokens])
    for at, (left, right) in enumerate(spans):
        text = " ".join(token.text for token, home in zip(tokens, homes, strict=True) if home == at)
        matches = tuple(match for match in index.matches(text) if match.field.array == array)
        yield Column(text, matches, left, right)


def _holds(table: Table, equation: Equation) -> bool:
    """Whether most rows that have all its numbers agree with the equation, and one has."""
    prefix = table.array + "."
    known = [
        {
            path.removeprefix(prefix): number
            for path, leaf in row.items()
            if (number := as_number(leaf.value)) is not None
        }
        for row in table.rows
    ]
    said = [agrees for numbers in known if (agrees := equation.holds(numbers)) is not None]
    return bool(said) and sum(said) >= PARAMS.columns.holds_share * len(said)
