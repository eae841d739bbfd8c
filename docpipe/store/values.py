"""Single values on their way into a column: exactly as they are, or ValueMisfit. Nothing is rounded."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Mapping
from decimal import Context, Decimal, Inexact, InvalidOperation
from math import isfinite
from typing import Any

from docpipe.errors import ValueMisfit
from docpipe.literals.numbers import parse_number
from docpipe.schema.nodes import Node
from docpipe.store.types import DECIMAL_DIGITS

_EXACT = Context(prec=DECIMAL_DIGITS, traps=[Inexact, InvalidOperation])
_PLAIN_NUMBER = re.compile(r"-?\d{1,300}(\.\d{1,300})?([eE][+-]?\d{1,3})?\Z", re.ASCII)
_INT64 = range(-(2**63), 2**63)


def column_value(value: Any, node: Node, path: str) -> Any:
    """`value` as the column of `node` takes it; None stays None.

    A datetime without a zone is taken as UTC. Raises ValueMisfit, naming `path`, for what the column
    cannot hold exactly: another type, more decimals than the scale, a number beyond the type's range.
    """
    if value is None:
        return None
    if node.kind == "array" and node.item is not None:
        if not isinstance(value, list | tuple):
            raise _misfit(value, node, path)
        return [column_value(item, node.item, f"{path}[{index}]") for index, item in enumerate(value)]
    try:
        fitted = _FIT[node.kind](value, node)
    except (ArithmeticError, UnicodeError, ValueError):
        fitted = None
    if fitted is None:
        raise _misfit(value, node, path)
    return fitted


def number_in(text: str) -> float | None:
    """The number that all of `text` is: as JSON writes it, else as people print it; None for other text."""
    plain = text.strip()
    found = Decimal(plain) if _PLAIN_NUMBER.match(plain) else parse_number(plain)
    number = None if found is None else float(found)
    return number if number is not None and isfinite(number) else None


def as_text(value: Any) -> str | None:
    """A leaf value as evidence shows it: "12.50", "2026-01-31", "true"; a list as JSON."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list | tuple | Mapping):
        return clean(json.dumps(value, ensure_ascii=False, default=as_text))
    return clean(str(value))


def clean(text: str) -> str:
    """`text` with halves of characters (lone surrogates) as "?": Parquet holds Unicode only."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _string(value: Any, node: Node) -> str | None:
    if not isinstance(value, str) or (node.enum and value not in node.enum):
        return None
    value.encode("utf-8")
    return value


def _integer(value: Any, _: Node) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value in _INT64 else None


def _number(value: Any, node: Node) -> Decimal | float | None:
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return None
    if node.scale is None:
        return float(value) if isfinite(value) else None
    if isinstance(value, float):
        return None  # money never passes through a double
    number = Decimal(value).quantize(Decimal(1).scaleb(-node.scale), context=_EXACT)
    return number if number.is_finite() else None


def _boolean(value: Any, _: Node) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: Any, _: Node) -> dt.date | None:
    return value if isinstance(value, dt.date) and not isinstance(value, dt.datetime) else None


def _datetime(value: Any, _: Node) -> dt.datetime | None:
    if not isinstance(value, dt.datetime):
        return None
    return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


_FIT: Mapping[str, Callable[[Any, Node], Any]] = {
    "string": _string,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
}


def _misfit(value: Any, node: Node, path: str) -> ValueMisfit:
    kind = node.kind if node.scale is None else f"number with {node.scale} decimals"
    return ValueMisfit(f"{path}: {str(value)[:80]!r} cannot be stored exactly as {kind}")
