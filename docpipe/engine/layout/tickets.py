"""Items of a ticket: a name, an amount at the right edge, no header above them, totals below.

For schemas of documents that are addressed to nobody, and arrays whose amount a check computes from
other fields. What ends the items is the caption of an amount that stands outside the array.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import takewhile

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.candidates import Candidate
from docpipe.engine.layout.captions import captions_in
from docpipe.engine.layout.equations import Equation
from docpipe.engine.layout.fields import Field
from docpipe.engine.layout.labels import LabelIndex
from docpipe.engine.layout.lines import Line, Piece, Segment, Sheet
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.style import Style
from docpipe.schema.values import parse_number

AGREED = 0.95  # score of items whose sum is printed below them
ALONE = 0.72  # and of others
SUMMED = 0.86  # of a total that is known by its sum alone
EDGE = 3.5  # letters: amounts end this near to the right edge of them all; a tax letter may follow
CLEAR = Decimal("0.01")  # a product of quantity and price may differ by a rounded cent
COUNT = re.compile(r"(\d{1,3})[x×*]?", re.IGNORECASE)
TIMES = re.compile(r"[x×*@à]", re.IGNORECASE)
GLUED = re.compile(r"(\d+(?:[.,]\d+)?)\s*[x×*@]\s*(\d+[.,]\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class TicketArray:
    """An array of the schema whose items a ticket prints: the name, the amount, what its check multiplies."""

    path: str
    name: Field
    amount: Field
    count: Field | None
    price: Field | None
    total: Field | None  # which a check says the amounts do not exceed


@dataclass(frozen=True, slots=True)
class Ticket:
    """The items of one sheet, and the segments they take up."""

    array: str
    sheet: int
    rows: tuple[Row, ...]
    segments: tuple[Segment, ...]
    total: Candidate | None = None  # the sum of the items, printed right below them


def ticket_arrays(index: LabelIndex, equations: Sequence[Equation]) -> tuple[TicketArray, ...]:
    """The arrays that a ticket may print without a header; none where the schema knows a recipient."""
    if any(section.role == "recipient" for section in index.sections):
        return ()
    found = []
    for equation in equations:
        array, products = equation.check.each, [names for names, _ in equation.terms if len(names) == 2]
        fields = {one.path.removeprefix(f"{array}."): one for one in index.fields if array and one.array == array}
        amounts = [names[0] for names, _ in equation.terms if len(names) == 1]
        texts = [one for one in fields.values() if one.node.kind == "string" and one.shape == "text"]
        if equation.equality and len(amounts) == 1 and len(products) == 1 and texts and amounts[0] in fields:
            factors = [fields[name] for name in products[0] if name in fields]
            count = next((one for one in factors if one.shape == "count"), None)
            price = next((one for one in factors if one is not count), None)
            amount = fields[amounts[0]]
            found.append(TicketArray(array, texts[0], amount, count, price, _ceiling(amount, index, equations)))
    return tuple(found)


def _ceiling(amount: Field, index: LabelIndex, equations: Sequence[Equation]) -> Field | None:
    """The field that a check says is at least the sum of the amounts."""
    checks = [one.check for one in equations if one.check.op == "<=" and one.check.left == f"sum({amount.path})"]
    return next((one for check in checks for one in index.fields if one.path == check.right), None)


def read_ticket(array: TicketArray, sheet: Sheet, number: int, index: LabelIndex, style: Style) -> Ticket | None:
    """The items between a ticket's head and its totals; None without items or without totals."""
    named = next((at for at, line in enumerate(sheet.lines) if _is_total(line, array, index, style)), None)
    lines = [line for line in sheet.lines[:named] if not _is_captioned(line, index)]
    items = [(line, item) for line in lines if (item := _item(line, array, number, style)) is not None]
    edge = max((_right(item, array) for _, item in items), default=0.0)
    items = [one for one in items if edge - _right(one[1], array) <= EDGE * sheet.letter]
    stop = _sum_at([_amount(row, array) for _, row in items])
    if not items or (named is None and stop is None):
        return None
    total, items = (items[stop] if stop is not None else None), items[:stop]
    end = sheet.lines.index(total[0]) if total is not None else named
    printed = {parse_number(piece.text, style.mark) for line in sheet.lines[end:] for piece in _pieces(line)}
    score = AGREED if sum((_amount(row, array) for _, row in items), Decimal(0)) in printed else ALONE
    known = {id(line): row for line, row in items}
    used = [line for line, _ in items]
    first = sheet.lines.index(items[0][0])
    last: Line | None = None
    for line in sheet.lines[max(0, first - 1) : end]:
        if id(line) in known:
            last = line
        elif (factors := _factors(_pieces(line), style)) is not None:
            home = next(
                (one for one in _around(line, last, sheet, known) if _agrees(known[id(one)], factors, array)), None
            )
            if home is not None:
                known[id(home)] = _with_factors(known[id(home)], factors, array, number)
                used.append(line)
    rows = [{path: replace(leaf, score=score) for path, leaf in known[id(line)].items()} for line, _ in items]
    segments = tuple(one for line in used for one in line.segments)
    return Ticket(array.path, number, tuple(rows), segments, _total(total, array) if total is not None else None)


