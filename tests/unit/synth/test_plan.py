"""What two dozen documents hold, whatever the seed."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from docpipe.synth.invoice.captions import usual
from docpipe.synth.invoice.make import lay_out
from docpipe.synth.invoice.plan import plan

# Label path -> the caption keys it may be printed under.
KEYS = {
    "invoice_number": ("invoice_number", "credit_number"), "invoice_date": ("invoice_date",), "due_date": ("due_date",),
    "order_reference": ("order_reference",), "iban": ("iban",), "subtotal": ("subtotal",), "total": ("total",),
    "tax": ("tax", "tax_total"), "amount_due": ("amount_due",),
    "seller.tax_id": ("seller_tax",), "buyer.tax_id": ("buyer_tax",),
    "seller.name": ("seller",), "buyer.name": ("buyer",), "payment_terms": ("payment_terms",), "notes": ("notes",),
    "line_items.description": ("c_description",), "line_items.quantity": ("c_quantity",),
    "line_items.unit_price": ("c_unit_price",), "line_items.amount": ("c_amount",),
}  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_two_dozen_hold_every_kind_eight_layouts_and_five_languages(seed: int) -> None:
    plans = [plan(index, seed) for index in range(24)]
    assert len({job.layout.name for job in plans}) >= 8
    assert len({job.language for job in plans}) >= 5
    kinds = Counter(job.kind for job in plans)
    assert all(kinds[kind] >= 1 for kind in ("plain", "long", "credit", "lump", "scan", "photo"))
    assert kinds["plain"] >= 12


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_kind_is_what_it_is_called(seed: int) -> None:
    for index in range(24):
        job = plan(index, seed)
        if job.kind in ("long", "credit", "lump", "photo"):
            paper = lay_out(job, seed)
            pages = {
                page
                for page in range(len(paper.sheet.pages))
                for mark in paper.sheet.texts(page)
                if any(path.startswith("line_items") for path in mark.paths)
            }
            assert job.kind != "long" or len(pages) >= 2
            assert job.kind != "lump" or not pages
            assert job.kind != "photo" or len(paper.sheet.pages) == 1
            assert job.kind != "credit" or paper.bill.credit


def test_scans_and_photos_have_no_text_layer_and_the_rest_have_one(folder: Any) -> None:
    for truth in folder.labels:
        worn = truth["synthetic"]["kind"] in ("scan", "photo")
        assert truth["text_layer"] is not worn
        assert (truth["synthetic"]["degradation"] != "none") is worn


def test_three_captions_in_ten_or_more_are_not_the_textbook_ones() -> None:
    seen = rare = 0
    for seed in (5, 6):
        for index in range(24):
            paper = lay_out(plan(index, seed), seed)
            for field, caption in paper.captions.items():
                if field in KEYS:
                    plain = caption.rstrip(" :").lower()
                    known = set().union(
                        *(usual(paper.bill.language, paper.bill.seller.place, key) for key in KEYS[field])
                    )
                    seen += 1
                    rare += not any(plain.startswith(word) for word in known)
    assert seen > 300
    assert rare / seen >= 0.3, f"{rare} of {seen}"
