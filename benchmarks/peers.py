"""What else pip can install, on the same documents: each peer turns a file into a record of one of our schemas.

Fields: the text of PyMuPDF with regular expressions for the keys of six languages, as one would
write in an afternoon. Tables: PyMuPDF's find_tables, the Markdown of pymupdf4llm, pdfplumber and
camelot (lattice, and stream where that finds nothing), their first row taken for the header. Images
without a text layer give these peers nothing to read.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import io
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Table = list[list[str | None]]


@dataclass(frozen=True)
class Peer:
    """`read`: path -> record; `package` as pip knows it, `module` as Python does; `schemas` it has records for."""

    name: str
    package: str
    module: str
    schemas: tuple[str, ...]
    read: Callable[[str], Mapping[str, Any]]

    @property
    def version(self) -> str | None:
        """None if it is not installed."""
        if importlib.util.find_spec(self.module) is None:
            return None
        return importlib.metadata.version(self.package)


def outcomes(peer: Peer, files: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """An outcome a file (path -> sha256), as `docpipe show --json` has it; a peer that raises has failed."""
    for path, doc_id in files.items():
        record: Mapping[str, Any] | None
        failure = None
        try:
            with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
                warnings.simplefilter("ignore")
                record = peer.read(path)
        except Exception as error:  # noqa: BLE001  whatever a peer does with a file is its result
            record, failure = None, {"code": type(error).__name__, "message": str(error)}
        status = "failed" if record is None else "ok"
        yield {"source_uri": os.path.abspath(path), "doc_id": doc_id, "schema": "", "engine": peer.name,
               "status": status, "confidence": None, "pages": [], "record": record, "fields": [],
               "violations": [], "failure": failure}  # fmt: skip


_AMOUNT = r"[^\d\n-]{0,12}(-?\d[\d.,'\s]*\d)"
_FIELDS: dict[str, str] = {
    "invoice_number": r"(?:invoice\s*(?:no|number|#|nr)|rechnungs(?:-?nr|nummer)|facture\s*n|fattura\s*n|factura\s*n|"
    r"factuurnummer|fatura\s*n)[.:º°#\s]*([A-Z0-9][\w/.-]+)",
    "invoice_date": r"(?:invoice date|rechnungsdatum|date de (?:la )?facture|data fattura|fecha(?: de factura)?|"
    r"factuurdatum|datum|date|data)[:\s]*([^\n]{6,24})",
    "due_date": r"(?:due date|payment due|fällig(?: am)?|échéance|scadenza|vencimiento|vervaldatum)[:\s]*([^\n]{6,24})",
    "subtotal": rf"(?:sub-?total|net amount|nettobetrag|total ht|imponibile|base imponible|subtotaal){_AMOUNT}",
    "tax": rf"(?:vat|mwst|ust|tva|iva|btw|tax)[^\n\d]*(?:\d+(?:[.,]\d+)?\s*%)?{_AMOUNT}",
    "total": rf"(?:grand total|total ttc|gesamtbetrag|totale|totaal|total)(?! ht){_AMOUNT}",
    "iban": r"\b([A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){3,7}(?:\s?[A-Z0-9]{1,3})?)\b",
    "seller.tax_id": r"(?:vat (?:id|no|number)|ust-?id(?:-?nr)?|tva|p\.? ?iva|nif|btw)[.:\s]*([A-Z]{2}[\dA-Z]{8,12})",
    "order_reference": r"(?:order (?:no|number|ref)|bestell(?:-?nr|nummer)|commande n|ordine n|pedido n)"
    r"[.:º°\s]*([\w/-]+)",
}
_CURRENCY = {"€": "EUR", "EUR": "EUR", "$": "USD", "USD": "USD", "£": "GBP", "GBP": "GBP", "CHF": "CHF"}
_MONEY = ("subtotal", "tax", "total")
_MONTHS = (
    *("jan", "feb", "mar", "apr", "may|mai|mag|mei", "jun|giu"),
    *("jul|lug", "aug|ago|août", "sep|set", "oct|okt|ott|out", "nov", "dec|dez|dic|déc"),
)


def by_expressions(path: str) -> dict[str, Any]:
    """Fields of an invoice by regular expressions over the text of all pages."""
    text = _text(path)
    record: dict[str, Any] = {"seller": {}}
    for name, pattern in _FIELDS.items():
        found = re.search(pattern, text, re.IGNORECASE if name != "iban" else 0)
        value = _typed(name, found[1].strip()) if found else None
        if name.startswith("seller."):
            record["seller"][name.removeprefix("seller.")] = value
        else:
            record[name] = value
    record["currency"] = next((code for sign, code in _CURRENCY.items() if sign in text), None)
    return record


def _text(path: str) -> str:
    import pymupdf

    with pymupdf.open(path) as document:
        return "\n".join(page.get_text() for page in document)


def _typed(name: str, text: str) -> Any:
    if name in _MONEY:
        return _amount(text)
    return _date(text) if name.endswith("_date") else text.replace(" ", "") if name == "iban" else text


def _amount(text: str) -> float | None:
    plain = re.sub(r"[\s']", "", text)
    mark = max(plain.rfind("."), plain.rfind(","))
    if mark >= 0 and len(plain) - mark - 1 != 3:
        plain = re.sub(r"[.,]", "", plain[:mark]) + "." + plain[mark + 1 :]
    else:
        plain = re.sub(r"[.,]", "", plain)
    try:
        return float(plain)
    except ValueError:
        return None


def _date(text: str) -> str | None:
    if found := re.search(r"(\d{4})-(\d{2})-(\d{2})", text):
        return found[0]
    if found := re.search(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", text):
        day, month, year = (int(part) for part in found.groups())
        return f"{year + 2000 if year < 100 else year:04}-{month:02}-{day:02}"
    for number, names in enumerate(_MONTHS, 1):
        if found := re.search(rf"(\d{{1,2}})\W+(?:de\s+)?(?:{names})\w*\W+(?:de\s+)?(\d{{4}})", text, re.IGNORECASE):
            return f"{found[2]}-{number:02}-{int(found[1]):02}"
    return None


def _record(tables: list[Table]) -> dict[str, Any]:
    kept = [table for table in tables if table and any(any(cell for cell in row) for row in table)]
    return {"tables": [{"header": table[0], "rows": [{"cells": row} for row in table[1:]]} for table in kept]}


def by_pymupdf(path: str) -> dict[str, Any]:
    import pymupdf

    with pymupdf.open(path) as document:
        return _record([table.extract() for page in document for table in page.find_tables().tables])


def by_pymupdf4llm(path: str) -> dict[str, Any]:
    import pymupdf4llm

    tables: list[Table] = [[]]
    for line in pymupdf4llm.to_markdown(path, show_progress=False).splitlines():
        cells = [re.sub(r"\*\*|<br>", " ", cell).strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            tables.append([])
        elif not all(re.fullmatch(r":?-+:?", cell) for cell in cells):
            tables[-1].append(cells)
    return _record(tables)


def by_pdfplumber(path: str) -> dict[str, Any]:
    import pdfplumber

    with pdfplumber.open(path) as document:
        return _record([table for page in document.pages for table in page.extract_tables()])


def by_camelot(path: str) -> dict[str, Any]:
    import camelot

    for flavor in ("lattice", "stream"):
        found = camelot.read_pdf(path, pages="all", flavor=flavor)
        if len(found):
            break
    return _record([table.df.to_numpy().tolist() for table in found])


PEERS = (
    Peer("get_text + expressions", "pymupdf", "pymupdf", ("invoice",), by_expressions),
    Peer("find_tables", "pymupdf", "pymupdf", ("table",), by_pymupdf),
    Peer("pymupdf4llm", "pymupdf4llm", "pymupdf4llm", ("table",), by_pymupdf4llm),
    Peer("pdfplumber", "pdfplumber", "pdfplumber", ("table",), by_pdfplumber),
    Peer("camelot", "camelot-py", "camelot", ("table",), by_camelot),
)
