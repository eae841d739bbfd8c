"""Decoded JSON -> values of the declared types. Every change of meaning is an Edit; none is a guess."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import currencies_of
from docpipe.literals.dates import swapped
from docpipe.literals.phrases import is_nothing, parse_boolean
from docpipe.records import Edit, Violation
from docpipe.resolve.numerals import plain
from docpipe.resolve.printed import printed_datetime, printed_number
from docpipe.schema.nodes import Node


@dataclass(slots=True)
class Coercion:
    """What coercing found: edits and violations, in the order of the fields.

    `style`: how the document writes. `currencies`: of amounts that were told with one, path -> ISO 4217.
    """

    conventions: Conventions = field(default_factory=Conventions)
    edits: list[Edit] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    currencies: dict[str, str] = field(default_factory=dict)


def coerce(node: Node, value: Any, coercion: Coercion, path: str = "") -> Any:
    """`value` as `node` declares it: dict, list, str, Decimal, int, bool, date, datetime or None.

    A value that is not of its type becomes None with a violation that quotes it. Object members that
    the schema does not know are left out with a violation. Text for a number or a date is read as a
    printed one and noted as an Edit.
    """
    if value is None:
        return {child.name: _absent(child) for child in node.children} if node.kind == "object" else None
    if node.kind == "object":
        return _object(node, value, coercion, path)
    if node.kind == "array":
        return _array(node, value, coercion, path)
    return _scalar(node, value, coercion, path)


def _absent(node: Node) -> Any:
    """What stands for a field that the answer leaves out: objects stay whole, lists are empty."""
    if node.kind == "object":
        return {child.name: _absent(child) for child in node.children}
    return [] if node.kind == "array" else None


def _object(node: Node, value: Any, coercion: Coercion, path: str) -> Any:
    if not isinstance(value, dict):
        _mismatch(node, value, coercion, path)
        return _absent(node)
    record: dict[str, Any] = {}
    for child in node.children:
        where = f"{path}.{child.name}" if path else child.name
        below = value.get(child.name)
        record[child.name] = _absent(child) if below is None else coerce(child, below, coercion, where)
    for name in value:
        if node.child(name) is None:
            where = f"{path}.{name}" if path else str(name)
            message = f"the schema has no field {where}; its value was {str(value[name])[:80]!r}"
            coercion.violations.append(Violation("unknown_field", "warning", message, (where,)))
    return record


def _array(node: Node, value: Any, coercion: Coercion, path: str) -> Any:
    assert node.item is not None
    if not isinstance(value, list):
        _mismatch(node, value, coercion, path)
        return []
    items = [coerce(node.item, item, coercion, f"{path}[{index}]") for index, item in enumerate(value)]
    return [item for item in items if item is not None or node.item.nullable]  # a blank cell keeps its place


def _scalar(node: Node, value: Any, coercion: Coercion, path: str) -> Any:
    if isinstance(value, str) and is_nothing(value) and _may_be_absent(node, value):
        if value.strip():
            coercion.edits.append(Edit(path, value, None, "coerce:absent"))
        return None
    typed = _exact(node, value)
    if typed is None and isinstance(value, str):
        typed = _printed(node, value.strip(), coercion, path)
        if typed is not None and typed != value:
            coercion.edits.append(Edit(path, value, typed, f"coerce:{node.kind}"))
    if typed is None:
        _mismatch(node, value, coercion, path)
    return _signed(node, typed, coercion, path) if node.sign and typed is not None else typed


def _signed(node: Node, value: Decimal | int, coercion: Coercion, path: str) -> Decimal | int:
    """The number with the sign that the schema promises for the field, whatever is printed."""
    promised = node.signed(Decimal(value))
    if promised == value:
        return value
    signed = int(promised) if node.kind == "integer" else promised
    coercion.edits.append(Edit(path, value, signed, f"sign:{node.sign}"))
    return signed


def _may_be_absent(node: Node, value: str) -> bool:
    """Not an enum's own word. An item of a list is absent if it is blank and may be null: a table's cell says "n/a"."""
    return value not in node.enum and (bool(node.name) or (node.nullable and not value.strip()))


def _exact(node: Node, value: Any) -> Any:
    """`value` if it already is of the declared type, else None. bool is not int; 1 is not True."""
    if isinstance(value, bool):
        return value if node.kind == "boolean" else None
    if node.kind == "number" and isinstance(value, int | Decimal):
        return plain(Decimal(value))
    if node.kind == "integer" and isinstance(value, int | Decimal):
        return int(value) if value == int(value) else None
    if node.kind in ("date", "datetime") and isinstance(value, str):
        return _iso(node, value)
    if node.kind == "string" and isinstance(value, str) and not node.enum and node.format != "currency":
        return value.strip()
    return value if node.enum and value in node.enum else None


def _iso(node: Node, value: str) -> dt.date | None:
    try:
        if node.kind == "date":
            return dt.date.fromisoformat(value)
        moment = dt.datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def _printed(node: Node, text: str, coercion: Coercion, path: str) -> Any:
    """`text` read as a printed value of the declared type, or None."""
    if node.kind in ("number", "integer"):
        return _number(node, text, coercion, path)
    if node.kind == "date":
        return _date(text, coercion, path)
    if node.kind == "datetime":
        return printed_datetime(text, coercion.conventions)
    if node.kind == "boolean":
        return parse_boolean(text)
    if node.enum:
        return next((option for option in node.enum if option.lower() == text.lower()), None)
    return _currency(text, coercion, path) if node.format == "currency" else None


def _number(node: Node, text: str, coercion: Coercion, path: str) -> Decimal | int | None:
    read = printed_number(text, coercion.conventions, node)
    if read is None or (node.kind == "integer" and read.value != int(read.value)):
        return None
    if read.other is not None:
        coercion.violations.append(ambiguous_number(text, read.value, read.other, path))
    if read.currency:
        coercion.currencies[path] = read.currency
    return int(read.value) if node.kind == "integer" else plain(read.value)


def ambiguous_number(text: str, value: Decimal, other: Decimal, path: str) -> Violation:
    """Says that `text`, read as `value`, may as well be `other`: its mark may part thousands or decimals."""
    message = f"{text!r} may be {value} or {other}; read as {value}"
    return Violation("ambiguous_number", "warning", message, (path,), str(value), str(other))


def _date(text: str, coercion: Coercion, path: str) -> dt.date | None:
    parsed = coercion.conventions.date(text)
    if parsed is None:
        return None
    if parsed.ambiguous:
        coercion.violations.append(ambiguous_date(text, parsed.date, path))
    return parsed.date


def ambiguous_date(text: str, date: dt.date, path: str) -> Violation:
    """Says that `text`, read as `date`, may as well have day and month the other way round."""
    other = swapped(date)
    message = f"{text!r} may be {date} or {other}; read as {date}"
    return Violation("ambiguous_date", "warning", message, (path,), str(date), str(other))


def _currency(text: str, coercion: Coercion, path: str) -> str | None:
    """The ISO code; of a symbol that several share the one the document is about, else the usual one, marked."""
    codes = currencies_of(text)
    if len(codes) < 2:
        return codes[0] if codes else None
    settled = coercion.conventions.settled(codes)
    if settled is None:
        message = f"{text!r} may be {', '.join(codes)}; read as {codes[0]}"
        coercion.violations.append(
            Violation("ambiguous_currency", "warning", message, (path,), codes[0], ", ".join(codes[1:]))
        )
    return settled or codes[0]


def _mismatch(node: Node, value: Any, coercion: Coercion, path: str) -> None:
    wanted = f"one of {', '.join(node.enum)}" if node.enum else node.kind
    message = f"{path or 'the answer'} is {str(value)[:80]!r}, which is not a valid {wanted}"
    coercion.violations.append(Violation("wrong_type", "error", message, (path,), str(value)[:200], wanted))
