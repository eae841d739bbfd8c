"""One item of a receipt from its line, or two: name, count, price and amount in the orders that tills print them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import combinations

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import signs_in
from docpipe.literals.lexicon import all_languages
from docpipe.page.lines import Line, Token

RECEIPT_ITEMS = "receipt_items"
ALONE = weight("receipt_items.alone")  # of an item whose sum is not known to be printed
CLEAR = Decimal("0.01")  # a product of quantity and price may differ by a rounded cent
COUNT = re.compile(r"(\d{1,3})[x×*]?", re.IGNORECASE)
TIMES = re.compile(rf"[x×*@]|{'|'.join(map(re.escape, all_languages().times))}", re.IGNORECASE)
TAX_MARK = re.compile(r"\(\w\)")  # between name and amount
SIGN = re.compile(r"[^\w\s]")  # behind a name, of a lower rate of tax: "※"
WHOLE = re.compile(r"\D{0,4}[1-9]\d{0,2}(?:[.,']\d{3})+\D{0,3}|-?[1-9]\d{1,6}|[^\d\s]{1,3}\d{1,7}\D{0,3}")
GLUED_MARK = re.compile(r"(.*\d)[^\W\d_]")  # "9.90T"
RATE = re.compile(r"\(?\d+(?:[.,]\d+)?%\)?")
UNITS = frozenset(("kg", "g", "gr", "mg", "lb", "lbs", "oz", "l", "lt", "ltr", "ml", "cl", "m", "cm", "mm", "ft", "in"))
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
    if conventions.are_whole and not WHOLE.fullmatch(token.text):
        return None
    return reading.value if conventions.is_money(reading.value, array.amount.node.scale) else None


def without_marks(words: Sequence[Token], array: ReceiptArray, conventions: Conventions) -> list[Token]:
    """The words up to the last amount: without a tax letter, sign or rate behind it, or glued to it."""
    for marks in range(min(PARAMS.most_marks, len(words) - 1) + 1):
        last = words[len(words) - 1 - marks]
        if money_of(last, array, conventions) is not None:
            return list(words[: len(words) - marks])
        glued = GLUED_MARK.fullmatch(last.text)
        bare = replace(last, text=glued[1]) if glued is not None else last
        if glued is not None and money_of(bare, array, conventions) is not None:
            return [*words[: len(words) - 1 - marks], bare]
        if not _is_mark(last):
            break
    return list(words)


def item_of(line: Line, array: ReceiptArray, page_index: int, conventions: Conventions) -> dict[str, Leaf] | None:
    """Name, amount and the count in front of the name; None for a line that is no item."""
    tokens = without_marks(tokens_of(line), array, conventions)
    amount = money_of(tokens[-1], array, conventions) if len(tokens) > 1 else None
    if amount is None:
        return None
    row = {array.amount.path: Leaf(amount, (tokens[-1],), page_index, ALONE, RECEIPT_ITEMS)}
    name = tokens[:-1]
    if len(name) > 1 and name[0].text.isdigit() and len(name[0].text) >= PARAMS.long_code_digits:
        name = name[1:]
    count = COUNT.fullmatch(name[0].text) if not _numbers_a_name(name) else None
    if count is not None and len(name) > 1:
        skip = 2 if TIMES.fullmatch(name[1].text) else 1
        if array.count is not None:
            row[array.count.path] = Leaf(Decimal(count[1]), (name[0],), page_index, ALONE, RECEIPT_ITEMS)
        name = name[skip:]
    behind = _multiplied(name, amount, conventions)
    if behind is not None and len(name) > 2:
        row |= product_of(behind, array, page_index)
        name = name[:-2]
    price = money_of(name[-1], array, conventions) if count is not None and len(name) > 1 else None
    if price is not None and count is not None and abs(price * int(count[1]) - amount) <= CLEAR:
        if array.price is not None:
            row[array.price.path] = Leaf(price, (name[-1],), page_index, ALONE, RECEIPT_ITEMS)
        name = name[:-1]
    if len(name) > 1 and (TAX_MARK.fullmatch(name[-1].text) or _is_rate_cell(name[-1], line)):
        name = name[:-1]
    if len(name) > 1 and (TIMES.fullmatch(name[-1].text) or SIGN.fullmatch(name[-1].text)):
        name = name[:-1]
    text = " ".join(token.text for token in name).strip()
    if not any(char.isalpha() for char in text) or GLUED.search(text) or is_measure(name, amount, conventions):
        return None
    row[array.name.path] = Leaf(text, tuple(name), page_index, ALONE, RECEIPT_ITEMS)
    return row


def _is_mark(token: Token) -> bool:
    """A tax letter or rate, a sign or a currency, behind an amount."""
    short = len(token.text) <= PARAMS.mark_chars and not token.text.isdigit()
    return short or RATE.fullmatch(token.text) is not None or (token.text.isalpha() and bool(signs_in(token.text)))


def _is_rate_cell(token: Token, line: Line) -> bool:
    """A percentage in a column of its own: "DK CHOC 70%" keeps what belongs to its name."""
    return bool(RATE.fullmatch(token.text)) and any(segment.tokens[0].index == token.index for segment in line.segments)


def _multiplied(tokens: Sequence[Token], amount: Decimal, conventions: Conventions) -> tuple[Factor, Factor] | None:
    """The last two words, if they are numbers that make the amount: "1 8.50 8.50", "2.40 2 4.80"."""
    numbers = _factors(tokens[-2:], conventions)
    if len(numbers) < 2 or abs(numbers[0][0] * numbers[1][0] - amount) > CLEAR:
        return None
    return numbers[0], numbers[1]


def product_of(factors: tuple[Factor, Factor], array: ReceiptArray, page_index: int) -> dict[str, Leaf]:
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


def _numbers_a_name(words: Sequence[Token]) -> bool:
    """A number that is no count, "3 IN 1 COFFEE": a short word and another number follow it."""
    return (
        len(words) > PARAMS.numbered_words
        and len(words[1].text) <= PARAMS.mark_chars
        and words[1].text.isalpha()
        and TIMES.fullmatch(words[1].text) is None
        and words[2].text.isdigit()
    )


def is_measure(words: Sequence[Token], amount: Decimal, conventions: Conventions) -> bool:
    """Numbers, units and signs alone, such as "2.56 lb @ 0.54 /lb": the name stands above.

    The numbers make the amount, or the letters are units: "7UP 320ML" is a name.
    """
    letters = [run for token in words for run in LETTERS.findall(token.text)]
    longest = max(map(len, letters), default=0)
    if not words[0].text.lstrip("(-")[:1].isdigit():
        return longest <= 1 and bool(products_in(words, amount, conventions))  # "L 1.000 68.00"
    if longest > PARAMS.unit_chars:
        return False
    return bool(products_in(words, amount, conventions)) or all(
        run.casefold() in UNITS or TIMES.fullmatch(run) is not None or len(run) == 1 for run in letters
    )


def products_in(words: Iterable[Token], amount: Decimal, conventions: Conventions) -> list[tuple[Factor, Factor]]:
    """The pairs of numbers in some words that make the amount."""
    numbers = [
        (value, token)
        for token in words
        for text in NUMBERS.findall(token.text)
        if (value := conventions.number(text)) is not None
    ]
    return [pair for pair in combinations(numbers, 2) if abs(pair[0][0] * pair[1][0] - amount) <= CLEAR]


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
    """The item with its count and price; another number in front of its name is no count but a part of the name."""
    made = product_of(factors, array, page_index)
    before = row.get(array.count.path) if array.count is not None else None
    name = row[array.name.path]
    if before is not None and array.count is not None and before.value != made[array.count.path].value:
        tokens = (*before.tokens, *name.tokens)
        name = replace(name, value=" ".join(token.text for token in tokens), tokens=tokens)
    return {**row, array.name.path: name, **made}
