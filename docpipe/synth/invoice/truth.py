"""The truth about a laid-out bill, read from what was printed: a field has the value that is on the page, else null."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

from docpipe.synth.formats import names_currency
from docpipe.synth.invoice.bill import Bill
from docpipe.synth.invoice.meta import META_FIELDS
from docpipe.synth.places import data
from docpipe.synth.sheet import Sheet
from docpipe.synth.truth import Fields, captions, place, printed, stated

_PARTY: Final[Fields] = dict.fromkeys(("name", "address", "tax_id"))
_LINE = ("item_number", "description", "quantity", "unit", "unit_price", "discount", "tax_rate", "amount")
_TAX = ("rate", "base", "amount")
FIELDS: Final[Fields] = {
    **dict.fromkeys(("document_type", "invoice_number", "invoice_date", "due_date")),
    "seller": _PARTY,
    "buyer": _PARTY,
    **dict.fromkeys(("currency", "subtotal", "tax", "total", "amount_due", "order_reference", "iban")),
    **dict.fromkeys(("payment_terms", "notes", "delivery_date", "delivery_note", "customer_number")),
    **dict.fromkeys(
        ("preceding_invoice", "prepaid_amount", "allowances_total", "charges_total", "withheld_tax", "rounding")
    ),
    **dict.fromkeys(("period_start", "period_end", "buyer_reference", "contract_reference", "delivery_address")),
    **dict.fromkeys(("payment_means", "bic")),
    "tax_breakdown": [dict.fromkeys(_TAX)],
    "line_items": [dict.fromkeys(_LINE)],
}


def _value(bill: Bill, path: str, texts: list[str]) -> Any:
    """The labelled value of a path that `texts` print. KeyError for a path no label has."""
    if found := re.fullmatch(r"line_items\[(\d+)\]\.(\w+)", path):
        value = getattr(bill.lines[int(found[1])], {"item_number": "sku", "tax_rate": "rate"}.get(found[2], found[2]))
    elif found := re.fullmatch(r"tax_breakdown\[(\d+)\]\.(\w+)", path):
        value = getattr(bill.sums.tax_rows[int(found[1])], found[2])
    elif path == "buyer.address":
        value = (*bill.buyer.address, *([bill.buyer_country] if bill.buyer_country else []))
    elif path == "delivery_address" and bill.ship_to:
        lines = (bill.ship_to.name, *bill.ship_to.address)
        value = tuple(line for line in lines if any(line in text for text in texts))
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
            "buyer_reference": bill.order_reference,
            "iban": bill.seller.iban,
            "bic": bill.seller.bic,
            "payment_terms": bill.terms,
            "payment_means": bill.means[0] if bill.means else None,
            "notes": bill.notes,
            **{
                field: value
                for key, _, values in bill.facts.meta
                for field, value in zip(META_FIELDS.get(key, ()), values, strict=True)
            },
        }[path]
    return float(value) if isinstance(value, Decimal) else "\n".join(value) if isinstance(value, tuple) else value


def label(bill: Bill, sheet: Sheet) -> dict[str, Any]:
    """The label: every path some text on the sheet prints, with its value; all other fields are null, lists empty.

    The type of document is labelled always.
    """
    texts = printed(sheet)
    made: dict[str, Any] = {}
    for path in ["document_type", *sorted(texts)]:
        place(made, path, _value(bill, path, texts.get(path, [])))
    return stated(made, FIELDS)


def accept(bill: Bill, sheet: Sheet, told: dict[str, Any]) -> dict[str, list[Any]]:
    """Path -> values that are right there too, `told` being the label. docs/synth.md gives the reasons."""
    found: dict[str, list[Any]] = {}
    for path, value in _also(bill, sheet, told):
        found.setdefault(path, []).append(value)
    return found


def _also(bill: Bill, sheet: Sheet, told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    named, words = captions(sheet), data("meanings.json")
    for path in ("allowances_total", "prepaid_amount"):  # printed with a minus
        if told[path] is not None:
            yield from ((path, told[path]), (path, -told[path]))
    for path, other in (("order_reference", "buyer_reference"), ("buyer_reference", "order_reference")):
        if told[path] and caption_means("buyer_reference", bill.language, named.get(path, "").split(" / ")[0]):
            yield other, told[path]
    if told["amount_due"] is None and caption_means(
        "amount_due", bill.language, named.get("total", "").split(" / ")[0]
    ):
        yield "amount_due", told["total"]
    yield from _taxes(told)
    texts = [mark.text for page in range(len(sheet.pages)) for mark in sheet.texts(page)]
    if told["currency"] is None and any(names_currency(text, bill.currency) for text in texts):
        yield "currency", bill.currency
    if told["delivery_note"] is None:
        yield from (("delivery_note", line.note) for line in bill.lines if line.note and line.section in texts)
    yield from _of_hard(bill, told)
    remarks = [text for text in (bill.notes, bill.facts.exempt, bill.facts.fine_print) if text]
    together = [" ".join(remarks)] if len(remarks) > 1 else []
    yield from (("notes", text) for text in (*remarks, *together) if text != told["notes"])
    if told["payment_means"] is not None:
        yield from (("payment_means", text) for text in bill.means[1:])
        if bill.terms:  # one sentence under one caption says both
            yield "payment_means", bill.terms
    else:
        said = [bill.terms, named.get("iban", "")]
        hints = words["payment_hints"][bill.language]
        yield from (
            ("payment_means", text)
            for text in hints
            if any(text.casefold() in statement.casefold() for statement in said)
        )


def _of_hard(bill: Bill, told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What difficulties print beside a value, and a period that stands in a sentence."""
    if told["period_start"] is None and bill.told:
        yield from zip(("period_start", "period_end"), bill.told, strict=True)
    if bill.salutation:
        yield "buyer.name", f"{bill.salutation} {bill.buyer.name}"
    for index, line in enumerate(bill.lines):
        if line.serial:
            yield f"line_items[{index}].description", f"{line.description} {line.serial}"


def _taxes(told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What the rows of the tax tell of the sums, and the sums of them."""
    parts = [row["amount"] for row in told["tax_breakdown"]]
    if told["tax"] is None and len(parts) > 1 and None not in parts:  # no print has the whole tax, its parts are it
        yield "tax", float(sum(Decimal(str(part)) for part in parts))
    if len(parts) == 1:  # with one rate, its base and the sum before tax are one number
        base, subtotal = told["tax_breakdown"][0]["base"], told["subtotal"]
        if subtotal is None and base is not None:
            yield "subtotal", base
        elif base is None and subtotal is not None:
            yield "tax_breakdown[0].base", subtotal


def caption_means(field: str, language: str, caption: str) -> bool:
    """Whether `caption`, which synth prints for another field, is by its words the caption of `field`."""
    known = {text.casefold() for text in data("meanings.json")[field][language]}
    return caption.rstrip(" :").casefold() in known
