"""`x-docpipe.checks` as written -> Checks, each against the fields that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from docpipe.schema.expression_types import Meaning, comparison_fault, meaning_at, meaning_of
from docpipe.schema.expressions import compile_expression
from docpipe.schema.nodes import Check, Node
from docpipe.schema.tolerance import margin

MAX_CHECKS = 100  # of a schema; each may run on every row of a list
MAX_ALTERNATIVES = 20  # of a check
MAX_NAME_CHARS = 63
OPERATORS = ("==", "<=", ">=", "<", ">")

Fault = Callable[[str, str], None]


def parse_checks(raw: Any, root: Node, fault: Fault) -> tuple[Check, ...]:
    """The checks in `raw`; `fault(where, what)` is told of each that cannot work."""
    if not isinstance(raw, list) or len(raw) > MAX_CHECKS:
        fault("x-docpipe.checks", f"is a list of at most {MAX_CHECKS} checks")
        return ()
    found: list[Check] = []
    for index, entry in enumerate(raw):
        where = f"x-docpipe.checks[{index}]"
        if what := _shape_fault(entry):
            fault(where, what)
            continue
        check = Check(**{**entry, "alternatives": tuple(entry.get("alternatives", ()))})
        try:
            _inspect(check, root)
            found.append(check)
        except ValueError as error:
            fault(where, str(error))
    names = [check.name for check in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        fault("x-docpipe.checks", f"two checks are named {name!r}")
    return tuple(found)


def _shape_fault(entry: Any) -> str:
    """What is wrong with a check before its expressions are read; "" if nothing is."""
    known = {field.name for field in fields(Check)}
    if not isinstance(entry, Mapping):
        return "is an object with name, left, op and right"
    if unknown := sorted(set(entry) - known):
        return f"{', '.join(unknown)}: unknown; known: {', '.join(sorted(known))}"
    if missing := sorted({"name", "left", "op", "right"} - set(entry)):
        return f"lacks {', '.join(missing)}"
    if not _is_texts(entry.get("alternatives", [])):
        return "alternatives is a list of texts"
    for key, value in entry.items():
        if not isinstance(value, str) and key != "alternatives":
            return 'tolerance is a decimal in quotes, like "0.02"' if key == "tolerance" else f"{key} is a text"
    if not 0 < len(entry["name"].strip()) <= MAX_NAME_CHARS:
        return f"name has 1 to {MAX_NAME_CHARS} characters"
    return ""


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and len(value) <= MAX_ALTERNATIVES and all(isinstance(text, str) for text in value)


def _inspect(check: Check, root: Node) -> None:
    """Raises ValueError for a wrong operator, severity or tolerance, for a field that is not there, for wrong types."""
    if check.op not in OPERATORS or check.severity not in ("error", "warning"):
        raise ValueError(f"op is one of {' '.join(OPERATORS)}, severity error or warning")
    tolerance = margin(check.tolerance)
    row = _row(root, check.each) if check.each else None

    def field(path: str) -> Meaning:
        inside = row is not None and row.child(path.partition(".")[0]) is not None
        found = meaning_at(row if inside and row is not None else root, path)
        if found is None:
            raise ValueError(f"no field {path!r}")
        return found

    left = meaning_of(compile_expression(check.left), field)
    for side in (check.right, *check.alternatives):
        right = meaning_of(compile_expression(side), field)
        if what := comparison_fault(left, check.op, right, within=tolerance > 0):
            raise ValueError(f"{check.left} {check.op} {side}: {what}")


def _row(root: Node, path: str) -> Node:
    """The rows that `each` names: entries of an array of objects that lies in no other array."""
    found: Node | None = root
    for name in path.split("."):
        found = found.child(name) if found is not None and found.kind == "object" else None
    if found is None or found.kind != "array" or found.item is None or found.item.kind != "object":
        raise ValueError(f"each names no array of objects, or one within another: {path!r}")
    return found.item
