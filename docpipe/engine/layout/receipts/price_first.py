"""Which of two factors is the count: tills that print "14.00 2.00 28.00" mean a price, then how many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.receipts.items import ReceiptArray
from docpipe.page.lines import Line


def counted(rows: Sequence[Row], lines: Iterable[Line], array: ReceiptArray, index: LabelIndex) -> list[Row]:
    """The rows, count and price in the order that the header says; without one the whole numbers are the counts, where
    all on one side are whole and not all on the other, and of whole numbers the smaller.
    """
    if array.count is None or array.price is None:
        return list(rows)
    count, price = array.count.path, array.price.path
    both = [row for row in rows if _in_doubt(row, count, price)]
    if not both:
        return list(rows)
    said = _price_first(lines, both[0], array, index)
    first, second = ([_number(row[path]) for row in both] for path in (count, price))
    whole = [all(number == number.to_integral_value() for number in numbers) for numbers in (first, second)]
    guessed = whole == [False, True] or (whole == [True, True] and sum(first) > sum(second))
    if said if said is not None else guessed:
        return [_turned(row, count, price) if _in_doubt(row, count, price) else row for row in rows]
    return list(rows)


def _in_doubt(row: Row, count: str, price: str) -> bool:
    """Whether a row has both, the count in front, and neither is printed as counts or prices only are."""
    if count not in row or price not in row:
        return False
    factors = row[count], row[price]
    before = factors[0].tokens[0].box.left < factors[1].tokens[0].box.left
    return before and _decimals(factors[0]) == _decimals(factors[1])


def _price_first(lines: Iterable[Line], row: Row, array: ReceiptArray, index: LabelIndex) -> bool | None:
    """Whether a header says that the left one of a row's factors is the price; None if none does.

    The key of either stands over it, or next to it.
    """
    if array.count is None or array.price is None:
        return None
    left, right = (row[field.path].tokens[0].box for field in (array.count, array.price))
    for line in lines:
        for segment in line.segments:
            field = next((match.field for match in index.matches(segment.text)), None)
            if field is array.count or field is array.price:
                nearer = abs(segment.box.mid_x - left.mid_x) < abs(segment.box.mid_x - right.mid_x)
                return nearer is (field is array.price)
    return None


def _turned(row: Row, count: str, price: str) -> Row:
    return {**row, count: row[price], price: row[count]}


def _number(leaf: Leaf) -> Decimal:
    return leaf.value if isinstance(leaf.value, Decimal) else Decimal(0)


def _decimals(leaf: Leaf) -> int:
    return -int(_number(leaf).as_tuple().exponent)
