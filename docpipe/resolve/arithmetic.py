"""What the checks of a schema prove of a number, by the other numbers that stand on the pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal, DecimalException, localcontext
from typing import Any

from docpipe.resolve.case import Case
from docpipe.resolve.money import places_of, rounded
from docpipe.resolve.numerals import plain
from docpipe.schema.checks import check_paths, evaluate, holds, operands, scopes, sides, ways
from docpipe.schema.equations import root
from docpipe.schema.exact import CONTEXT
from docpipe.schema.nodes import Check
from docpipe.schema.paths import generic, put, value_at
from docpipe.schema.tolerance import margin

MAX_DERIVED = 200  # numbers of one record that are set by arithmetic: each is tried on all checks, and on all rows


def balance(case: Case) -> None:
    """Mend each number that stands nowhere, where what a check demands instead is printed.

    Until nothing more is: a number that was mended may be what another check waits for, but no longer than
    the longest chain of checks; after MAX_DERIVED numbers an answer is not one that arithmetic mends.
    """
    needed = {path for path, node in case.nodes.items() if node.required and node.kind == "number"}
    checks, most = case.equalities(), len(case.edits) + MAX_DERIVED
    for _ in range(len(checks) + 1):
        seen = len(case.edits)
        for check in checks:
            _balance(case, check, needed, most)
        if len(case.edits) == seen:
            return


def agrees(case: Case, path: str, candidate: Any) -> bool:
    """Whether an equality reads `path`, holds with `candidate`, and none that reads it is broken by it."""
    confirmed, blind = False, not any(page.words for page in case.pages)
    put(case.value, path, candidate)
    for check, prefix, scope in _scopes_with(case, path):
        read = operands(check, case.value, prefix)
        pair = sides(check, scope) if path in read else None
        if pair is None:
            continue
        others = [name for name in read if name != path]
        known = blind or all(name in case.evidence for name in others)
        if not holds(check, *pair):
            confirmed = False
            break
        confirmed = confirmed or (known and bool(others))
    put(case.value, path, None)
    return confirmed


def _balance(case: Case, check: Check, needed: Collection[str], most: int) -> None:
    """`needed`: the numbers that the schema requires; of those that are absent only they are looked for. `most`: edits
    that the case may have.
    """
    names = [f"{check.each}.{name}" if check.each else name for name in check_paths(check)] + [*check_paths(check)]
    wanting = any(name in needed for name in names)
    for prefix, scope in scopes(check, case.value):
        pair = sides(check, scope)
        if _holds(check, *pair) if pair is not None else not wanting:
            continue
        paths = list(dict.fromkeys(operands(check, case.value, prefix)))
        doubtful = [path for path in paths if path not in case.evidence]
        if len(case.edits) >= most:
            return
        if len(doubtful) == 1 and len(paths) > 2:
            _derive(case, check, prefix, doubtful[0], paths, broken=pair is not None)


def _derive(case: Case, check: Check, prefix: str, path: str, paths: Collection[str], *, broken: bool) -> None:
    """Set `path` to what `check` demands, if a page prints it, and not only where one of `paths`, the operands,
    stands; an absent value only if it is required.
    """
    node = case.nodes[generic(path)]
    before = value_at(case.value, path)
    if node.kind != "number" or (not broken and not (before is None and node.required)):
        return
    if before is not None and case.stands(before):  # printed, if not where an amount would be: it is not made to fit
        return
    solutions = [_solve(case, way, prefix, path) for way in ways(check)]
    put(case.value, path, before)
    printed = {one for one in solutions if one is not None and one != before and case.stands(one, paths)}
    if len(printed) != 1:
        return
    demanded = printed.pop()
    wrong = {(violation.rule, violation.paths) for violation in evaluate(case.checks, case.value)}
    put(case.value, path, demanded)
    after = {(violation.rule, violation.paths) for violation in evaluate(case.checks, case.value)}
    put(case.value, path, before)
    if after <= wrong and (before is None or len(after) < len(wrong)):
        case.replace(path, before, demanded, "arithmetic")


def _solve(case: Case, check: Check, prefix: str, path: str) -> Decimal | None:
    """The value of `path` for which both sides are equal, if they differ linearly in it; leaves a trial value."""

    def gap(trial: Decimal) -> Decimal | None:
        put(case.value, path, trial)
        pair = sides(check, _scope(case, prefix))
        return None if pair is None else Decimal(pair[0]) - Decimal(pair[1])

    node, places = case.nodes[generic(path)], places_of(case.schema, case.value)
    try:
        with localcontext(CONTEXT):  # with all digits that a column holds
            exact = root(gap)
            if exact is None:
                return None
            solution = rounded(node, exact, places)
            left = gap(solution)
            return plain(solution) if left is not None and abs(left) <= margin(check.tolerance) else None
    except (DecimalException, TypeError):
        return None


def _scope(case: Case, prefix: str) -> Mapping[str, Any]:
    """What the names of a check mean in the row that `prefix` names, or in the record."""
    return {**case.value, **value_at(case.value, prefix)} if prefix else case.value


def _scopes_with(case: Case, path: str) -> Iterable[tuple[Check, str, Mapping[str, Any]]]:
    """The scopes of all equalities in which the value at `path` may be read: of its own list, its row alone."""
    for check in case.equalities():
        rows, inside, rest = path.partition("[")
        if check.each and inside and rows == check.each:
            prefix = f"{rows}[{rest.partition(']')[0]}]."
            yield check, prefix, _scope(case, prefix)
        else:
            yield from ((check, prefix, scope) for prefix, scope in scopes(check, case.value))


def _holds(check: Check, left: Any, right: Any) -> bool:
    try:
        return holds(check, left, right)
    except (TypeError, DecimalException):
        return True
