"""One item of a receipt from its line, or two: name, count, price and amount in the orders that tills print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, takewhile

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.lexicon import all_languages
from docpipe.page.lines import Line, Token

RECEIPT_ITEMS = "receipt_items"
ALONE = weight("receipt_items.alone")  # of an item whose sum is not known to be printed
CLEAR = Decimal("0.01")  # a product of quantity and price may differ by a rounded cent
COUNT = re.compile(r"(\d{1,3})[x×*]?", re.IGNORECASE)
TIMES = re.compile(rf"[x×*@]|{'|'.join(map(re.escape, all_languages().times))}", re.IGNORECASE)
TAX_MARK = re.compile(r"\(\w\)")  # between name and amount
RATE = re.compile(r"\(?\d+(?:[.,]\d+)?%\)?")
LETTERS = re.compile(r"[^\W\d_]+")
NUMBERS = re.compile(r"\d+(?:[.,]\d+)?")
GLUED = re.compile(r"(\d+(?:[.,]\d+)?)\s*[x×*@]\s*(\d+[.,]\d+)", re.IGNORECASE)

Factor = tuple[Decimal, Token]


@dataclass(frozen=True, slots=True)
class ReceiptArray:
    """An array of the schema whose items a receipt prints: the name, the amount, what its check multiplies."""

    path: str
    name: Field
    amount: Field
    count: Field | None
    price: Field | None
    total: Field | None  # which a check says the amounts do not exceed


def amount_of(row: Row, array: ReceiptArray) -> Decimal:
    """An item's amount."""
    value = row[array.amount.path].value
    return value if isinstance(value, Decimal) else Decimal(0)


def tokens_of(line: Line) -> list[Token]:
    """The words of a line."""
    return [token for segment in line.segments for token in segment.tokens]


def money_of(token: Token, array: ReceiptArray, conventions: Conventions) -> Decimal | None:
    """The amount that a word prints with all its decimals."""
    reading = read(array.amount, [token], conventions)
    if reading is None or not isinstance(reading.value, Decimal):
        return None
    return reading.value if conventions.is_money(reading.value, array.amount.node.scale) else None


def item_of(line: Line, array: ReceiptArray, page_index: int, conventions: Conventions) -> dict[str, Leaf] | None:
    """Name, amount and the count in front of the name; None for a line that is no item."""
    tokens = tokens_of(line)
    marks = sum(1 for _ in takewhile(_is_mark, tokens[::-1]))
    tokens = tokens[: len(tokens) - marks] if marks <= PARAMS.most_marks else tokens
    amount = money_of(tokens[-1], array, conventions) if len(tokens) > 1 else None
    if amount is None:
        return None
    row = {array.amount.path: Leaf(amount, (tokens[-1],), page_index, ALONE, RECEIPT_ITEMS)}
    name = tokens[:-1]
    count = COUNT.fullmatch(name[0].text)
    if count is not None and len(name) > 1:
        skip = 2 if TIMES.fullmatch(name[1].text) else 1
        if array.count is not None:
            row[array.count.path] = Leaf(Decimal(count[1]), (name[0],), page_index, ALONE, RECEIPT_ITEMS)
        name = name[skip:]
    behind = _multiplied(name, amount, conventions)
    if behind is not None and len(name) > 2:
        row |= _product(behind, array, page_index)
        name = name[:-2]
    price = money_of(name[-1], array, conventions) if count is not None and len(name) > 1 else None
    if price is not None and count is not None and abs(price * int(count[1]) - amount) <= CLEAR:
        if array.price is not None:
            row[array.price.path] = Leaf(price, (name[-1],), page_index, ALONE, RECEIPT_ITEMS)
        name = name[:-1]
    if len(name) > 1 and (TAX_MARK.fullmatch(name[-1].text) or _is_rate_cell(name[-1], line)):
        name = name[:-1]
    if len(name) > 1 and TIMES.fullmatch(name[-1].text):
        name = name[:-1]
    text = " ".join(token.text for token in name).strip()
    if not any(char.isalpha() for char in text) or GLUED.search(text) or _is_measure(name):
        return None
    row[array.name.path] = Leaf(text, tuple(name), page_index, ALONE, RECEIPT_ITEMS)
    return row


def _is_mark(token: Token) -> bool:
    """A tax letter or a sign behind an amount."""
    return len(token.text) <= PARAMS.mark_chars and not token.text.isdigit()


def _is_rate_cell(token: Token, line: Line) -> bool:
    """A percentage in a column of its own: "DK CHOC 70%" keeps what belongs to its name."""
    return bool(RATE.fullmatch(token.text)) and any(segment.tokens[0].index == token.index for segment in line.segments)


def _multiplied(tokens: Sequence[Token], amount: Decimal, conventions: Conventions) -> tuple[Factor, Factor] | None:
    """The last two words, if they are numbers that make the amount: "1 8.50 8.50", "2.40 2 4.80"."""
    numbers = _factors(tokens[-2:], conventions)
    if len(numbers) < 2 or abs(numbers[0][0] * numbers[1][0] - amount) > CLEAR:
        return None
    return numbers[0], numbers[1]


