"""Items whose line has the article's code and numbers alone, and whose name is the line below."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.receipts.items import (
    ALONE,
    LETTERS,
    RECEIPT_ITEMS,
    TIMES,
    ReceiptArray,
    money_of,
    tokens_of,
    without_marks,
)
from docpipe.engine.layout.receipts.params import PARAMS
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Line, PageText, Token


def named_below(
    page_text: PageText, stop: int | None, keyed: Collection[int], array: ReceiptArray, conventions: Conventions
) -> list[tuple[Line, Row]]:
    """The items of lines up to `stop` that begin with a code and have no words; [] unless a name stands below each.

    `keyed`: the numbers of the lines that are keys with their values; they are no names.
    """
    found: list[tuple[Line, Row]] = []
    lines = page_text.lines[:stop]
    for line in lines:
        row = _coded(line, array, conventions)
        if row is None:
            continue
        below = lines[line.number + 1] if line.number + 1 < len(lines) else None
        name = () if below is None or below.number in keyed else _name(below, line, page_text, array, conventions)
        if not name:
            return []
        text = " ".join(token.text for token in name)
        found.append((line, {**row, array.name.path: Leaf(text, name, line.page, ALONE, RECEIPT_ITEMS)}))
    return found


def _coded(line: Line, array: ReceiptArray, conventions: Conventions) -> dict[str, Leaf] | None:
    """Amount and count of a line that is a code and numbers."""
    words = without_marks(tokens_of(line), array, conventions)
    amount = money_of(words[-1], array, conventions) if len(words) > 1 else None
    if amount is None or not is_code(words[0]) or any(map(_is_word, words)):
        return None
    row = {array.amount.path: Leaf(amount, (words[-1],), line.page, ALONE, RECEIPT_ITEMS)}
    times = next((at for at, word in enumerate(words) if TIMES.fullmatch(word.text)), 0)
    beside = [word for word in words[times + 1 : times + 2] if times and word.text.isdigit()]
    if beside and array.count is not None:
        row[array.count.path] = Leaf(Decimal(beside[0].text), (beside[0],), line.page, ALONE, RECEIPT_ITEMS)
    return row


def is_code(token: Token) -> bool:
    """A number of so many digits that it names an article."""
    return token.text.isdigit() and len(token.text) >= PARAMS.code_digits


def _is_word(token: Token) -> bool:
    return any(len(run) > PARAMS.unit_chars for run in LETTERS.findall(token.text))


def _name(
    below: Line, line: Line, page_text: PageText, array: ReceiptArray, conventions: Conventions
) -> tuple[Token, ...]:
    """The words of the line below, if it is near and no item itself: without a tax letter in a column of its own."""
    if below.box.top - line.box.bottom > PARAMS.name_gap_pitches * page_text.pitch:
        return ()
    words = tokens_of(below)
    if len(below.segments) > 1 and len(below.segments[-1].text) <= PARAMS.mark_chars:
        words = words[: -len(below.segments[-1].tokens)]
    priced = any(money_of(word, array, conventions) is not None for word in words[-2:])
    return tuple(words) if any(map(_is_word, words)) and not priced else ()
