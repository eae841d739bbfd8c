"""`x-docpipe.checks` as written -> Checks, each against the fields that it names."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal, DecimalException
from typing import Any

from docpipe.schema.checks import check_paths
from docpipe.schema.nodes import Check, Node

OPERATORS = ("==", "<=", ">=", "<", ">")

Fault = Callable[[str, str], None]


def parse_checks(raw: Any, root: Node, fault: Fault) -> tuple[Check, ...]:
    """The checks in `raw`; `fault(where, what)` is told of each that cannot work."""
    found: list[Check] = []
    for index, entry in enumerate(raw if isinstance(raw, list) else [None]):
        where = f"x-docpipe.checks[{index}]"
        try:
            check = Check(**entry)
            _inspect(check, root, where, fault)
            found.append(check)
        except (TypeError, ValueError, DecimalException) as error:
            fault(where, str(error))
    names = [check.name for check in found]
    for name in sorted({name for name in names if names.count(name) > 1}):
        fault("x-docpipe.checks", f"two checks are named {name!r}")
    return tuple(found)


def _inspect(check: Check, root: Node, where: str, fault: Fault) -> None:
    """Faults of one check: a wrong operator, severity or tolerance, a field that is not there."""
    if check.op not in OPERATORS or check.severity not in ("error", "warning"):
        fault(where, f"op is one of {' '.join(OPERATORS)}, severity error or warning")
    if not isinstance(check.tolerance, str) or Decimal(check.tolerance) < 0:
        fault(where, 'tolerance is a decimal in quotes, like "0.02"')
    each = _find(root, check.each) if check.each else None
    if check.each and (each is None or each.kind != "array" or each.item is None):
        fault(where, f"each names no array: {check.each!r}")
    for path in check_paths(check):
        inside = each is not None and each.item is not None and _find(each.item, path)
        if not inside and _find(root, path) is None:
            fault(where, f"no field {path!r}")


def _find(node: Node, path: str) -> Node | None:
    """The node at a dotted path, entering arrays by their items."""
    found: Node | None = node
    for name in path.split("."):
        while found is not None and found.kind == "array":
            found = found.item
        found = found.child(name) if found is not None else None
    return found
