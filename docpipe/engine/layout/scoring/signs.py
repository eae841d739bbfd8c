"""What speaks for or against a value besides its score: how the document is read as a whole, and what it looks like.

Each sign has a name. What it is worth stands in calibration.json as what it adds to the logarithm of the odds that a
value is right, fitted on documents with known truth (benchmarks/fit_layout.py); a sign that the file does not know
adds nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.parties.addresses import has_legal_form, is_postal
from docpipe.engine.layout.parties.mastheads import letters
from docpipe.literals.postal import names_street
from docpipe.schema.importance import important

HALF = 0.5
ECHO_LETTERS = 4
Signs = Mapping[str, Sequence[str]]
"""Path of a value -> the names of its signs."""


def signs_of(document: Document, leaves: Mapping[str, Leaf], rows: Mapping[str, Sequence[Row]]) -> Signs:
    """The signs of every value outside of rows."""
    fields = {field.path: field for field in document.schema.scalars}
    shared = [*_of_document(document), *_of_reading(document, leaves, rows)]
    standing = Standing(document, leaves, rows)
    found: dict[str, Sequence[str]] = {}
    for path, leaf in leaves.items():
        own = _of_value(fields[path], leaf, standing) if path in fields else ()
        found[path] = [f"{sign}" for sign in (*shared, f"rule.{leaf.method}", f"{document_kind(document)}.{leaf.method}", *own)]
    return found


def document_kind(document: Document) -> str:
    """What the schema is for, by the roles of its lists."""
    if document.schema.receipts:
        return "receipt"
    return "form" if document.schema.pairs or document.schema.checkboxes else "invoice"


def _of_document(document: Document) -> Iterator[str]:
    yield f"kind.{document_kind(document)}"
    if any(page.text_source == "ocr" for page in document.pages):
        yield "scan"
        yield f"scan.{document_kind(document)}"
    if len(document.pages) > 1:
        yield "pages"


def _of_reading(document: Document, leaves: Mapping[str, Leaf], rows: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    """How much of the document was read, and whether it agrees with itself."""
    weighty = [path for path in important(document.schema.index.schema) if path not in rows]
    scalars = {field.path for field in document.schema.scalars}
    weighty = [path for path in weighty if path in scalars]
    if weighty and sum(path in leaves for path in weighty) < HALF * len(weighty):
        yield "reading.few"
    if not any(rows.values()):
        yield "reading.no_rows"


class Standing:
    """A document's values as their checks see them, and the letters of its lines."""

    def __init__(self, document: Document, leaves: Mapping[str, Leaf], rows: Mapping[str, Sequence[Row]]) -> None:
        self.leaves = leaves
        known: dict[str, Decimal] = {}
        for path, leaf in leaves.items():
            if isinstance(leaf.value, Decimal | int) and not isinstance(leaf.value, bool):
                known[path] = Decimal(leaf.value)
        for array, found in rows.items():
            for column in {path for row in found for path in row}:
                cells = [row[column].value for row in found if column in row]
                if len(cells) == len(found) and all(isinstance(cell, Decimal) for cell in cells):
                    known[f"sum({column})"] = sum(cells, Decimal())
        whole = [each for each in document.schema.equations if each.equality and not each.check.each]
        self.proven = Counter(name for each in whole if each.confirms(known) for name in each.reads)
        self.broken = Counter(name for each in whole if each.holds(known) is False for name in each.reads)
        self.lines = [letters(line.text) for text in document.page_texts for line in text.lines]


def _of_value(field: Field, leaf: Leaf, standing: Standing) -> Iterator[str]:
    if field.type == "name" and isinstance(leaf.value, str):
        yield from _of_name(field, leaf, leaf.value, standing)
    elif field.type == "address" and isinstance(leaf.value, str):
        yield from _of_address(leaf.value)
    elif field.node.kind == "number":
        yield "amount.proven" if standing.proven[field.path] else "amount.unproven"
        if standing.proven[field.path] > 1:
            yield "amount.proven_twice"
        if standing.broken[field.path]:
            yield "amount.broken"
    elif field.node.kind == "date":
        yield "date"
    elif field.type == "identifier":
        yield "identifier"
        if not any(map(str.isdigit, str(leaf.value))):
            yield "identifier.no_digits"


def _of_name(field: Field, leaf: Leaf, name: str, standing: Standing) -> Iterator[str]:
    yield "name"
    if has_legal_form(name):
        yield "name.legal_form"
    mine = letters(name)
    if len(mine) >= ECHO_LETTERS and sum(mine in line for line in standing.lines) > 1:
        yield "name.repeated"
    if any(map(str.isdigit, name)):
        yield "name.digits"
    if len(name.split()) == 1:
        yield "name.one_word"
    if len(name.split()) > 5:
        yield "name.long"
    section = f"{field.section}." if field.section else ""
    if not any(path.startswith(section) and path.endswith("address") for path in standing.leaves):
        yield "name.no_address"


def _of_address(address: str) -> Iterator[str]:
    yield "address"
    lines = address.splitlines()
    coded = any(is_postal(part.strip()) for line in lines for part in (line, *line.split(",")))
    if not coded:
        yield "address.no_code"
    if not any(names_street(line) or any(map(str.isdigit, line)) for line in lines):
        yield "address.no_street"
    if len(lines) == 1:
        yield "address.one_line"