def _product(factors: tuple[Factor, Factor], array: ReceiptArray, page_index: int) -> dict[str, Leaf]:
    """Count and price: a whole number behind an amount is the count."""
    first, second = factors
    if (
        second[0] == second[0].to_integral_value()
        and "." not in str(second[0])
        and first[0].as_tuple().exponent in (-2, -3)
    ):
        first, second = second, first
    pairs = zip((array.count, array.price), (first, second), strict=True)
    return {
        field.path: Leaf(value, (token,), page_index, ALONE, RECEIPT_ITEMS)
        for field, (value, token) in pairs
        if field is not None
    }


def _is_measure(words: Sequence[Token]) -> bool:
    """Numbers, units and signs alone, such as "2.56 lb @ 0.54 /lb": the name stands above."""
    numbers = sum(any(char.isdigit() for char in token.text) for token in words)
    letters = [len(run) for token in words for run in LETTERS.findall(token.text)]
    return bool(numbers) and words[0].text.lstrip("(-")[:1].isdigit() and max(letters, default=0) <= PARAMS.unit_chars


def with_named_above(
    items: Iterable[tuple[Line, Row]],
    lines: Sequence[Line],
    array: ReceiptArray,
    page_index: int,
    conventions: Conventions,
) -> list[tuple[Line, Row]]:
    """The items, and those whose line has numbers alone and whose name is the line above."""
    taken = {line.number: row for line, row in items}
    named: list[tuple[Line, Row]] = []
    for above, line in zip((None, *lines), lines, strict=False):
        row = taken.get(line.number)
        if above is not None and above.number not in taken:
            row = _measured(above, line, array, page_index, conventions) or row
        if row is not None:
            named.append((line, row))
    return named


def _measured(above: Line, line: Line, array: ReceiptArray, page_index: int, conventions: Conventions) -> Row | None:
    """An item of two lines: its name, then how much of it at which price, and the amount at the edge."""
    tokens = [
        token
        for token in tokens_of(line)
        if any(char.isdigit() for char in token.text) or len(token.text) > PARAMS.mark_chars
    ]
    amount = money_of(tokens[-1], array, conventions) if len(tokens) > 1 else None
    name = tokens_of(above)
    measured = sum(any(char.isdigit() for char in token.text) for token in tokens[:-1]) > 1
    if amount is None or len(line.segments) < 2 or not measured or not _is_measure(tokens_of(line)):
        return None
    if not any(len(run) > PARAMS.unit_chars for token in name for run in LETTERS.findall(token.text)) or any(
        money_of(token, array, conventions) is not None for token in name[-2:]
    ):
        return None
    name = name[1:] if len(name) > 1 and name[0].text.isdigit() else name
    row = {
        array.name.path: Leaf(" ".join(token.text for token in name), tuple(name), page_index, ALONE, RECEIPT_ITEMS),
        array.amount.path: Leaf(amount, (tokens[-1],), page_index, ALONE, RECEIPT_ITEMS),
    }
    numbers = [
        (value, token)
        for token in tokens[:-1]
        for text in NUMBERS.findall(token.text)
        if (value := conventions.number(text)) is not None
    ]
    pairs = [(count, price) for count, price in combinations(numbers, 2) if abs(count[0] * price[0] - amount) <= CLEAR]
    return row | (_product(pairs[0], array, page_index) if pairs else {})


def factors_in(tokens: Sequence[Token], conventions: Conventions) -> tuple[Factor, Factor] | None:
    """The two numbers around a multiplication sign: "2 x 1,50", "1.809 kg x 1.81", "2x1,50"."""
    for at, token in enumerate(tokens):
        glued = GLUED.fullmatch(token.text)
        if glued is not None:
            first, second = (conventions.number(text) for text in (glued[1], glued[2]))
            return ((first, token), (second, token)) if first is not None and second is not None else None
        if TIMES.fullmatch(token.text) and 0 < at < len(tokens) - 1:
            before, after = _factors(tokens[:at], conventions), _factors(tokens[at:], conventions)
            return (before[-1], after[0]) if before and after else None
    return None


def _factors(tokens: Sequence[Token], conventions: Conventions) -> list[Factor]:
    """The words that are numbers."""
    return [(value, token) for token in tokens if (value := conventions.number(token.text)) is not None]


def agrees(row: Row, factors: tuple[Factor, Factor], array: ReceiptArray) -> bool:
    """Whether two factors make the item's amount."""
    return abs(factors[0][0] * factors[1][0] - amount_of(row, array)) <= CLEAR


def with_factors(row: Row, factors: tuple[Factor, Factor], array: ReceiptArray, page_index: int) -> dict[str, Leaf]:
    """The item with its count and price."""
    return dict(row) | _product(factors, array, page_index)
