"""Items of a receipt: a name, an amount at the right edge, no header above them, totals below.

For arrays of the role "receipt_items". What ends the items is the key of an amount that stands outside the array.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from docpipe.engine.layout.answer import Row
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.label_index import BARE, LabelIndex
from docpipe.engine.layout.keys.printed_keys import Key, keys_in
from docpipe.engine.layout.readings import Reading, read
from docpipe.engine.layout.receipts.coded import named_below
from docpipe.engine.layout.receipts.items import (
    ALONE,
    LETTERS,
    ReceiptArray,
    agrees,
    amount_of,
    factors_in,
    item_of,
    money_of,
    tokens_of,
    with_factors,
)
from docpipe.engine.layout.receipts.named_above import with_named_above
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.engine.layout.receipts.price_first import counted
from docpipe.engine.layout.receipts.tax_digits import without_tax_digits
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.engine.layout.scoring.weights import weight
from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import signs_in
from docpipe.literals.numbers import parse_number
from docpipe.literals.phrases import may_be_running_sum, names_a_sum
from docpipe.page.lines import Line, PageText, Segment, Token

AGREED = weight("receipt_items.agreed")  # score of items whose sum is printed below them


@dataclass(frozen=True, slots=True)
class Receipt(Rows):
    """The items of one page."""

    total: Candidate | None  # the sum of the items, printed right below them
    agreed: bool  # whether that sum is printed below them at all


def read_receipts(document: Document) -> list[Rows]:
    """The items of every page, for each array whose role they serve."""
    found: list[Rows] = []
    for array in document.schema.receipts:
        for page_index in range(len(document.page_texts)):
            receipt = receipt_of(array, document, page_index)
            found += [receipt] if receipt is not None else []
    return found


def receipt_beats(mine: Sequence[Rows], others: Sequence[Rows], document: Document) -> bool:
    """Whether the items alone add up to an amount that is printed; else whether they have more cells."""
    array = next(array for array in document.schema.receipts if array.path == mine[0].array)
    return _worth(mine, array, document) > _worth(others, array, document)


def _worth(found: Sequence[Rows], array: ReceiptArray, document: Document) -> tuple[bool, int]:
    """(whether the sum of the rows' amounts is printed, how many cells there are)."""
    rows = [row for each in found for row in each.rows]
    amounts = [row[array.amount.path].value for row in rows if array.amount.path in row]
    summed = sum((amount for amount in amounts if isinstance(amount, Decimal)), Decimal(0))
    lines = (line for page_text in document.page_texts for line in page_text.lines)
    texts = {segment.tokens[-1].text for line in lines for segment in line.segments}
    printed = len(amounts) == len(rows) > 0 and summed in {parse_number(text) for text in texts}
    return printed, sum(map(len, rows))


def sum_of_items(document: Document) -> Iterator[Candidate]:
    """The total that is known because it is the sum of the items above it."""
    for rows in document.rows:
        if isinstance(rows, Receipt) and rows.total is not None:
            yield rows.total


def receipt_of(array: ReceiptArray, document: Document, page_index: int) -> Receipt | None:
    """The items between a receipt's head and its totals; None without items or without totals.

    Where a key goes on in other words, as in the name of an article, and the items above it do not add up, the
    items are tried as ending at the next key.
    """
    index, conventions = document.schema.index, document.conventions
    page_text = without_tax_digits(document.page_texts[page_index])
    totals = [at for at, line in enumerate(page_text.lines) if _is_total(line, array, index, conventions)]
    first: Receipt | None = None
    for tried, named in enumerate(totals or [None]):
        names = frozenset(totals[:tried])
        found = _receipt_up_to(named, names, array, page_text, document, page_index)
        if found is not None and found.agreed:
            return found
        first = first or found
        if named is None or not _may_be_name(page_text.lines[named], index):
            break
    return first


def _receipt_up_to(
    named: int | None,
    names: Collection[int],
    array: ReceiptArray,
    page_text: PageText,
    document: Document,
    page_index: int,
) -> Receipt | None:
    """The items above the total at line `named`; `names`: lines above it that begin with a key and are none."""
    index, conventions = document.schema.index, document.conventions
    keyed = {
        at
        for at, line in enumerate(page_text.lines[:named])
        if at not in names and (_is_keyed(line, index, conventions) or _is_header(line, array, index))
    }
    lines = [line for at, line in enumerate(page_text.lines[:named]) if at not in keyed]
    edge = max((line.box.right for line in lines if _ends_in_money(line, array, conventions)), default=0.0)
    edge -= PARAMS.edge_letters * page_text.letter  # "Water 0.33" over "2 x 1.20    2.40" ends before it
    at_edge = (line for line in lines if line.box.right >= edge)
    whole = [(line, item) for line in at_edge if (item := item_of(line, array, page_index, conventions)) is not None]
    coded = named_below(page_text, named, keyed, array, conventions)
    whole = [item for item in whole if item[0] not in [line for line, _ in coded]]
    items = with_named_above(whole, page_text, named, keyed, array, conventions) if not coded else whole
    items = sorted([*items, *coded], key=lambda item: item[0].number)
    items = [item for item in items if item[0].box.right >= edge]
    below = printed_in(page_text.lines[named:], conventions) if named is not None else frozenset()
    rows = [row for _, row in items]
    known = named is not None and _names(page_text.lines[named], array.total, index)
    stop = None if _sum(rows, array) in below else _sum_at(rows, array, named=known)
    if not items:
        return None
    total = (items[stop][0], items[stop][1][array.amount.path].tokens[0]) if stop is not None else None
    if named is None and total is None:
        stop, total = _unnamed_sum(items, page_text, array, conventions)
        if total is None:
            return None
    items = items[:stop]
    end = page_text.lines.index(total[0]) if total is not None else named
    last = page_text.lines.index(items[-1][0])
    agreed = _sum(rows[:stop], array) in printed_in(page_text.lines[last + 1 :], conventions)
    score = AGREED if agreed else ALONE
    home = {token.index: line for line in page_text.lines for token in tokens_of(line)}
    titles = [home[row[array.name.path].tokens[0].index] for _, row in items]
    found, measures = _with_measures(items, page_text, end, array, page_index, conventions)
    found = counted(found, page_text.lines[:end], array, index)
    scored = [{path: replace(leaf, score=score) for path, leaf in row.items()} for row in found]
    taken = [*(line for line, _ in items), *titles, *measures]
    segments = tuple(segment for line in taken for segment in line.segments)
    sum_below = _total(total, _sum(rows[:stop], array), array) if total is not None else None
    return Receipt(array.path, page_index, tuple(scored), segments, sum_below, agreed)


def _sum(rows: Iterable[Row], array: ReceiptArray) -> Decimal:
    return sum((amount_of(row, array) for row in rows), Decimal(0))


def _with_measures(
    items: Sequence[tuple[Line, Row]],
    page_text: PageText,
    end: int | None,
    array: ReceiptArray,
    page_index: int,
    conventions: Conventions,
) -> tuple[list[Row], list[Line]]:
    """The rows with the counts and prices that lines above or below them print, and these lines."""
    known = {line.number: row for line, row in items}
    measures: list[Line] = []
    last: Line | None = None
    for line in page_text.lines[max(0, page_text.lines.index(items[0][0]) - 1) : end]:
        if line.number in known:
            last = line
        elif (factors := factors_in(tokens_of(line), conventions)) is not None:
            near = _around(line, last, page_text, known)
            home = next((neighbour for neighbour in near if agrees(known[neighbour.number], factors, array)), None)
            if home is not None:
                known[home.number] = with_factors(known[home.number], factors, array, page_index)
                measures.append(line)
    return [known[line.number] for line, _ in items], measures


def printed_in(lines: Iterable[Line], conventions: Conventions) -> frozenset[Decimal]:
    """The numbers of some lines: those of a word, and of words that are one number, "1 823,11"."""
    texts = (
        text
        for line in lines
        for segment in line.segments
        for text in (segment.text, *(each.text for each in segment.tokens))
    )
    return frozenset(number for text in texts if (number := conventions.number(text, money=True)) is not None)


def _sum_at(rows: Sequence[Row], array: ReceiptArray, *, named: bool) -> int | None:
    """Where an amount is the sum of all before it: no item, but the total under an unknown key.

    An item has a count or a price of its own. `named`: the total stands under its key; then a sum must say so.
    """
    sums = [
        at
        for at in range(1, len(rows))
        if amount_of(rows[at], array) == _sum(rows[:at], array) != 0
        and not any(field is not None and field.path in rows[at] for field in (array.count, array.price))
        and (not named or names_a_sum(str(rows[at][array.name.path].value)))
    ]
    return next((at for at in sums if at > 1), sums[0] if sums else None)


def _unnamed_sum(
    items: Sequence[tuple[Line, Row]], page_text: PageText, array: ReceiptArray, conventions: Conventions
) -> tuple[int, tuple[Line, Token] | None]:
    """How many items from the first on add up to an amount on a line below them that is no item; that line and word.

    It stands before the next item, or right below the last; under one item alone it has a colon.
    """
    for count in range(1, len(items) + 1):
        start = items[count - 1][0].number + 1
        stop = items[count][0].number if count < len(items) else start + PARAMS.sum_lines
        total = _sum((row for _, row in items[:count]), array)
        for line in page_text.lines[start:stop]:
            word = next((word for word in tokens_of(line) if money_of(word, array, conventions) == total), None)
            if word is not None and (count > 1 or ":" in line.text):
                return count, (line, word)
    return len(items), None


def _total(place: tuple[Line, Token], total: Decimal, array: ReceiptArray) -> Candidate | None:
    """The sum of the items as the total, but where it is called a sum so far: a discount may follow."""
    line, word = place
    if array.total is None or may_be_running_sum(line.text):
        return None
    home = next(segment for segment in line.segments if any(word.index == each.index for each in segment.tokens))
    return candidate(array.total, Reading(total, (word,), 1.0), home, "sum_of_items", (("sum_of_items", 1.0),))


def _around(line: Line, last: Line | None, page_text: PageText, known: Mapping[int, Row]) -> list[Line]:
    """The item above a line of factors, and the one below it."""
    at = page_text.lines.index(line)
    below = [line_below for line_below in page_text.lines[at + 1 : at + 2] if line_below.number in known]
    return [*([last] if last is not None else []), *below]


def _is_total(line: Line, array: ReceiptArray, index: LabelIndex, conventions: Conventions) -> bool:
    """A key of an amount outside the array, with an amount on its line."""
    named = any(
        field.node.kind == "number" and not field.array
        for segment in line.segments[:1]
        for key in keys_in(segment, index)
        for field in key.fields()
    )
    return named and any(money_of(token, array, conventions) is not None for token in tokens_of(line))


def _ends_in_money(line: Line, array: ReceiptArray, conventions: Conventions) -> bool:
    """An amount, with no more than the marks of a tax behind it."""
    last = tokens_of(line)[-1 - PARAMS.most_marks :]
    return any(money_of(token, array, conventions) is not None for token in last)


def _names(line: Line, field: Field | None, index: LabelIndex) -> bool:
    """Whether the line begins with a key of that field."""
    return any(each is field for key in keys_in(line.segments[0], index) for each in key.fields())


def _may_be_name(line: Line, index: LabelIndex) -> bool:
    """A key without a colon that goes on in other words may begin the name of an article: "Bar soap"."""
    keys = keys_in(line.segments[0], index)
    return all(not key.colon and key.rest is not None and _is_worded(key.rest) for key in keys)


def _is_worded(segment: Segment) -> bool:
    """A word that is neither a unit of two letters nor a currency."""
    runs = (run for run in LETTERS.findall(segment.text) if len(run) >= PARAMS.unit_chars)
    return any(not signs_in(run) for run in runs)


def _is_keyed(line: Line, index: LabelIndex, conventions: Conventions) -> bool:
    """A key, with a value of its kind if other words follow it: no hour stands in "A4 PAPER"."""
    first = line.segments[0].tokens[0]
    keys = keys_in(line.segments[0], index)
    return any(
        key.colon or (key.known and key.segment.tokens[0].index == first.index and _may_keep(key, conventions))
        for key in keys
    )


def _may_keep(key: Key, conventions: Conventions) -> bool:
    rest = key.rest
    return (
        rest is None
        or not key.matches
        or any(read(field, rest.tokens, conventions) is not None for field in key.fields())
    )


def _is_header(line: Line, array: ReceiptArray, index: LabelIndex) -> bool:
    """The keys of two columns or more."""
    keys = sum(
        any(match.quality >= BARE and match.field.array == array.path for match in index.matches(segment.text))
        for segment in line.segments
    )
    return keys > 1
