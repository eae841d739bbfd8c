"""Items of a receipt: a name, an amount at the right edge, no header above them, totals below.

For arrays of the role "receipt_items". What ends the items is the key of an amount that stands outside the array.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from docpipe.engine.layout.answer import Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.keys.printed_keys import keys_in
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.receipts.items import (
    ALONE,
    ReceiptArray,
    agrees,
    amount_of,
    factors_in,
    item_of,
    money_of,
    tokens_of,
    with_factors,
    with_named_above,
)
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scoring.equations import Equation
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import Line, PageText, Segment

AGREED = weight("receipt_items.agreed")  # score of items whose sum is printed below them
SUMMED = weight("sum_of_items")  # of a total that is known by its sum alone
EDGE = 3.5  # letters: amounts, or the tax letters behind them, end this near to the right edge of them all


@dataclass(frozen=True, slots=True)
class Receipt:
    """The items of one sheet, and the segments they take up."""

    array: str
    page_text: int
    rows: tuple[Row, ...]
    segments: tuple[Segment, ...]
    total: Candidate | None = None  # the sum of the items, printed right below them


def receipt_arrays(
    fields: Sequence[Field], paths: Sequence[str], equations: Sequence[Equation]
) -> tuple[ReceiptArray, ...]:
    """The parts of the arrays at `paths`: by the check that computes their amounts, else by their types."""
    computed = computed_items(fields, paths, equations)
    others = [path for path in paths if all(one.path != path for one in computed)]
    return (*computed, *_items_by_type(fields, others, equations))


def computed_items(
    fields: Iterable[Field], paths: Collection[str], equations: Sequence[Equation]
) -> tuple[ReceiptArray, ...]:
    """The arrays at `paths` whose amount a check computes from two other fields."""
    fields = tuple(fields)
    found = []
    for equation in equations:
        array, products = equation.check.each, [names for names, _ in equation.terms if len(names) == 2]
        mine = {one.path.removeprefix(f"{array}."): one for one in fields if array in paths and one.array == array}
        amounts = [names[0] for names, _ in equation.terms if len(names) == 1]
        texts = _texts(mine.values())
        if equation.equality and len(amounts) == 1 and len(products) == 1 and texts and amounts[0] in mine:
            factors = [mine[name] for name in products[0] if name in mine]
            count = next((one for one in factors if one.type == "quantity"), None)
            price = next((one for one in factors if one is not count), None)
            amount = mine[amounts[0]]
            found.append(ReceiptArray(array, texts[0], amount, count, price, _ceiling(amount, fields, equations)))
    return tuple(found)


def _items_by_type(
    fields: Sequence[Field], paths: Iterable[str], equations: Sequence[Equation]
) -> Iterator[ReceiptArray]:
    """The arrays with one text or more and one field of money: without a check nothing tells two of them apart."""
    for path in paths:
        mine = [one for one in fields if one.array == path]
        texts, amounts = _texts(mine), [one for one in mine if one.type == "money"]
        count = next((one for one in mine if one.type == "quantity"), None)
        if texts and len(amounts) == 1:
            yield ReceiptArray(path, texts[0], amounts[0], count, None, _ceiling(amounts[0], fields, equations))


def _texts(fields: Iterable[Field]) -> list[Field]:
    return [one for one in fields if one.node.kind == "string" and one.type in ("text", "name")]


def _ceiling(amount: Field, fields: Iterable[Field], equations: Sequence[Equation]) -> Field | None:
    """The field that a check says is at least the sum of the amounts."""
    checks = [one.check for one in equations if one.check.op == "<=" and one.check.left == f"sum({amount.path})"]
    return next((one for check in checks for one in fields if one.path == check.right), None)


def read_receipt(
    array: ReceiptArray, page_text: PageText, number: int, index: LabelIndex, style: Conventions
) -> Receipt | None:
    """The items between a receipt's head and its totals; None without items or without totals."""
    named = next((at for at, line in enumerate(page_text.lines) if _is_total(line, array, index, style)), None)
    lines = [line for line in page_text.lines[:named] if not _is_keyed(line, index)]
    whole = [(line, item) for line in lines if (item := item_of(line, array, number, style)) is not None]
    items = with_named_above(whole, lines, array, number, style)
    edge = max((line.box.right for line, _ in items), default=0.0)
    items = [one for one in items if edge - one[0].box.right <= EDGE * page_text.letter]
    below = _printed(page_text.lines[named:], style) if named is not None else frozenset()
    amounts = [amount_of(row, array) for _, row in items]
    stop = None if sum(amounts, Decimal(0)) in below else _sum_at(amounts)
    if not items or (named is None and stop is None):
        return None
    total, items = (items[stop] if stop is not None else None), items[:stop]
    end = page_text.lines.index(total[0]) if total is not None else named
    agreed = sum((amount_of(row, array) for _, row in items), Decimal(0)) in _printed(page_text.lines[end:], style)
    score = AGREED if agreed else ALONE
    home = {token.index: line for line in page_text.lines for token in tokens_of(line)}
    names = [home[row[array.name.path].tokens[0].index] for _, row in items]
    found, measures = _with_measures(items, page_text, end, array, number, style)
    rows = [{path: replace(leaf, score=score) for path, leaf in row.items()} for row in found]
    segments = tuple(one for line in [*(line for line, _ in items), *names, *measures] for one in line.segments)
    return Receipt(array.path, number, tuple(rows), segments, _total(total, array) if total is not None else None)


