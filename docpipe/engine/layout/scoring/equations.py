"""A schema's checks as polynomials, so that a choice among many values is tested in microseconds.

`subtotal + tax == total` is {(subtotal,): 1, (tax,): 1, (total,): -1}. A sum over a column is one
variable, "sum(line_items.amount)". What is no polynomial (abs, round, count, a division by a field)
yields no equation: the check still judges the record later, it only does not help to choose.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import prod

from docpipe.schema.expressions import compile_expression
from docpipe.schema.nodes import Check

Terms = dict[tuple[str, ...], float]
Number = Decimal | int | float | dt.date

MAX_TERMS = 64  # of one product: a check that multiplies out to more helps nobody
CENT = 0.005  # a tolerance never means less: amounts are compared as printed


@dataclass(frozen=True, slots=True)
class Equation:
    """left - right as a polynomial of `names`, which `op` compares with 0."""

    check: Check
    terms: tuple[tuple[tuple[str, ...], float], ...]
    names: tuple[str, ...]  # each once, in the order of the check: a set would make the choice depend on chance

    @property
    def equality(self) -> bool:
        return self.check.op == "=="

    def residual(self, known: Mapping[str, float]) -> float | None:
        """left - right, or None if a name is not known."""
        total = 0.0
        for names, factor in self.terms:
            if any(name not in known for name in names):
                return None
            total += factor * prod(known[name] for name in names)
        return total

    def holds(self, known: Mapping[str, float]) -> bool | None:
        """Whether the check holds; None if a name is not known."""
        gap = self.residual(known)
        if gap is None:
            return None
        slack = float(self.check.tolerance) + CENT
        return {"==": abs(gap) <= slack, "<=": gap <= slack, ">=": gap >= -slack, "<": gap < slack, ">": gap > -slack}[
            self.check.op
        ]

    def solve(self, name: str, known: Mapping[str, float]) -> float | None:
        """The value of `name` that makes both sides equal, all other names being known; None if not linear in it."""
        if not self.equality or name not in self.names:
            return None
        base = self.residual({**known, name: 0.0})
        step = self.residual({**known, name: 1.0})
        twice = self.residual({**known, name: 2.0})
        if base is None or step is None or twice is None or step == base or abs(twice - 2 * step + base) > 1e-9:
            return None
        return -base / (step - base)


def equations_of(checks: Iterable[Check]) -> tuple[Equation, ...]:
    """The checks that are polynomials."""
    found = []
    for check in checks:
        left, right = _terms(check.left), _terms(check.right)
        if left is None or right is None:
            continue
        terms = _add(left, right, -1.0)
        found.append(
            Equation(check, tuple(terms.items()), tuple(dict.fromkeys(name for names in terms for name in names)))
        )
    return tuple(found)


def as_number(value: object) -> float | None:
    """A value as equations see it: dates by their day; None if it is neither number nor date."""
    if isinstance(value, dt.date):
        return float(value.toordinal())
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return float(value)
    return None


def _terms(expression: str) -> Terms | None:
    try:
        parsed = compile_expression(expression)
    except ValueError:
        return None
    return _polynomial(parsed.tree, parsed.paths, parsed.constants)


def _polynomial(node: ast.expr, paths: Mapping[str, str], constants: Mapping[str, Decimal]) -> Terms | None:
    match node:
        case ast.Constant(value=int() | float() as value):
            return {(): float(value)}
        case ast.Name(id=name) if name in constants:
            return {(): float(constants[name])}
        case ast.Name(id=name):
            return {(paths[name],): 1.0}
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=name)]) if name in paths:
            return {(f"sum({paths[name]})",): 1.0}
        case ast.UnaryOp(operand=operand):
            below = _polynomial(operand, paths, constants)
            return None if below is None else _add({}, below, -1.0)
        case ast.BinOp(left=left, op=op, right=right):
            one, two = _polynomial(left, paths, constants), _polynomial(right, paths, constants)
            return None if one is None or two is None else _combined(one, op, two)
    return None


def _combined(one: Terms, op: ast.operator, two: Terms) -> Terms | None:
    if isinstance(op, ast.Add | ast.Sub):
        return _add(one, two, 1.0 if isinstance(op, ast.Add) else -1.0)
    if isinstance(op, ast.Mult) and len(one) * len(two) <= MAX_TERMS:
        product: Terms = {}
        for names, factor in one.items():
            for others, other in two.items():
                key = tuple(sorted(names + others))
                product[key] = product.get(key, 0.0) + factor * other
        return product
    divisor = two.get(()) if set(two) == {()} else None
    if isinstance(op, ast.Div) and divisor:
        return {names: factor / divisor for names, factor in one.items()}
    return None


def _add(one: Terms, two: Terms, sign: float) -> Terms:
    total = dict(one)
    for names, factor in two.items():
        total[names] = total.get(names, 0.0) + sign * factor
    return total
