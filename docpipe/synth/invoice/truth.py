"""The truth about a laid-out bill, read from what was printed: no value is labelled that is not on the page."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from docpipe.synth.invoice.bill import Bill
from docpipe.synth.invoice.meta import META_FIELDS
from docpipe.synth.sheet import Sheet
from docpipe.synth.truth import place


def _value(bill: Bill, path: str) -> Any:
    """The labelled value of a printed path. KeyError for a path no label has."""
    if found := re.fullmatch(r"line_items\[(\d+)\]\.(\w+)", path):
        value = getattr(bill.lines[int(found[1])], {"item_number": "sku", "tax_rate": "rate"}.get(found[2], found[2]))
    elif found := re.fullmatch(r"tax_breakdown\[(\d+)\]\.(\w+)", path):
        value = getattr(bill.sums.tax_rows[int(found[1])], found[2])
    elif path.startswith(("seller.", "buyer.")):
        value = getattr(bill.seller if path.startswith("seller.") else bill.buyer, path.partition(".")[2])
    else:
        value = {
            "document_type": "credit_note" if bill.credit else "invoice",
            "invoice_number": bill.number,
            "invoice_date": bill.day.isoformat(),
            "due_date": bill.due.isoformat() if bill.due else None,
            "currency": bill.currency,
            "subtotal": bill.sums.subtotal,
            "tax": bill.sums.tax,
            "total": bill.sums.total,
            "amount_due": bill.sums.due,
            "prepaid_amount": bill.sums.prepaid,
            "allowances_total": bill.sums.allowance,
            "charges_total": bill.sums.charge,
            "order_reference": bill.order_reference,
            "iban": bill.seller.iban,
            "payment_terms": bill.terms,
            "notes": bill.notes,
            **{META_FIELDS[key]: value for key, _, value in bill.facts.meta if key in META_FIELDS},
        }[path]
    return float(value) if isinstance(value, Decimal) else "\n".join(value) if isinstance(value, tuple) else value


_ORDER = (
    "document_type",
    "invoice_number",
    "invoice_date",
    "due_date",
    "seller",
    "buyer",
    "currency",
    "subtotal",
    "tax",
    "total",
    "amount_due",
    "order_reference",
    "iban",
    "payment_terms",
    "notes",
    "delivery_date",
    "delivery_note",
    "customer_number",
    "preceding_invoice",
    "prepaid_amount",
    "allowances_total",
    "charges_total",
    "tax_breakdown",
    "line_items",
)


def label(bill: Bill, sheet: Sheet) -> dict[str, Any]:
    """The label: every path some text on the sheet prints, with its value. The type of document is labelled always."""
    paths = sorted({path for page in range(len(sheet.pages)) for mark in sheet.texts(page) for path in mark.paths})
    made: dict[str, Any] = {}
    for path in ["document_type", *paths]:
        place(made, path, _value(bill, path))
    return {key: made[key] for key in _ORDER if key in made}
