"""Certain repairs only: each is settled by the words of the page or by arithmetic between grounded values.

A value that neither supports is left as it is; three numbers that disagree stay in disagreement.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from typing import Any

from docpipe.records import Edit, Violation
from docpipe.resolve.confusable import likeness, read_as_digits
from docpipe.resolve.ground import Evidence
from docpipe.resolve.numerals import plain
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.checks import evaluate, holds, operands, scopes, sides
from docpipe.schema.nodes import Check, Node, Schema
from docpipe.schema.paths import generic, leaves, parts, put
from docpipe.schema.values import iban_valid, parse_number, swapped, vat_id_valid

ONE = Decimal(1)


@dataclass(slots=True)
class Case:
    """A window's record under repair; `value`, `evidence` and `violations` are changed in place.

    `violations` are what coercing and validating found. `whole`: the pages are all of the document,
    so that sums over its rows mean something.
    """

    schema: Schema
    nodes: Mapping[str, Node]
    value: dict[str, Any]
    evidence: dict[str, Evidence]
    pages: Sequence[PageIndex]
    violations: list[Violation]
    whole: bool = True
    edits: list[Edit] = field(default_factory=list)

    def replace(self, path: str, before: Any, after: Any, rule: str) -> None:
        """Change the leaf at `path`, and note it; its evidence is looked for anew."""
        put(self.value, path, after)
        self.edits.append(Edit(path, before, after, f"repair:{rule}"))
        places = ((page, place) for page in self.pages for place in page.places(after))
        page, place = next(places, (None, None))
        if page is not None and place is not None:
            self.evidence[path] = Evidence(page.number, page.boxes(place), True, page.text(place), place)

    def stands(self, value: Any) -> bool:
        """Whether some page prints `value`."""
        return any(page.places(value) for page in self.pages)


def repair(case: Case) -> list[Edit]:
    """Mend what is certain in `case`; returns its edits. Rules, in this order:

    confusable   a number refused for a letter (O, l, S, ...) that stands for a digit: the page prints
                 the number, or a check between grounded values holds with it and no other does
    page_word    a text that differs from the page's only such word by one confusable character
    page_spelling  a text that differs from the page's only such print by case or by a space too many
    day_month    a date that stands nowhere, while its day and month exchanged do, without ambiguity
    arithmetic   a number that stands nowhere, while the one that a check demands, all of whose other
                 values are grounded, does stand on a page
    """
    for violation in list(case.violations):
        _read_refused(case, violation)
    for path, value in list(leaves(case.value)):
        node = case.nodes[generic(path)]
        if isinstance(value, str) and not node.enum and node.format != "currency":
            _respell(case, node, path, value)
        elif isinstance(value, dt.date) and path not in case.evidence:
            _exchange(case, path, value)
    if any(page.words for page in case.pages):
        for check in case.schema.checks:
            if check.op == "==" and (case.whole or check.each or "sum(" not in check.left + check.right):
                _balance(case, check)
    return case.edits


def _read_refused(case: Case, violation: Violation) -> None:
    path = violation.paths[0] if violation.paths else ""
    node = case.nodes.get(generic(path))
    if violation.rule != "wrong_type" or node is None or node.kind not in ("number", "integer"):
        return
    text = read_as_digits(violation.left)
    number = parse_number(text) if text is not None else None
    if number is None or (node.kind == "integer" and number != int(number)):
        return
    typed = int(number) if node.kind == "integer" else plain(number)
    if case.stands(typed) or _arithmetic_says(case, path, typed):
        case.violations.remove(violation)
        case.replace(path, violation.left, typed, "confusable")


def _arithmetic_says(case: Case, path: str, number: Any) -> bool:
    """Whether a check reads `path`, holds with `number`, and none that reads it is broken by it."""
    told, blind = False, not any(page.words for page in case.pages)
    put(case.value, path, number)
    for check, prefix, scope in _scopes_with(case, path):
        pair = sides(check, scope)
        if pair is None or check.op != "==":
            continue
        others = [one for one in operands(check, case.value, prefix) if one != path]
        known = blind or all(one in case.evidence for one in others)
        if not holds(check, *pair):
            told = False
            break
        told = told or (known and bool(others))
    put(case.value, path, None)
    return told


def _respell(case: Case, node: Node, path: str, value: str) -> None:
    evidence = case.evidence.get(path)
    if evidence is None:
        _one_character(case, node, path, value)
    elif evidence.place is not None and evidence.text != value and node.format not in ("iban", "vat-id"):
        prints = {page.text(place) for page in case.pages for place in page.text_places(value)}
        (printed, *more) = prints or {value}
        same = "".join(printed.split()).casefold() == "".join(value.split()).casefold()
        if not more and same and "\n" not in value and len(printed.split()) <= len(value.split()):
            case.replace(path, value, printed, "page_spelling")


def _one_character(case: Case, node: Node, path: str, value: str) -> None:
    """Take the page's word where it is the only one alike. A recogniser confuses characters too: its
    words decide only where check digits agree.
    """
    if not value or any(char.isspace() for char in value):
        return
    wanted, found = likeness(value), {}
    for page in case.pages:
        for word in page.words:
            printed = word.text.strip(".,;:()")
            if len(printed) == len(value) and printed != value and likeness(printed) == wanted:
                found[printed] = page.page.text_source
    if len(found) != 1:
        return
    (printed, source), *_ = found.items()
    certain = source == "layer" or (_digits_hold(node, printed) and not _digits_hold(node, value))
    if certain and sum(a != b for a, b in zip(printed, value, strict=True)) == 1:
        case.replace(path, value, printed, "page_word")


def _digits_hold(node: Node, text: str) -> bool:
    return {"iban": iban_valid, "vat-id": vat_id_valid}.get(node.format, lambda _: False)(text) is True


def _exchange(case: Case, path: str, value: dt.date) -> None:
    other = swapped(value)
    if other is None or isinstance(value, dt.datetime):
        return
    places = [place for page in case.pages for place in page.places(other)]
    if places and not any(place.ambiguous for place in places) and other not in dict(leaves(case.value)).values():
        case.replace(path, value, other, "day_month")


def _balance(case: Case, check: Check) -> None:
    for prefix, scope in scopes(check, case.value):
        pair = sides(check, scope)
        if pair is not None and _holds(check, *pair):
            continue
        paths = list(dict.fromkeys(operands(check, case.value, prefix)))
        doubtful = [path for path in paths if path not in case.evidence]
        if len(doubtful) == 1 and len(paths) > 2:
            _derive(case, check, prefix, doubtful[0], broken=pair is not None)


def _derive(case: Case, check: Check, prefix: str, path: str, *, broken: bool) -> None:
    """Set `path` to what `check` demands, if a page prints it; an absent value only if it is required."""
    node = case.nodes[generic(path)]
    before = _at(case.value, path)
    if node.kind != "number" or (not broken and not (before is None and node.required)):
        return
    wrong = {(one.rule, one.paths) for one in evaluate(case.schema.checks, case.value)}
    demanded = _solve(case, check, prefix, path)
    put(case.value, path, before)
    if demanded is None or demanded == before or not case.stands(demanded):
        return
    put(case.value, path, demanded)
    after = {(one.rule, one.paths) for one in evaluate(case.schema.checks, case.value)}
    put(case.value, path, before)
    if after <= wrong and (before is None or len(after) < len(wrong)):
        case.replace(path, before, demanded, "arithmetic")


def _solve(case: Case, check: Check, prefix: str, path: str) -> Decimal | None:
    """The value of `path` for which both sides are equal, if they differ linearly in it; leaves a trial value."""

    def gap(trial: Decimal) -> Decimal | None:
        put(case.value, path, trial)
        scope = dict(scopes(check, case.value))[prefix]
        pair = sides(check, scope)
        return None if pair is None else Decimal(pair[0]) - Decimal(pair[1])

    try:
        nothing, one = gap(Decimal(0)), gap(ONE)
        if nothing is None or one is None or one == nothing:
            return None
        scale = case.nodes[generic(path)].scale
        exact = -nothing / (one - nothing)
        found = exact.quantize(ONE.scaleb(-(scale or 0))) if scale is not None else exact
        left = gap(found)
        return plain(found) if left is not None and abs(left) <= Decimal(check.tolerance) else None
    except (DecimalException, TypeError):
        return None


def _scopes_with(case: Case, path: str) -> Iterator[tuple[Check, str, Mapping[str, Any]]]:
    for check in case.schema.checks:
        for prefix, scope in scopes(check, case.value):
            if path in operands(check, case.value, prefix):
                yield check, prefix, scope


def _at(value: Any, path: str) -> Any:
    for part in parts(path):
        value = value[part]
    return value


def _holds(check: Check, left: Any, right: Any) -> bool:
    try:
        return holds(check, left, right)
    except (TypeError, DecimalException):
        return True
