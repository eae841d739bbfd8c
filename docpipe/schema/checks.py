"""Named rules between fields: what a check compares, where it is broken, and what could not be reckoned."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from docpipe.records import Violation
from docpipe.schema import exact
from docpipe.schema.expressions import compile_expression, value_of
from docpipe.schema.nodes import Check
from docpipe.schema.paths import parts
from docpipe.schema.tolerance import margin

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}
_SUM = re.compile(r"sum\(\s*([\w.]+)\s*\)")
_CANNOT = (ArithmeticError, TypeError)  # a result out of bounds, a value of another type than the schema's


def check_paths(check: Check) -> tuple[str, ...]:
    """The field paths that `check` needs, as written. Raises ValueError if it does not parse."""
    both = (compile_expression(check.left), compile_expression(check.right))
    return tuple(dict.fromkeys(path for side in both for path in side.needed))


def summed(check: Check) -> list[str]:
    """The columns that `check` as stated adds up, in its order."""
    return _SUM.findall(f"{check.left} {check.right}")


def ways(check: Check) -> tuple[Check, ...]:
    """The check as it is stated, then with each of its alternatives for the right side."""
    return tuple(replace(check, right=right, alternatives=()) for right in (check.right, *check.alternatives))


def sides(check: Check, scope: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """Both values of `check` in `scope`, or None where an operand is null, or a value cannot be reckoned.

    Those of an alternative where it holds and what is stated does not.
    """
    try:
        return _sides(check, scope)
    except _CANNOT:
        return None


def _sides(check: Check, scope: Mapping[str, Any]) -> tuple[Any, Any] | None:
    left, right = (_value(text, scope) for text in (check.left, check.right))
    if left is None or right is None:
        return None
    if check.alternatives and not holds(check, left, right):
        for other in (_value_or_none(text, scope) for text in check.alternatives):
            if other is not None and holds(check, left, other):
                return left, other
    return left, right


def _value_or_none(text: str, scope: Mapping[str, Any]) -> Any:
    """The value of an alternative; None where it cannot be reckoned: then it explains nothing."""
    try:
        return _value(text, scope)
    except _CANNOT:
        return None


def holds(check: Check, left: Any, right: Any) -> bool:
    """True if the two values agree within the check's tolerance; of dates it is a number of days.

    Raises TypeError for values that cannot be compared, ArithmeticError for a difference that is out of bounds.
    """
    gap = margin(check.tolerance)
    if not gap:
        if isinstance(left, str | bool) is not isinstance(right, str | bool):
            raise TypeError(f"{type(left).__name__} against {type(right).__name__}")
        return _COMPARE[check.op](left, right)
    difference = exact.subtract(left, right)
    if check.op == "==":
        return exact.absolute(difference) <= gap
    return _COMPARE[check.op](difference, gap if check.op in ("<=", "<") else gap.copy_negate())


def evaluate(checks: Iterable[Check], record: Mapping[str, Any]) -> list[Violation]:
    """The violations of `record` (values nested as in the schema), one a broken check and row.

    A check that cannot be reckoned (a division by zero, a result out of bounds) is a warning that says so.
    """
    found: list[Violation] = []
    for check in checks:
        for prefix, scope in scopes(check, record):
            try:
                pair = _sides(check, scope)
                if pair is not None and not holds(check, *pair):
                    found.append(_broken(check, prefix, scope, *pair))
            except _CANNOT as error:
                found.append(_not_evaluated(check, prefix, error))
    return found


def scopes(check: Check, record: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """(prefix, what the names of `check` mean there): one, or one a row with its index in the prefix."""
    if not check.each:
        return [("", record)]
    rows = field_at(record, check.each)
    if not isinstance(rows, list):
        return []
    return [(f"{check.each}[{index}].", {**record, **row}) for index, row in enumerate(rows) if isinstance(row, dict)]


def operands(check: Check, record: Mapping[str, Any], prefix: str) -> list[str]:
    """The paths of every leaf that `check` reads in the scope of `prefix`, null or not."""
    row = field_at(record, check.each) if check.each else None
    found: list[str] = []
    for path in check_paths(check):
        inside = row and path.partition(".")[0] in row[parts(prefix)[-1]]
        found += _spread(record, f"{prefix}{path}" if inside else path)
    return found


def _spread(record: Mapping[str, Any], path: str) -> list[str]:
    """`path` with an index for every list that it goes through."""
    ways: list[tuple[str, Any]] = [("", record)]
    for part in parts(path):
        below: list[tuple[str, Any]] = []
        for way, value in ways:
            if isinstance(part, int):
                below.append((f"{way}[{part}]", value[part]))
            elif isinstance(value, list):
                below += [(f"{way}[{at}].{part}", (item or {}).get(part)) for at, item in enumerate(value)]
            elif isinstance(value, dict):
                below.append((f"{way}.{part}" if way else part, value.get(part)))
        ways = below
    return [way for way, _ in ways]


def _broken(check: Check, prefix: str, scope: Mapping[str, Any], left: Any, right: Any) -> Violation:
    message = f"{check.left} {check.op} {check.right} does not hold{_where(prefix)}: {left} against {right}"
    paths = tuple(dict.fromkeys((*_paths(check, prefix), *(prefix + path for path in _present(check, scope)))))
    return Violation(check.name, check.severity, message, paths, str(left), str(right))


def _present(check: Check, scope: Mapping[str, Any]) -> list[str]:
    """What the check and its alternatives read and may be absent, where it is not."""
    expressions = map(compile_expression, (check.left, check.right, *check.alternatives))
    paths = dict.fromkeys(path for expression in expressions for path in expression.paths.values())
    return [path for path in paths if field_at(scope, path) is not None]


def _not_evaluated(check: Check, prefix: str, error: Exception) -> Violation:
    message = f"{check.left} {check.op} {check.right} was not evaluated{_where(prefix)}: {exact.reason(error)}"
    return Violation(check.name, "warning", message, _paths(check, prefix))


def _paths(check: Check, prefix: str) -> tuple[str, ...]:
    return tuple(prefix + path if prefix else path for path in check_paths(check))


def _where(prefix: str) -> str:
    return f" in {prefix.rstrip('.')}" if prefix else ""


def _value(text: str, scope: Mapping[str, Any]) -> Any:
    """The value of an expression; None if it reads what is null. Raises TypeError and ArithmeticError."""
    expression = compile_expression(text)
    names: dict[str, Any] = dict(expression.constants)
    for name, path in expression.paths.items():
        value = field_at(scope, path)
        if name in expression.optional:
            names[name] = value
            continue
        if value is None or (isinstance(value, list) and (not value or None in value)):
            return None
        names[name] = value
    return value_of(expression, names)


def field_at(scope: Any, path: str) -> Any:
    """The value at a dotted path; through a list, the list of its items' values; None if absent."""
    if "." not in path and isinstance(scope, dict):  # most are
        return scope.get(path)
    value = scope
    for name in path.split("."):
        if isinstance(value, list):
            value = [item.get(name) if isinstance(item, dict) else None for item in value]
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value
