"""Certain repairs only: each is settled by the words of the page, by check digits or by arithmetic.

A value that none of them supports is left as it is; three numbers that disagree stay in disagreement.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter

from docpipe.literals.dates import swapped
from docpipe.literals.numbers import parse_number
from docpipe.records import Edit
from docpipe.resolve.arithmetic import MAX_DERIVED, agrees, balance
from docpipe.resolve.case import Case
from docpipe.resolve.confusable import read_as_digits
from docpipe.resolve.numerals import plain
from docpipe.resolve.spelling import CHECKED, respell, settle
from docpipe.schema.nodes import Node
from docpipe.schema.paths import generic, leaves


def repair(case: Case) -> list[Edit]:
    """Mend what is certain in `case`; returns its edits. Rules, in this order:

    confusable     a number refused for a letter (O, l, S, ...) that stands for a digit: the page prints
                   the number, or a check between grounded values holds with it and none is broken
    check_digits   an account or tax number whose check digits hold with one confusable character changed:
                   the page prints it so, or a letter stood for a digit
    page_word      a text that differs from the page's only such word by one confusable character
    page_spelling  a text that differs from the page's only such print by case or by a space too many
    day_month      a date that stands nowhere, while its day and month exchanged do, without ambiguity
    arithmetic     a number that stands nowhere, while the one that a check demands, all of whose other
                   values are grounded, does stand on a page, and not just as one of these

    What the schema's validators refuse is no repair.
    """
    _read_all_refused(case)
    dates = Counter(leaf for _, leaf in leaves(case.value) if isinstance(leaf, dt.date))
    for path, value in list(leaves(case.value)):
        node = case.nodes[generic(path)]
        if isinstance(value, str) and not node.enum and node.format != "currency":
            respell(case, node, path, value)
        elif isinstance(value, dt.date) and path not in case.evidence:
            _exchange(case, path, value, dates)
    if any(page.words for page in case.pages):
        balance(case)
    return case.edits


def _read_all_refused(case: Case) -> None:
    """Read what was refused where it is certain, and take the violations of what was."""
    mended: set[tuple[str, tuple[str, ...]]] = set()
    proven = 0
    for violation in list(case.violations):
        path = violation.paths[0] if violation.paths else ""
        node = case.nodes.get(generic(path))
        if node is None or (violation.rule, (path,)) in mended:
            continue
        if violation.rule == "wrong_type" and node.kind in ("number", "integer"):
            done, proven = _read_number(case, node, path, violation.left, proven < MAX_DERIVED), proven + 1
        else:
            done = violation.rule == "invalid" and node.format in CHECKED and settle(case, node, path, violation.left)
        if done:
            mended.add((violation.rule, (path,)))
    if mended:
        case.violations[:] = [
            violation for violation in case.violations if (violation.rule, violation.paths) not in mended
        ]


def _read_number(case: Case, node: Node, path: str, written: str, may_prove: bool) -> bool:
    """`may_prove`: by the checks as well, which read all rows."""
    text = read_as_digits(written)
    value = parse_number(text) if text is not None else None
    if value is None or (node.kind == "integer" and value != int(value)):
        return False
    typed = int(value) if node.kind == "integer" else plain(value)
    return (case.stands(typed) or (may_prove and agrees(case, path, typed))) and case.replace(
        path, written, typed, "confusable"
    )


def _exchange(case: Case, path: str, value: dt.date, dates: Counter[dt.date]) -> None:
    """`dates`: how often the record says each."""
    other = swapped(value)
    if other is None or isinstance(value, dt.datetime):
        return
    places = [place for page in case.pages for place in page.places(other)]
    certain = places and not any(place.ambiguous for place in places) and not dates[other]
    if certain and case.replace(path, value, other, "day_month"):
        dates.subtract([value])
        dates[other] += 1
