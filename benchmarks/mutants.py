"""Small faults for a module's code, one at a time: what benchmarks/mutation.py puts into a package.

Comparisons are moved over their border or turned round; numbers are one more and one less, fractions doubled and
halved, texts emptied, True is False; `and` is `or`; `not` goes, conditions turn round; operators are others; a
statement, an argument or the value of a return is left out; `break` is `continue`. Nothing is done to annotations,
docstrings, decorators, assertions and the text of messages.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
UNTOUCHED = {  # fields that change no behaviour, or only the text of a message
    (ast.AnnAssign, "annotation"),
    (ast.arg, "annotation"),
    (ast.FunctionDef, "returns"),
    (ast.FunctionDef, "decorator_list"),
    (ast.ClassDef, "decorator_list"),
    (ast.JoinedStr, "values"),
    (ast.Raise, "exc"),
    (ast.Raise, "cause"),
}
QUIET = {"strict", "repr", "slots", "frozen"}  # keywords that no caller can see
SPEAKERS = {"fault", "refuse", "DecodeError"}  # calls whose only texts are messages


@dataclass(frozen=True)
class Mutant:
    """One fault. `apply` puts it into `tree`, once.

    `lines`: one of these is run by every test that can notice it; None where that is on import.
    """

    module: str
    line: int
    what: str
    lines: range | None
    tree: ast.Module = field(repr=False)
    apply: Callable[[], None] = field(repr=False)

    def __str__(self) -> str:
        return f"{self.module.replace('.', '/')}.py:{self.line}  {self.what}"


def mutants(module: str, source: str) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its lines."""
    tree = ast.parse(source)
    for before, after, lines, put in _sites(tree, None, None):
        what = f"{_shown(before)}  ->  {_shown(after)}"
        yield Mutant(module, before.lineno, what, lines, tree, partial(put, ast.copy_location(after, before)))


def _shown(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) <= 70 else f"{text[:67]}..."


Site = tuple[Any, Any, range | None, Callable[[Any], None]]


def _sites(node: ast.AST, function: ast.AST | None, statement: ast.stmt | None) -> Iterator[Site]:
    """(before, after, lines, put) of every place under `node`."""
    for child, put in _children(node):
        around = child if isinstance(child, ast.stmt) else statement
        if _is_prose(child, node):
            continue
        assert around is not None or not isinstance(child, ast.expr)
        for after in _statements(child) if isinstance(child, ast.stmt) else _expressions(child, node):
            first = around.lineno if around is not None else 1
            last = (child.lineno if isinstance(child, ast.stmt) else child.end_lineno) or first  # type: ignore[attr-defined]
            yield child, after, range(first, last + 1) if function is not None else None, put
        inside = isinstance(child, ast.FunctionDef)
        yield from _of_function(child, function) if inside else _sites(child, function, around)


def _of_function(child: Any, function: ast.AST | None) -> Iterator[Site]:
    """The defaults of a function are its surroundings' own, its body is its own."""
    yield from _sites(child.args, function, child)
    for at, statement in enumerate(child.body):
        holder = ast.Module([statement], [])
        for before, after, lines, put in _sites(holder, child, None):
            outer = before is statement
            yield before, after, lines, partial(child.body.__setitem__, at) if outer else put


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, Callable[[Any], None]]]:
    for name, value in ast.iter_fields(node):
        if (type(node), name) in UNTOUCHED:
            continue
        if isinstance(value, list):
            yield from (
                (one, partial(value.__setitem__, at)) for at, one in enumerate(value) if isinstance(one, ast.AST)
            )
        elif isinstance(value, ast.AST):
            yield value, partial(setattr, node, name)
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                yield part.value, partial(setattr, part, "value")


def _is_prose(node: ast.AST, parent: ast.AST) -> bool:
    """A docstring, an assertion, a type by another name, the text of a message: not mutated, nor what is in it."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Assert() | ast.Import() | ast.ImportFrom():
            return True
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            return True
        case ast.Assign(targets=[ast.Name(id="message" | "problem" | "__slots__")]):
            return True
        case ast.Assign(value=ast.Subscript(value=ast.Name(id="Mapping" | "tuple" | "Literal"))):
            return True
        case ast.keyword(arg=name) if name in QUIET:
            return True
    if isinstance(parent, ast.Call):
        called = parent.func.attr if isinstance(parent.func, ast.Attribute) else getattr(parent.func, "id", "")
        if called in SPEAKERS and node in parent.args:
            return True
        return called == "Violation" and len(parent.args) > 2 and node is parent.args[2]
    return False


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield ast.Pass()
        case ast.Raise():
            yield ast.Pass()
        case ast.Break():
            yield ast.Continue()
        case ast.Continue():
            yield ast.Break()
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield ast.Return(ast.copy_location(ast.Constant(None), value))
    if isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)


def _expressions(node: ast.AST, parent: ast.AST) -> Iterator[ast.expr]:
    match node:
        case ast.Constant():
            yield from _constants(node)
        case ast.JoinedStr():
            yield ast.Constant("")
        case ast.Compare():
            for at, op in enumerate(node.ops):
                swapped = COMPARISONS[type(op)]()
                yield ast.Compare(node.left, [*node.ops[:at], swapped, *node.ops[at + 1 :]], node.comparators)
        case ast.BoolOp():
            yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand  # type: ignore[attr-defined]
        case ast.BinOp() if type(node.op) in OPERATORS and not _is_text(node.left) and not _is_text(node.right):
            yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
        case ast.Call():
            yield from _calls(node)
    condition = node is getattr(parent, "test", None) or node in getattr(parent, "ifs", ())
    if condition and not isinstance(node, ast.Compare | ast.BoolOp | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), ast.copy_location(node, node))  # type: ignore[arg-type]


def _constants(node: ast.Constant) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        yield ast.Constant(value + 1)
        yield ast.Constant(value - 1)
    elif isinstance(value, float):
        yield ast.Constant(value * 2 or 1.0)
        yield ast.Constant(value / 2 or -1.0)
    elif isinstance(value, str):
        yield ast.Constant("" if value else "?")


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    if len(node.args) > 1 and getattr(node.func, "id", "") != "isinstance":
        yield ast.Call(node.func, node.args[:-1], node.keywords)
    for at, keyword in enumerate(node.keywords):
        if keyword.arg not in QUIET:
            yield ast.Call(node.func, node.args, [*node.keywords[:at], *node.keywords[at + 1 :]])


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
