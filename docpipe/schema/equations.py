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

from docpipe.literals.currencies import CENTS
from docpipe.schema.exact import CONTEXT
from docpipe.schema.expressions import compile_expression
from docpipe.schema.nodes import Check
from docpipe.schema.tolerance import margin

Terms = dict[tuple[str, ...], Decimal]

MAX_TERMS = 64  # of one product: a check that multiplies out to more helps nobody
HALF = Decimal("0.5")  # of the smallest unit: a tolerance never means less, as amounts are compared as printed
STRAIGHT = Decimal("1e-40")  # three points bent less lie on a line: a division is rounded at the 120th digit
ZERO, ONE, TWO = Decimal(0), Decimal(1), Decimal(2)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """left - right of a check, or of one of its alternatives. A name of `optional` that is not known is 0."""

    terms: tuple[tuple[tuple[str, ...], Decimal], ...]
    names: tuple[str, ...]  # each once, in the order of the check: a set would make the choice depend on chance
    optional: tuple[str, ...]

    def residual(self, known: Mapping[str, Decimal]) -> Decimal | None:
        """left - right, or None if a name is not known or the result is out of bounds."""
        total = ZERO
        try:
            for names, product in self.terms:
                for name in names:
                    if name not in known and name not in self.optional:
                        return None
                    product = CONTEXT.multiply(product, known.get(name, ZERO))  # noqa: PLW2901  factor by factor
                total = CONTEXT.add(total, product)
        except DecimalException:
            return None
        return total


@dataclass(frozen=True, slots=True)
class Equation:
    """A check as polynomials that `op` compares with 0: what it states, and its alternatives."""

    check: Check
    stated: Polynomial
    alternatives: tuple[Polynomial, ...]
    reads: tuple[str, ...]  # all that may play a part in it
    places: int = CENTS  # decimals of the amounts

    @property
    def terms(self) -> tuple[tuple[tuple[str, ...], Decimal], ...]:
        return self.stated.terms

    @property
    def names(self) -> tuple[str, ...]:
        """What has to be known to tell whether the check holds."""
        return self.stated.names

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

    def holds(self, known: Mapping[str, Decimal]) -> bool | None:
        """Whether the check holds, as stated or by an alternative; None if that cannot be told."""
        stated = self._compared(self.stated, known)
        if stated is not False or not self.alternatives:
            return stated
        return any(self._compared(other, known) for other in self.alternatives)

    def confirms(self, known: Mapping[str, Decimal]) -> bool:
        """Whether it speaks for the values: an equality that holds, as stated or by three numbers or more.

        An alternative of two numbers says no more than that one is printed twice.
        """
        if not self.equality:
            return False
        stated = self._compared(self.stated, known)
        telling = (way for way in self.alternatives if sum(map(bool, map(known.get, (*way.names, *way.optional)))) > 2)
        return any(self._compared(way, known) for way in telling) if stated is False else bool(stated)

    def holds_as_stated(self, known: Mapping[str, Decimal]) -> bool:
        """Whether it holds without an alternative."""
        return self._compared(self.stated, known) is True

    def _compared(self, way: Polynomial, known: Mapping[str, Decimal]) -> bool | None:
        gap = way.residual(known)
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
        """The value of `name` that makes both sides equal as stated, all other names being known; None if not linear
        in it.
        """
        if not self.equality or name not in self.names:
            return None
        return root(lambda value: self.stated.residual({**known, name: value}))


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
        stated, *others = (_difference(check.left, right) for right in (check.right, *check.alternatives))
        if stated is not None:
            alternatives = tuple(other for other in others if other is not None)
            each = (stated, *alternatives)
            reads = tuple(dict.fromkeys(name for way in each for name in (*way.names, *way.optional)))
            equations.append(Equation(check, stated, alternatives, reads))
    return tuple(equations)


def _difference(left: str, right: str) -> Polynomial | None:
    """left - right, without what cancels out; None if it is no polynomial."""
    sides = [_terms(side) for side in (left, right)]
    if sides[0] is None or sides[1] is None:
        return None
    terms = {names: factor for names, factor in _add(sides[0], sides[1], -ONE).items() if factor}
    needed = {name for side in (left, right) for name in _needed(side)}
    names = tuple(dict.fromkeys(name for factors in terms for name in factors))
    return Polynomial(
        tuple(terms.items()),
        tuple(name for name in names if name in needed),
        tuple(name for name in names if name not in needed),
    )


def _needed(expression: str) -> Iterable[str]:
    """The names of an expression that are not optional; a sum is one by its column."""
    return (name for path in compile_expression(expression).needed for name in (path, f"sum({path})"))


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
        case ast.Call(func=ast.Name(id="or_zero"), args=[ast.Name(id=name)]):
            return {(paths[name],): ONE}
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
