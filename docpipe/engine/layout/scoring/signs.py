"""What speaks for or against a value besides its score: how its document is read, and what it looks like itself.

Each sign has a name. What it is worth stands in calibration.json: what it adds to the logarithm of the odds that a
value is right, fitted on documents with known truth (benchmarks/fit_layout.py). A sign that the file does not have
adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property
from math import exp, prod

from docpipe.engine.layout.answer import Leaf, Row
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.parties.addresses import has_legal_form, is_postal
from docpipe.engine.layout.parties.mastheads import letters
from docpipe.engine.layout.scoring.calibration import calibration, kind_of
from docpipe.engine.layout.scoring.confidence import doubted
from docpipe.literals.postal import names_street
from docpipe.schema.equations import as_number
from docpipe.schema.importance import important

FEW = 0.5  # share of the important fields: of a document that gives less, little was understood
ECHO_LETTERS = 4  # of a name that is looked for elsewhere
WELL_READ = 0.97  # certainty of the recogniser about all words of a name

Leaves = Mapping[str, Leaf]
Rows = Mapping[str, Sequence[Row]]


@dataclass(frozen=True)
class Reading:
    """The values of a document, and what they say of each other."""

    document: Document
    leaves: Leaves
    rows: Rows

    @cached_property
    def fields(self) -> Mapping[str, Field]:
        return {field.path: field for field in self.document.schema.scalars}

    @cached_property
    def broken(self) -> frozenset[str]:
        """The amounts of equalities on the whole record that do not hold."""
        known = {path: number for path, leaf in self.leaves.items() if (number := as_number(leaf.value)) is not None}
        known |= dict(self._sums())
        equalities = (each for each in self.document.schema.equations if each.equality and not each.check.each)
        return frozenset(name for each in equalities if each.holds(known) is False for name in each.reads)

    def _sums(self) -> Iterator[tuple[str, Decimal]]:
        for rows in self.rows.values():
            for column in {path for row in rows for path in row}:
                cells = [as_number(row[column].value) for row in rows if column in row]
                if len(cells) == len(rows):
                    yield f"sum({column})", sum((cell for cell in cells if cell is not None), Decimal())

    @cached_property
    def lines(self) -> Sequence[str]:
        """The letters of every line."""
        return [letters(line.text) for text in self.document.page_texts for line in text.lines]

    @cached_property
    def is_thin(self) -> bool:
        """Whether few of the important fields were found."""
        wanted = important(self.document.schema.index.schema) & self.fields.keys()
        return sum(path in self.leaves for path in wanted) < FEW * len(wanted)


def by_signs(document: Document, leaves: Leaves, rows: Rows) -> dict[str, Leaf]:
    """The values outside of rows, each as sure as its signs make it."""
    worth = calibration().signs
    reading = Reading(document, leaves, rows)
    return {
        path: replace(leaf, score=doubted(leaf.score, exp(-sum(worth.get(sign, 0.0) for sign in signs))))
        for (path, leaf), signs in zip(leaves.items(), signs_of(reading), strict=True)
    }


def signs_of(reading: Reading) -> Iterator[Sequence[str]]:
    """The signs of every value, in the order of the leaves."""
    shared = list(_of_document(reading))
    for path, leaf in reading.leaves.items():
        field = reading.fields.get(path)
        yield [*shared, f"rule.{leaf.method}", *(() if field is None else _of_value(field, leaf, reading))]


def _of_document(reading: Reading) -> Iterator[str]:
    document = reading.document
    kind = kind_of(document.schema.index.schema) or "other"
    scan = any(page.text_source == "ocr" for page in document.pages)
    yield f"kind.{kind}.{'scan' if scan else 'digital'}"
    if reading.is_thin:
        yield "reading.thin"


def _of_value(field: Field, leaf: Leaf, reading: Reading) -> Iterable[str]:
    if isinstance(leaf.value, str) and field.type == "name":
        return _of_name(leaf, leaf.value, reading)
    if isinstance(leaf.value, str) and field.type == "address":
        return _of_address(leaf.value)
    return ["amount.broken"] if field.path in reading.broken else []


def _of_name(leaf: Leaf, name: str, reading: Reading) -> Iterator[str]:
    mine = letters(name)
    if prod(token.sure for token in leaf.tokens) < WELL_READ:
        yield "name.badly_read"
    if has_legal_form(name):
        yield "name.legal_form"
    if len(mine) >= ECHO_LETTERS and sum(mine in line for line in reading.lines) > 1:
        yield "name.repeated"
    else:
        yield f"{leaf.method}.once"
    if len(name.split()) == 1:
        yield "name.one_word"
    if any(map(str.isdigit, name)):
        yield "name.digits"


def _of_address(address: str) -> Iterator[str]:
    lines = address.splitlines()
    parts = [part.strip() for line in lines for part in (line, *line.split(","))]
    if len(lines) == 1:
        yield "address.one_line"
    if not any(map(is_postal, parts)):
        yield "address.no_code"
    if not any(names_street(line) or any(map(str.isdigit, line)) for line in lines):
        yield "address.no_street"