def _sum_at(amounts: Sequence[Decimal]) -> int | None:
    """Where an amount is the sum of all before it: no item, but the total under an unknown caption."""
    sums = [at for at in range(1, len(amounts)) if amounts[at] == sum(amounts[:at], Decimal(0)) != 0]
    return next((at for at in sums if at > 1), sums[0] if sums else None)


def _total(line: tuple[Line, Row], array: TicketArray) -> Candidate | None:
    leaf = line[1][array.amount.path]
    if array.total is None:
        return None
    home = next(one for one in line[0].segments if leaf.pieces[0] in one.pieces)
    return Candidate(array.total, Reading(leaf.value, leaf.pieces, 1.0), home, SUMMED, "sum")


def _amount(row: Row, array: TicketArray) -> Decimal:
    value = row[array.amount.path].value
    return value if isinstance(value, Decimal) else Decimal(0)


def _around(line: Line, last: Line | None, sheet: Sheet, known: Mapping[int, Row]) -> list[Line]:
    """The item above a line of factors, and the one below it."""
    at = sheet.lines.index(line)
    below = [one for one in sheet.lines[at + 1 : at + 2] if id(one) in known]
    return [*([last] if last is not None else []), *below]


def _pieces(line: Line) -> list[Piece]:
    return [piece for one in line.segments for piece in one.pieces]


def _is_total(line: Line, array: TicketArray, index: LabelIndex, style: Style) -> bool:
    """A caption of an amount outside the array, with an amount on its line."""
    named = any(
        field.node.kind == "number" and not field.array
        for one in line.segments[:1]
        for caption in captions_in(one, index)
        for field in caption.fields()
    )
    return named and any(_money(piece, array, style) is not None for piece in _pieces(line))


def _is_captioned(line: Line, index: LabelIndex) -> bool:
    return any(caption.known or caption.colon for caption in captions_in(line.segments[0], index))


def _money(piece: Piece, array: TicketArray, style: Style) -> Decimal | None:
    """The amount that a word prints with all its decimals."""
    reading = read(array.amount, [piece], style)
    if reading is None or not isinstance(reading.value, Decimal):
        return None
    places = array.amount.node.scale
    return reading.value if -int(reading.value.as_tuple().exponent) == (2 if places is None else places) else None


def _item(line: Line, array: TicketArray, number: int, style: Style) -> dict[str, Leaf] | None:
    """Name, amount and the count in front of the name; None for a line that is no item."""
    pieces = _pieces(line)
    marks = sum(1 for _ in takewhile(lambda piece: len(piece.text) <= 2 and not piece.text.isdigit(), pieces[::-1]))
    pieces = pieces[: len(pieces) - marks] if marks <= 1 else pieces
    amount = _money(pieces[-1], array, style) if len(pieces) > 1 else None
    if amount is None:
        return None
    row = {array.amount.path: Leaf(amount, (pieces[-1],), number, ALONE)}
    name = pieces[:-1]
    count = COUNT.fullmatch(name[0].text)
    if count is not None and len(name) > 1:
        skip = 2 if TIMES.fullmatch(name[1].text) else 1
        if array.count is not None:
            row[array.count.path] = Leaf(Decimal(count[1]), (name[0],), number, ALONE)
        name = name[skip:]
    price = _money(name[-1], array, style) if count is not None and len(name) > 1 else None
    if price is not None and count is not None and abs(price * int(count[1]) - amount) <= CLEAR:
        if array.price is not None:
            row[array.price.path] = Leaf(price, (name[-1],), number, ALONE)
        name = name[:-1]
    text = " ".join(piece.text for piece in name).strip()
    if not any(char.isalpha() for char in text) or GLUED.search(text):
        return None
    row[array.name.path] = Leaf(text, tuple(name), number, ALONE)
    return row


def _right(row: Row, array: TicketArray) -> float:
    return row[array.amount.path].pieces[-1].box[2]


Factor = tuple[Decimal, Piece]


def _factors(pieces: Sequence[Piece], style: Style) -> tuple[Factor, Factor] | None:
    """The two numbers around a multiplication sign: "2 x 1,50", "1.809 kg x 1.81", "2x1,50"."""
    for at, piece in enumerate(pieces):
        glued = GLUED.fullmatch(piece.text)
        left = glued[1] if glued else ""
        if glued is not None:
            first, second = parse_number(left, style.mark), parse_number(glued[2], style.mark)
            return ((first, piece), (second, piece)) if first is not None and second is not None else None
        if TIMES.fullmatch(piece.text) and 0 < at < len(pieces) - 1:
            before = [(value, one) for one in pieces[:at] if (value := parse_number(one.text, style.mark)) is not None]
            after = [(value, one) for one in pieces[at:] if (value := parse_number(one.text, style.mark)) is not None]
            return (before[-1], after[0]) if before and after else None
    return None


def _agrees(row: Row, factors: tuple[Factor, Factor], array: TicketArray) -> bool:
    return abs(factors[0][0] * factors[1][0] - _amount(row, array)) <= CLEAR


def _with_factors(row: Row, factors: tuple[Factor, Factor], array: TicketArray, number: int) -> dict[str, Leaf]:
    found = dict(row)
    for field, (value, piece) in zip((array.count, array.price), factors, strict=True):
        if field is not None:
            found[field.path] = Leaf(value, (piece,), number, ALONE)
    return found
