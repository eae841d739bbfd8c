"""One side of a check: parsed once, typed against the schema, evaluated by simpleeval on Decimals and dates.

An expression may use dotted field paths, numbers, + - * / and abs(), round(), sum(), count(), or_zero(). Nothing else
parses, so an expression from a schema file can neither call code nor reach an attribute; and what has no
meaning for the types of its fields (a text times a number) is refused before any document is read.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from simpleeval import InvalidExpression, SimpleEval

from docpipe.schema import exact
from docpipe.schema.nodes import MAX_DIGITS

MAX_EXPRESSION_CHARS = 500
MAX_DEPTH = 100  # of operations within operations; a sum of n fields is n deep

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": exact.absolute,
    "round": exact.rounded,
    "sum": exact.total,
    "count": exact.count,
    "or_zero": exact.or_zero,
}
_OPERATORS: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: exact.add,
    ast.Sub: exact.subtract,
    ast.Mult: exact.multiply,
    ast.Div: exact.divide,
    ast.USub: exact.negative,
}
_EVALUATOR = SimpleEval(operators=_OPERATORS, functions=_FUNCTIONS)


@dataclass(frozen=True, slots=True)
class Expression:
    """A parsed expression: `paths` and `constants` are what the tree's variables stand for; null is 0 in `optional`."""

    text: str
    tree: ast.expr
    paths: Mapping[str, str]
    constants: Mapping[str, Decimal]
    optional: frozenset[str]

    @property
    def needed(self) -> tuple[str, ...]:
        """The paths without whose values it has none."""
        return tuple(path for name, path in self.paths.items() if name not in self.optional)


@lru_cache(maxsize=4096)
def compile_expression(text: str) -> Expression:
    """Parse `text`; raises ValueError naming what is not allowed."""
    if len(text) > MAX_EXPRESSION_CHARS:
        raise ValueError(f"expression is longer than {MAX_EXPRESSION_CHARS} characters")
    stripped = text.strip()
    try:
        body = ast.parse(stripped, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"cannot parse {text!r}") from error
    names = _Names(stripped)
    tree = names.visit(body)
    return Expression(text, tree, names.paths, names.constants, frozenset(names.optional))


def value_of(expression: Expression, names: Mapping[str, Any]) -> Any:
    """The value of `expression`, where `names` are those of its tree: a Decimal, int, date, text or boolean.

    Raises TypeError for values of types that do not go together, ArithmeticError for a division by zero and
    for a result out of bounds.
    """
    if isinstance(expression.tree, ast.Name):  # half of all sides are one field
        return names[expression.tree.id]
    _EVALUATOR.names = names
    try:
        return _EVALUATOR.eval(expression.text, previously_parsed=expression.tree)
    except (InvalidExpression, AttributeError) as error:
        raise TypeError(str(error)) from error


class _Names(ast.NodeTransformer):
    """Turns `a.b.c` into one variable and 0.02 into a Decimal; refuses every other construct."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.paths: dict[str, str] = {}
        self.constants: dict[str, Decimal] = {}
        self.optional: set[str] = set()
        self.depth = 0

    def visit(self, node: ast.AST) -> Any:
        allowed = (ast.BinOp, ast.UnaryOp, ast.Call, ast.Name, ast.Attribute, ast.Constant)
        if not isinstance(node, allowed):
            raise ValueError(f"{type(node).__name__} is not allowed in a check")
        if self.depth >= MAX_DEPTH:
            raise ValueError(f"operations lie more than {MAX_DEPTH} deep within each other")
        self.depth += 1
        found = super().visit(node)
        self.depth -= 1
        return found

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
        name = node.func.id
        if not 1 <= len(node.args) <= (2 if name == "round" else 1):
            raise ValueError(f"{name}() takes {'a number and its places' if name == 'round' else 'one value'}")
        if len(node.args) > 1:
            _inspect_places(node.args[1])
        node.args = [self.visit(argument) for argument in node.args]
        if name == "or_zero":
            inner = node.args[0]
            if not isinstance(inner, ast.Name) or inner.id not in self.paths:
                raise ValueError("or_zero() takes one field")
            self.optional.add(inner.id)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, bool) or not isinstance(node.value, int | float):
            raise ValueError(f"{node.value!r} is not a number")
        written = ast.get_source_segment(self.text, node) or ""
        try:
            number = Decimal(node.value) if isinstance(node.value, int) else Decimal(written)
        except InvalidOperation:
            raise ValueError(f"{written!r} is not a number") from None
        if len(number.as_tuple().digits) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
            raise ValueError(f"{written[:60]} has more than {MAX_DIGITS} digits")
        return node if isinstance(node.value, int) else self._variable(self.constants, "c", number)

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._variable(self.paths, "v", node.id)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        return self._variable(self.paths, "v", ast.unparse(node))

    def _variable(self, table: dict[str, Any], prefix: str, value: Any) -> ast.Name:
        name = f"{prefix}{len(table)}"
        table[name] = value
        return ast.Name(id=name, ctx=ast.Load())


def _inspect_places(node: ast.expr) -> None:
    inner = node.operand if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else node
    places = inner.value if isinstance(inner, ast.Constant) else None
    if isinstance(places, bool) or not isinstance(places, int) or places > exact.MAX_PLACES:
        raise ValueError(f"round() takes a whole number of places, {exact.MAX_PLACES} at most, written out")
