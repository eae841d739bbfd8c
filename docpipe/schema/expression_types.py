"""What an expression of a check is, by the types of the fields that it names: wrong ones are refused in words."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass

from docpipe.schema.expressions import Expression
from docpipe.schema.nodes import Node

_WORDS = {
    "string": "text",
    "integer": "a number",
    "number": "a number",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a date with a time",
    "object": "an object",
}
_DATES = ("a date", "a date with a time")
_SIGNS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}


@dataclass(frozen=True, slots=True)
class Meaning:
    """`what` a value is, in words; `of_each`: it is a list of such values."""

    what: str
    of_each: bool = False

    def __str__(self) -> str:
        return f"a list (each of it {self.what})" if self.of_each else self.what


NUMBER = Meaning("a number")


def meaning_of(expression: Expression, field: Callable[[str], Meaning]) -> Meaning:
    """What `expression` is, where `field` tells of a path; raises ValueError for operations without a meaning."""
    return _meaning(expression.tree, lambda name: field(expression.paths[name]) if name in expression.paths else NUMBER)


def meaning_at(node: Node, path: str) -> Meaning | None:
    """What stands at a dotted path below `node`; None if there is no such field.

    Raises ValueError for a field in a list within a list: no check reads one.
    """
    found: Node | None = node
    lists = 0
    for name in path.split("."):
        while found is not None and found.kind == "array":
            found, lists = found.item, lists + 1
        found = found.child(name) if found is not None else None
    while found is not None and found.kind == "array":
        found, lists = found.item, lists + 1
    if found is None:
        return None
    if lists > 1:
        raise ValueError(f"{path} lies in a list within a list: name the outer list in `each`")
    return Meaning(_WORDS[found.kind], bool(lists))


def comparison_fault(left: Meaning, op: str, right: Meaning, *, within: bool) -> str:
    """Why the two cannot be compared, or "" if they can. `within`: a tolerance is stated."""
    for side in (left, right):
        if side.of_each:
            return f"a check compares single values, not {side}: use sum() or count(), or `each`"
        if side.what == "an object":
            return "a check compares single values, not an object: name a field of it"
    if left.what != right.what:
        return f"{left} and {right} cannot be compared"
    if left.what not in ("a number", *_DATES) and (op != "==" or within):
        return f"{left} can only be compared by ==, without a tolerance"
    return ""


def _meaning(node: ast.expr, named: Callable[[str], Meaning]) -> Meaning:
    match node:
        case ast.Name(id=name):
            return named(name)
        case ast.Call(func=ast.Name(id=name), args=[argument, *_]):
            return _called(name, _meaning(argument, named))
        case ast.UnaryOp(operand=operand):
            _need_number("-", _meaning(operand, named))
        case ast.BinOp(left=left, op=op, right=right):
            return _operated(_meaning(left, named), _SIGNS[type(op)], _meaning(right, named))
    return NUMBER


def _called(name: str, argument: Meaning) -> Meaning:
    if name == "count" and not argument.of_each:
        raise ValueError(f"count() counts a list, not {argument}")
    if name == "sum" and (not argument.of_each or argument.what != "a number"):
        raise ValueError(f"sum() adds up a list of numbers, not {argument}")
    if name in ("abs", "round", "or_zero"):
        _need_number(f"{name}()", argument)
    return NUMBER


def _operated(left: Meaning, sign: str, right: Meaning) -> Meaning:
    if sign == "-" and left == right and left in map(Meaning, _DATES):
        return NUMBER  # the days between them
    if sign in ("+", "-") and left in map(Meaning, _DATES) and right == NUMBER:
        return left
    if sign == "+" and right in map(Meaning, _DATES) and left == NUMBER:
        return right
    for side in (left, right):
        _need_number(sign, side)
    return NUMBER


def _need_number(operation: str, found: Meaning) -> None:
    if found != NUMBER:
        raise ValueError(f"{operation} needs numbers, and this is {found}")
