"""A record's currency: how many decimals its amounts have, what its checks allow, and which amounts have too many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from docpipe.literals.conventions import Conventions
from docpipe.literals.currencies import CENTS, minor_units
from docpipe.records import Violation
from docpipe.schema.checks import field_at
from docpipe.schema.nodes import Check, Node, Schema, is_amount
from docpipe.schema.paths import generic, leaves
from docpipe.schema.tolerance import in_currency


def currency_of(schema: Schema, value: Mapping[str, Any]) -> str | None:
    """The currency of the record's amounts: the value of its only field of that format; None without one."""
    paths = schema.made("currency", _currency_paths)
    found = field_at(value, paths[0]) if len(paths) == 1 else None
    return found if isinstance(found, str) else None


def places_of(schema: Schema, value: Mapping[str, Any]) -> int:
    """How many decimals the record's amounts have by its currency; those of most where it has none."""
    currency = currency_of(schema, value)
    return CENTS if currency is None else minor_units(currency)


def checks_of(schema: Schema, value: Mapping[str, Any]) -> tuple[Check, ...]:
    """The checks of the schema, with the tolerances that the record's currency gives them."""
    places = places_of(schema, value)
    return schema.made(f"checks {places}", lambda made: in_currency(made.checks, places))


def rounded(node: Node, exact: Decimal, places: int) -> Decimal:
    """What arithmetic yields, to the last decimal that the field has: of an amount the last of its currency."""
    if node.scale is None:
        return exact
    return exact.quantize(Decimal(1).scaleb(-min(node.scale, places) if is_amount(node) else -node.scale))


def too_fine(
    schema: Schema, nodes: Mapping[str, Node], value: Mapping[str, Any], conventions: Conventions
) -> Iterator[Violation]:
    """Amounts with more decimals than their currency has: a mark was misread, or the currency."""
    currency = currency_of(schema, value)
    places = conventions.places if currency is None else minor_units(currency)
    for path, leaf in leaves(value):
        if not isinstance(leaf, Decimal) or not is_amount(nodes[generic(path)]):
            continue
        if leaf != round(leaf, places):
            whose = f"amounts in {currency}" if currency else "the amounts of the document"
            message = f"{path} is {leaf}; {whose} have {places or 'no'} decimals"
            yield Violation("minor_units", "error", message, (path,), str(leaf), str(places))


def _currency_paths(schema: Schema) -> tuple[str, ...]:
    return tuple(path for path, node in schema.root.leaves() if node.format == "currency")
