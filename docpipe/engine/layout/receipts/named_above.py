"""Items of two lines: a name, and below it how much of it at which price, with the amount at the edge."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.receipts.items import (
    ALONE,
    LETTERS,
    RECEIPT_ITEMS,
    ReceiptArray,
    is_measure,
    money_of,
    product_of,
    products_in,
    tokens_of,
    without_marks,
)
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Line, PageText, Token


def with_named_above(
    items: Iterable[tuple[Line, Row]],
    page_text: PageText,
    stop: int | None,
    keyed: Collection[int],
    array: ReceiptArray,
    conventions: Conventions,
) -> list[tuple[Line, Row]]:
    """The items of the lines up to `stop`, and those whose line has numbers alone and whose name is the line above.

    `keyed`: the numbers of the lines that are keys with their values; they are no names.
    """
    taken: Mapping[int, Row] = {line.number: row for line, row in items}
    named: list[tuple[Line, Row]] = []
    above: Line | None = None
    for line in page_text.lines[:stop]:
        row = taken.get(line.number)
        if above is not None and above.number not in {*taken, *keyed} and _is_near(above, line, page_text):
            row = _measured(above, line, array, conventions) or row
        if row is not None and line.number not in keyed:
            named.append((line, row))
        above = line
    return named


def _is_near(above: Line, line: Line, page_text: PageText) -> bool:
    """A name stands right above its numbers, and begins no farther right: a heading in the middle is none."""
    gap = line.box.top - above.box.bottom
    indent = above.box.left - line.box.left
    return gap <= PARAMS.name_gap_pitches * page_text.pitch and indent <= PARAMS.name_indent_letters * page_text.letter


def _measured(above: Line, line: Line, array: ReceiptArray, conventions: Conventions) -> Row | None:
    """The item of a name and the numbers below it; None if they are something else.

    Where the numbers make the amount, any words above them are the name, but numbers alone are none.
    """
    whole = without_marks(tokens_of(line), array, conventions)
    tokens = [
        token for token in whole if any(char.isdigit() for char in token.text) or len(token.text) > PARAMS.mark_chars
    ]
    amount = money_of(whole[-1], array, conventions) if len(tokens) > 1 else None
    measured = sum(any(char.isdigit() for char in token.text) for token in tokens[:-1]) > 1
    if amount is None or not measured:
        return None
    if not is_measure(whole[:-1], amount, conventions):
        return None
    products = products_in(tokens[:-1], amount, conventions)
    if not products and len(line.segments) < 2:
        return None
    name = _name(tokens_of(above), array, conventions, sure=bool(products))
    if not name:
        return None
    row = {
        array.name.path: Leaf(" ".join(token.text for token in name), name, line.page, ALONE, RECEIPT_ITEMS),
        array.amount.path: Leaf(amount, (tokens[-1],), line.page, ALONE, RECEIPT_ITEMS),
    }
    return row | (product_of(products[0], array, line.page) if products else {})


def _name(words: Sequence[Token], array: ReceiptArray, conventions: Conventions, *, sure: bool) -> tuple[Token, ...]:
    """The words of a name without the code of the article in front; () for words that are no name.

    `sure`: that something has its numbers below; else it has a word, and no amount of its own.
    """
    runs = [len(run) for token in words for run in LETTERS.findall(token.text)]
    if not runs or (
        not sure
        and (
            max(runs) <= PARAMS.unit_chars
            or any(money_of(token, array, conventions) is not None for token in words[-2:])
        )
    ):
        return ()
    coded = len(words) > 1 and words[0].text.isdigit() and len(words[0].text) >= PARAMS.code_digits
    return tuple(words[1:] if coded else words)
