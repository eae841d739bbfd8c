"""The truth about a printed receipt: what its label says of each field, and what is right too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from docpipe.synth.receipt.sale import NUMBER_SIGN
from docpipe.synth.sheet import Sheet
from docpipe.synth.truth import Fields

FIELDS: Final[Fields] = {
    "seller": dict.fromkeys(("name", "address", "tax_id")),
    **dict.fromkeys(("receipt_number", "date", "time", "currency")),
    "line_items": [dict.fromkeys(("description", "quantity", "unit_price", "amount"))],
    **dict.fromkeys(("subtotal", "tax", "tip", "rounding", "total", "payment_method", "cash_paid", "change")),
    "tax_breakdown": [dict.fromkeys(("rate", "base", "amount"))],
}


def accept(told: Mapping[str, Any], sheet: Sheet) -> dict[str, list[Any]]:
    """Path -> values that are right there too, `told` being the label. docs/synth.md gives the reasons."""
    found: dict[str, list[Any]] = {}
    if len(told["tax_breakdown"]) == 1:  # the only row of the tax table is its sum
        row = told["tax_breakdown"][0]
        found |= {path: [row[key]] for path, key in (("subtotal", "base"), ("tax", "amount")) if told[path] is None}
    if told["receipt_number"] is None:
        texts = [mark.text for page in range(len(sheet.pages)) for mark in sheet.texts(page)]
        bare = [text.removeprefix(NUMBER_SIGN) for text in texts if text.startswith(NUMBER_SIGN)]
        found |= {"receipt_number": bare} if bare else {}
    return found
