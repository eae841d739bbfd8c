"""Several invoices in one file, as a scanner that was fed a stack makes it: the truth says who has which pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from random import Random
from typing import Any

from docpipe.synth.document import Document
from docpipe.synth.invoice.compose import compose as compose_invoice
from docpipe.synth.sheet import Sheet

_APART = 1_000_003  # seeds of the invoices in bundles lie this far from those of single ones


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Bundle `index` of `seed`: two to six invoices on paper of one size, each beginning on a page of its own.

    The label is {"records": [{"page_range": [first, last], "language", "label"}]}, pages from 1; each label follows
    the invoice schema. `lines` makes a line of labels.jsonl of each.
    """
    rng = Random(f"bundle {seed} {index}")
    wanted, mixed = rng.choice((2, 2, 3, 3, 4, 6)), rng.random() < 0.2
    among = languages if mixed else [languages[(index + seed) % len(languages)]]
    records: list[dict[str, Any]] = []
    accept: dict[str, Any] = {}
    sheet, documents = Sheet(0, 0), list[Document]()
    for place in count():
        invoice = compose_invoice(index * 64 + place, seed + _APART, among)
        if documents and (invoice.sheet.width, invoice.sheet.height) != (sheet.width, sheet.height):
            continue
        if not documents:
            sheet = Sheet(invoice.sheet.width, invoice.sheet.height)
            sheet.pages = []
        prefix, first = f"records[{len(records)}].label.", len(sheet.pages) + 1
        sheet.add(invoice.sheet, prefix)
        records.append({"page_range": [first, len(sheet.pages)], "language": invoice.language, "label": invoice.label})
        accept |= {prefix + path: values for path, values in invoice.accept.items()}
        documents.append(invoice)
        if len(documents) == wanted:
            break
    tongues = [document.language for document in documents]
    story = {"layouts": [document.story["layout"] for document in documents], "languages": tongues}
    return Document(tongues[0], "invoice", sheet, {"records": records}, story, accept, title=documents[0].title)


def lines(truth: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A line for each invoice of a bundle: the bundle's own, with the record's pages, label, boxes and captions."""
    made = []
    for place, record in enumerate(truth["label"]["records"]):
        prefix = f"records[{place}].label."
        synthetic = {**truth["synthetic"], "layout": truth["synthetic"]["layouts"][place]}
        for key in ("captions", "printed"):
            synthetic[key] = _below(prefix, synthetic[key])
        made.append(
            {
                **truth,
                **record,
                "synthetic": synthetic,
                **({"accept": _below(prefix, truth["accept"])} if "accept" in truth else {}),
                "boxes": _below(prefix, truth["boxes"]),
            }
        )
    return made


def _below(prefix: str, by_path: Mapping[str, Any]) -> dict[str, Any]:
    return {path.removeprefix(prefix): value for path, value in by_path.items() if path.startswith(prefix)}
