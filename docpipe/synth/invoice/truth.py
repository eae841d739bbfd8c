"""The truth about a laid-out bill, read from what was printed: no value is labelled that is not on the page."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from docpipe.synth.invoice.bill import Bill
from docpipe.synth.sheet import Sheet

Boxes = dict[str, list[dict[str, Any]]]


def _value(bill: Bill, path: str) -> Any:
    """The labelled value of a printed path. KeyError for a path no label has."""
    if found := re.fullmatch(r"line_items\[(\d+)\]\.(\w+)", path):
        value = getattr(bill.lines[int(found[1])], found[2])
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
            "allowances": bill.sums.allowance,
            "order_reference": bill.order_reference,
            "iban": bill.seller.iban,
            "payment_terms": bill.terms,
            "notes": bill.notes,
        }[path]
    return float(value) if isinstance(value, Decimal) else "\n".join(value) if isinstance(value, tuple) else value


def _place(label: dict[str, Any], path: str, value: Any) -> None:
    """Set `value` at `path` ("a", "a.b" or "a[0].b") of `label`, making what is missing."""
    head, _, leaf = path.rpartition(".")
    if not head:
        label[leaf] = value
    elif found := re.fullmatch(r"(\w+)\[(\d+)\]", head):
        rows = label.setdefault(found[1], [])
        while len(rows) <= int(found[2]):
            rows.append({})
        rows[int(found[2])][leaf] = value
    else:
        label.setdefault(head, {})[leaf] = value


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
    "allowances",
    "tax_breakdown",
    "line_items",
)


def label(bill: Bill, sheet: Sheet) -> dict[str, Any]:
    """The label: every path some text on the sheet prints, with its value. The type of document is labelled always."""
    paths = sorted({path for page in range(len(sheet.pages)) for mark in sheet.texts(page) for path in mark.paths})
    made: dict[str, Any] = {}
    for path in ["document_type", *paths]:
        _place(made, path, _value(bill, path))
    return {key: made[key] for key in _ORDER if key in made}


def boxes(sheet: Sheet) -> Boxes:
    """Path -> where it is printed: page (from 1) and box as parts of the page, in printing order."""
    found: Boxes = {}
    for page in range(len(sheet.pages)):
        for mark in sheet.texts(page):
            x0, y0, x1, y1 = mark.box()
            box = [
                round(part, 5) for part in (x0 / sheet.width, y0 / sheet.height, x1 / sheet.width, y1 / sheet.height)
            ]
            for path in mark.paths:
                found.setdefault(path, []).append({"page": page + 1, "box": box})
    return found


def printed(sheet: Sheet) -> dict[str, list[str]]:
    """Path -> the texts that print it, in printing order; a text may hold more than the value (a currency mark, a
    caption).
    """
    found: dict[str, list[str]] = {}
    for page in range(len(sheet.pages)):
        for mark in sheet.texts(page):
            for path in mark.paths:
                found.setdefault(path, []).append(mark.text)
    return found


def captions(sheet: Sheet) -> dict[str, str]:
    """Field -> its caption as printed; lines of one wrapped caption are joined, of repeated captions the first is
    kept.
    """
    found: dict[str, list[str]] = {}
    closed: set[str] = set()
    last = ""
    for page in range(len(sheet.pages)):
        for mark in sheet.texts(page):
            field = mark.caption_of
            if field != last and last:
                closed.add(last)
            if field and field not in closed and mark.text not in found.get(field, []):
                found.setdefault(field, []).append(mark.text)
            last = field
    return {field: " ".join(texts) for field, texts in found.items()}
