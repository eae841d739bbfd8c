"""Checks as polynomials, so that a choice among many values is tested and an unknown value is solved for.

`subtotal + tax == total` is {(subtotal,): 1, (tax,): 1, (total,): -1}. A sum over a column is one variable,
"sum(line_items.amount)". What is no polynomial (abs, round, count, a division by a field) yields no equation: the check
judges the record, it only does not help to choose. The arithmetic is that of checks (docpipe.schema.exact).
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, DecimalException

from docpipe.schema.exact import CONTEXT
from docpipe.schema.expressions import compile_expression
from docpipe.schema.nodes import Check
from docpipe.schema.tolerance import CENTS, margin

Terms = dict[tuple[str, ...], Decimal]

MAX_TERMS = 64  # of one product: a check that multiplies out to more helps nobody
HALF = Decimal("0.5")  # of the smallest unit: a tolerance never means less, as amounts are compared as printed
STRAIGHT = Decimal("1e-40")  # three points bent less lie on a line: a division is rounded at the 120th digit
ZERO, ONE, TWO = Decimal(0), Decimal(1), Decimal(2)


@dataclass(frozen=True, slots=True)
class Equation:
    """left - right as a polynomial of `names`, which `op` compares with 0."""

    check: Check
    terms: tuple[tuple[tuple[str, ...], Decimal], ...]
    names: tuple[str, ...]  # each once, in the order of the check: a set would make the choice depend on chance
    places: int = CENTS  # decimals of the amounts

    @property
    def equality(self) -> bool:
        return self.check.op == "=="

    @property
    def slack(self) -> Decimal:
        """What left and right may differ by."""
        return CONTEXT.add(self.margin, self.half_a_unit)

    @property
    def margin(self) -> Decimal:
        """What the check allows."""
        return margin(self.check.tolerance, self.places)

    @property
    def half_a_unit(self) -> Decimal:
        """Half a cent, or half of the smallest unit that the amounts have."""
        return HALF.scaleb(-self.places)

    def residual(self, known: Mapping[str, Decimal]) -> Decimal | None:
        """left - right, or None if a name is not known or the result is out of bounds."""
        total = ZERO
        try:
            for names, product in self.terms:
                for name in names:
                    if name not in known:
                        return None
                    product = CONTEXT.multiply(product, known[name])  # noqa: PLW2901  factor by factor
                total = CONTEXT.add(total, product)
        except DecimalException:
            return None
        return total

    def holds(self, known: Mapping[str, Decimal]) -> bool | None:
        """Whether the check holds; None if that cannot be told."""
        gap = self.residual(known)
        if gap is None:
            return None
        match self.check.op:
            case "==":
                return -self.slack <= gap <= self.slack
            case "<=":
                return gap <= self.slack
            case ">=":
                return gap >= -self.slack
            case "<":
                return gap < self.slack
        return gap > -self.slack

    def solve(self, name: str, known: Mapping[str, Decimal]) -> Decimal | None:
        """The value of `name` that makes both sides equal, all other names being known; None if not linear in it."""
        if not self.equality or name not in self.names:
            return None
        return root(lambda value: self.residual({**known, name: value}))


def root(gap: Callable[[Decimal], Decimal | None]) -> Decimal | None:
    """Where `gap` is 0, if it is a straight line; None if it is none, is level, or cannot be told.

    Three points decide. The result has the digits of docpipe.schema.exact.CONTEXT.
    """
    nothing, first, two = gap(ZERO), gap(ONE), gap(TWO)
    if nothing is None or first is None or two is None:
        return None
    try:
        step = CONTEXT.subtract(first, nothing)
        bend = CONTEXT.abs(CONTEXT.subtract(CONTEXT.subtract(two, first), step))
        if not step or bend > STRAIGHT:
            return None
        return CONTEXT.divide(CONTEXT.minus(nothing), step)
    except DecimalException:
        return None


def equations_of(checks: Iterable[Check]) -> tuple[Equation, ...]:
    """The checks that are polynomials."""
    equations = []
    for check in checks:
        left, right = _terms(check.left), _terms(check.right)
        if left is None or right is None:
            continue
        terms = _add(left, right, -ONE)
        names = tuple(dict.fromkeys(name for factors in terms for name in factors))
        equations.append(Equation(check, tuple(terms.items()), names))
    return tuple(equations)


def as_number(value: object) -> Decimal | None:
    """A value as equations see it: dates by their day; None if it is neither number nor date."""
    if isinstance(value, dt.date):
        return Decimal(value.toordinal())
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        return Decimal(value)
    return None


def _terms(expression: str) -> Terms | None:
    try:
        parsed = compile_expression(expression)
        return _polynomial(parsed.tree, parsed.paths, parsed.constants)
    except (ValueError, DecimalException):
        return None


def _polynomial(node: ast.expr, paths: Mapping[str, str], constants: Mapping[str, Decimal]) -> Terms | None:
    match node:
        case ast.Constant(value=int() as value):
            return {(): Decimal(value)}
        case ast.Name(id=name) if name in constants:
            return {(): constants[name]}
        case ast.Name(id=name):
            return {(paths[name],): ONE}
        case ast.Call(func=ast.Name(id="sum"), args=[ast.Name(id=name)]) if name in paths:
            return {(f"sum({paths[name]})",): ONE}
        case ast.UnaryOp(operand=operand):
            below = _polynomial(operand, paths, constants)
            return None if below is None else _add({}, below, -ONE)
        case ast.BinOp(left=left, op=op, right=right):
            first, second = _polynomial(left, paths, constants), _polynomial(right, paths, constants)
            return None if first is None or second is None else _combined(first, op, second)
    return None


def _combined(first: Terms, op: ast.operator, second: Terms) -> Terms | None:
    if isinstance(op, ast.Add | ast.Sub):
        return _add(first, second, ONE if isinstance(op, ast.Add) else -ONE)
    if isinstance(op, ast.Mult) and len(first) * len(second) <= MAX_TERMS:
        product: Terms = {}
        for names, factor in first.items():
            for others, other in second.items():
                key = tuple(sorted(names + others))
                product[key] = CONTEXT.add(product.get(key, ZERO), CONTEXT.multiply(factor, other))
        return product
    divisor = second.get(()) if set(second) == {()} else None
    if isinstance(op, ast.Div) and divisor:
        return {names: CONTEXT.divide(factor, divisor) for names, factor in first.items()}
    return None


def _add(first: Terms, second: Terms, sign: Decimal) -> Terms:
    total = dict(first)
    for names, factor in second.items():
        total[names] = CONTEXT.add(total.get(names, ZERO), CONTEXT.multiply(sign, factor))
    return total
