"""What confidence is worth, measured on documents with known truth: calibration.json.

date, engine  when it was measured, and of which version of the engine
signs         name of a sign -> what it adds to the logarithm of the odds that a value is right (scoring/signs.py)
review        kind of document -> the confidence under which a record needs review; "" is for all other kinds
measured      kind of document -> what was found on documents that the fit had not seen

benchmarks/fit_layout.py writes the file.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from docpipe.schema.nodes import Schema

KINDS = {"receipt_items": "receipt", "key_values": "form", "checkboxes": "form", "line_items": "invoice"}
"""Role of a list -> the kind of document whose schema has it, the first that applies."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What documents of one kind showed: how many there were, how many of them passed, and how many of those hold a
    wrong value outside of rows, or in one; how many values were given, how many with 0.9 or more, and how many of
    those are wrong.
    """

    documents: int
    passed: int
    passed_wrong: int
    passed_rows_wrong: int
    values: int
    sure: int
    sure_wrong: int
    auroc: float | None


@dataclass(frozen=True, slots=True)
class Calibration:
    """The file."""

    date: str
    engine: str
    signs: Mapping[str, float]
    review: Mapping[str, float]
    measured: Mapping[str, Measured]


@cache
def calibration() -> Calibration:
    """The engine's own; read once."""
    return parsed(json.loads(files(__package__).joinpath("calibration.json").read_text(encoding="utf-8")))


def parsed(read: Mapping[str, Any]) -> Calibration:
    """A calibration from its JSON."""
    measured = {kind: Measured(**figures) for kind, figures in read["measured"].items()}
    return Calibration(read["date"], read["engine"], read["signs"], read["review"], measured)


def kind_of(schema: Schema) -> str:
    """The kind of document that the schema is for, by the roles of its lists; "" if they tell none."""
    roles = {array.role for _, array in schema.root.arrays()}
    return next((kind for role, kind in KINDS.items() if role in roles), "")


def review_confidence(schema: Schema) -> float:
    """The confidence under which a record of the schema needs review."""
    review = calibration().review
    return review.get(kind_of(schema), review[""])


def told() -> Iterator[str]:
    """What the records that passed held, a line for each kind of document."""
    read = calibration()
    for kind, found in sorted(read.measured.items()):
        share = f" ({found.passed_wrong / found.passed:.0%})" if found.passed else ""
        yield (
            f"{kind}: {found.passed} of {found.documents} documents passed, and {found.passed_wrong}{share} of these"
            f" held a wrong value; of {found.sure} values at 0.9 or more {found.sure_wrong} were wrong"
            f" ({read.engine}, {read.date})"
        )