def _with_measures(
    items: Sequence[tuple[Line, Row]],
    page_text: PageText,
    end: int | None,
    array: ReceiptArray,
    number: int,
    style: Conventions,
) -> tuple[list[Row], list[Line]]:
    """The rows with the counts and prices that lines above or below them print, and these lines."""
    known = {line.number: row for line, row in items}
    measures: list[Line] = []
    last: Line | None = None
    for line in page_text.lines[max(0, page_text.lines.index(items[0][0]) - 1) : end]:
        if line.number in known:
            last = line
        elif (factors := factors_in(tokens_of(line), style)) is not None:
            near = _around(line, last, page_text, known)
            home = next((one for one in near if agrees(known[one.number], factors, array)), None)
            if home is not None:
                known[home.number] = with_factors(known[home.number], factors, array, number)
                measures.append(line)
    return [known[line.number] for line, _ in items], measures


def _printed(lines: Iterable[Line], style: Conventions) -> frozenset[Decimal]:
    """The numbers of some lines: those of a word, and of words that are one number, "1 823,11"."""
    texts = (
        text for line in lines for one in line.segments for text in (one.text, *(each.text for each in one.tokens))
    )
    return frozenset(number for text in texts if (number := parse_number(text, style.mark)) is not None)


def _sum_at(amounts: Sequence[Decimal]) -> int | None:
    """Where an amount is the sum of all before it: no item, but the total under an unknown key."""
    sums = [at for at in range(1, len(amounts)) if amounts[at] == sum(amounts[:at], Decimal(0)) != 0]
    return next((at for at in sums if at > 1), sums[0] if sums else None)


def _total(line: tuple[Line, Row], array: ReceiptArray) -> Candidate | None:
    leaf = line[1][array.amount.path]
    if array.total is None:
        return None
    home = next(one for one in line[0].segments if leaf.tokens[0] in one.tokens)
    return Candidate(array.total, Reading(leaf.value, leaf.tokens, 1.0), home, SUMMED, "sum")


def _around(line: Line, last: Line | None, page_text: PageText, known: Mapping[int, Row]) -> list[Line]:
    """The item above a line of factors, and the one below it."""
    at = page_text.lines.index(line)
    below = [one for one in page_text.lines[at + 1 : at + 2] if one.number in known]
    return [*([last] if last is not None else []), *below]


def _is_total(line: Line, array: ReceiptArray, index: LabelIndex, style: Conventions) -> bool:
    """A key of an amount outside the array, with an amount on its line."""
    named = any(
        field.node.kind == "number" and not field.array
        for one in line.segments[:1]
        for key in keys_in(one, index)
        for field in key.fields()
    )
    return named and any(money_of(token, array, style) is not None for token in tokens_of(line))


def _is_keyed(line: Line, index: LabelIndex) -> bool:
    first = line.segments[0].tokens[0]
    keys = keys_in(line.segments[0], index)
    return any(key.colon or (key.known and key.segment.tokens[0].index == first.index) for key in keys)
