"""The layout engine and resolve read a date in one way, whatever the document says of its writer."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from docpipe.resolve.record import resolve_window
from docpipe.schema.nodes import Schema
from tests.unit.engine.layout.conftest import page_of, reply_of


@pytest.mark.parametrize(
    ("seller", "total", "date"),
    [
        ("USt-IdNr. DE136695976", "USD 119.00", dt.date(2025, 4, 3)),  # a German seller invoices in US dollars
        ("Germany", "$119.00", dt.date(2025, 4, 3)),
        ("Austin, TX 78701", "EUR 119.00", dt.date(2025, 3, 4)),  # an American one in euros
        ("Thank you", "USD 119.00", dt.date(2025, 3, 4)),
        ("Thank you", "EUR 119.00", dt.date(2025, 4, 3)),
        ("Period ends 31/03/2025", "USD 119.00", dt.date(2025, 4, 3)),
    ],
)
def test_an_open_date_is_one_day_for_the_engine_and_after_resolve(
    invoice: Schema, seller: str, total: str, date: dt.date
) -> None:
    page = page_of(
        [
            (50, 60, "Muster Ltd"),
            (50, 80, seller),
            (50, 200, "Invoice number:"),
            (200, 200, "RE-4711"),
            (50, 220, "Invoice date:"),
            (200, 220, "03/04/2025"),
            (50, 400, "Total:"),
            (200, 400, total),
        ]
    )
    reply = reply_of(invoice.document, [page])
    part = resolve_window(invoice, [page], reply)
    assert dt.date.fromisoformat(json.loads(reply.text)["invoice_date"]) == date
    assert part.value["invoice_date"] == date
    assert not [edit for edit in part.edits if edit.path == "invoice_date"]
    assert "ambiguous_date" not in {violation.rule for violation in part.violations}
