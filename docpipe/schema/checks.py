"""Named rules between fields: compiled once, evaluated by simpleeval on Decimals and dates.

An expression may use dotted field paths, numbers, + - * / and abs(), round(), sum(), count(). Nothing
else parses, so an expression from a schema file can neither call code nor reach an attribute.
"""

from __future__ import annotations

import ast
import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from functools import lru_cache
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from docpipe.records import Violation
from docpipe.schema.nodes import Check
from docpipe.schema.paths import parts

MAX_EXPRESSION_CHARS = 500


def _round(value: Decimal, places: int = 2) -> Decimal:
    """Half away from zero, as invoices are rounded (EN 16931, 6.5.4), not half to even."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


_FUNCTIONS: dict[str, Callable[..., Any]] = {"abs": abs, "round": _round, "sum": sum, "count": len}
_OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.USub: operator.neg,
}
_EVALUATOR = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: `names` maps the tree's variables to field paths or to constants."""

    text: str
    tree: ast.expr
    paths: Mapping[str, str]
    constants: Mapping[str, Decimal]


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Parse `text`; raises ValueError naming what is not allowed."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise ValueError(f"expression is longer than {MAX_EXPRESSION_CHARS} characters")
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"cannot parse {text!r}") from error
    paths: dict[str, str] = {}
    constants: dict[str, Decimal] = {}
    tree = _Names(paths, constants).visit(body)
    return Expression(text, tree, paths, constants)


class _Names(ast.NodeTransformer):
    """Turns `a.b.c` into one variable and 0.02 into a Decimal; refuses every other construct."""

    def __init__(self, paths: dict[str, str], constants: dict[str, Decimal]) -> None:
        self.paths = paths
        self.constants = constants

    def visit(self, node: ast.AST) -> Any:
        allowed = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Attribute, ast.Constant)
        if not isinstance(node, allowed):
            raise ValueError(f"{type(node).__name__} is not allowed in a check")
        return super().visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        if type(node.op) not in _OPERATORS:
            raise ValueError(f"operator {type(node.op).__name__} is not allowed in a check")
        node.left, node.right = self.visit(node.left), self.visit(node.right)
        return node

    def visit_UnaryOp(self, node: ast.UnaryOp) -> ast.AST:
        if type(node.op) not in _OPERATORS:
            raise ValueError(f"operator {type(node.op).__name__} is not allowed in a check")
        node.operand = self.visit(node.operand)
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if not isinstance(node.func, ast.Name) or node.func.id not in _FUNCTIONS or node.keywords:
            raise ValueError(f"only {', '.join(_FUNCTIONS)} may be called in a check")
        node.args = [self.visit(argument) for argument in node.args]
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ValueError(f"{node.value!r} is not a number")
        if isinstance(node.value, int):
            return node
        return self._variable(self.constants, "c", Decimal(repr(node.value)))

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._variable(self.paths, "v", node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._variable(self.paths, "v", ast.unparse(node))

    def _variable(self, table: dict[str, Any], prefix: str, value: Any) -> ast.Name:
        name = f"{prefix}{len(table)}"
        table[name] = value
        return ast.Name(id=name, ctx=ast.Load())


def check_paths(check: Check) -> tuple[str, ...]:
    """The field paths that `check` reads, as written. Raises ValueError if it does not parse."""
    sides = (compile_expression(check.left), compile_expression(check.right))
    return tuple(dict.fromkeys(path for side in sides for path in side.paths.values()))


def sides(check: Check, scope: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """Both values of `check` in `scope`, or None where an operand is null or has no meaning."""
    left, right = (_value(compile_expression(text), scope) for text in (check.left, check.right))
    return None if left is None or right is None else (left, right)


def holds(check: Check, left: Any, right: Any) -> bool:
    """True if the two values agree within the check's tolerance."""
    if isinstance(left, dt.date) or isinstance(right, dt.date):
        gap: Any = 0
    else:
        gap = Decimal(check.tolerance)
    if check.op == "==":
        return bool(abs(left - right) <= gap) if gap else bool(left == right)
    if gap and check.op in ("<=", "<"):
        return _COMPARE[check.op](left, right + gap)
    if gap:
        return _COMPARE[check.op](left + gap, right)
    return _COMPARE[check.op](left, right)


def evaluate(checks: Iterable[Check], record: Mapping[str, Any]) -> list[Violation]:
    """The violations of `record` (values nested as in the schema), one a broken check and row."""
    found: list[Violation] = []
    for check in checks:
        for prefix, scope in scopes(check, record):
            pair = sides(check, scope)
            if pair is not None and not _safe_holds(check, *pair):
                found.append(_violation(check, prefix, *pair))
    return found


def _safe_holds(check: Check, left: Any, right: Any) -> bool:
    try:
        return holds(check, left, right)
    except (TypeError, DecimalException):
        return True  # values of different kinds: their own types are the violation, not the sum


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
                below += [(f"{way}[{at}].{part}", (one or {}).get(part)) for at, one in enumerate(value)]
            elif isinstance(value, dict):
                below.append((f"{way}.{part}" if way else part, value.get(part)))
        ways = below
    return [way for way, _ in ways]


def _violation(check: Check, prefix: str, left: Any, right: Any) -> Violation:
    paths = tuple(prefix + path if prefix else path for path in check_paths(check))
    where = f" in {prefix.rstrip('.')}" if prefix else ""
    message = f"{check.left} {check.op} {check.right} does not hold{where}: {left} against {right}"
    return Violation(check.name, check.severity, message, paths, str(left), str(right))


def _value(expression: Expression, scope: Mapping[str, Any]) -> Any:
    names: dict[str, Any] = dict(expression.constants)
    for name, path in expression.paths.items():
        value = field_at(scope, path)
        if value is None or (isinstance(value, list) and (not value or None in value)):
            return None
        names[name] = value
    if isinstance(expression.tree, ast.Name):  # half of all sides are one field
        return names[expression.tree.id]
    _EVALUATOR.names = names
    try:
        return _EVALUATOR.eval(expression.text, previously_parsed=expression.tree)
    except (InvalidExpression, TypeError, AttributeError, DecimalException, ZeroDivisionError):
        return None


def field_at(scope: Any, path: str) -> Any:
    """The value at a dotted path; through a list, the list of its items' values; None if absent."""
    value = scope
    for name in path.split("."):
        if isinstance(value, list):
            value = [item.get(name) if isinstance(item, dict) else None for item in value]
        elif isinstance(value, dict):
            value = value.get(name)
        else:
            return None
    return value
