"""What speaks against a record as a whole, and what it is called for that."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace

from docpipe.records import Status, Violation
from docpipe.resolve.merge import Part
from docpipe.resolve.money import checks_of
from docpipe.resolve.plotted import unplotted
from docpipe.resolve.proven import blamed, proven
from docpipe.resolve.unread import UNREAD
from docpipe.schema.checks import evaluate
from docpipe.schema.importance import important, is_important
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, value_at

FEW_FIELDS = 4  # of so few, one that is found may be all that a page prints
ALMOST_EMPTY = 0.2  # share of the fields; labelled invoices and receipts print more of the important ones


def judged(schema: Schema, whole: Part) -> list[Violation]:
    """Every violation of `whole`: its own, what is missing, and the checks."""
    own = (each for each in whole.violations if each.rule != UNREAD or value_at(whole.value, each.paths[0]) is None)
    proofs = proven(schema, whole.value)
    checked = [blamed(each, proofs) for each in (*own, *evaluate(checks_of(schema, whole.value), whole.value))]
    broken = [*checked, *_missing(schema, whole), *unplotted(schema, whole.value)]
    given = {generic(leaf.path) for leaf in whole.fields if leaf.value is not None}
    if not given:
        broken.append(Violation("nothing_found", "error", "no field of the schema was found"))
    elif (few := _too_few(schema, given)) is not None:
        broken.append(few)
    return broken


def _too_few(schema: Schema, given: Collection[str]) -> Violation | None:
    """What says that a record is almost empty: of the important fields, or of all where none is, it has few."""
    lists = {path for path, _ in schema.root.arrays()}
    fields = important(schema) or lists | {path for path, _ in schema.root.leaves()}
    has = sum(any(path == field or path.startswith(f"{field}.") for path in given) for field in fields)
    if len(fields) < FEW_FIELDS or has >= ALMOST_EMPTY * len(fields):
        return None
    return Violation(
        "almost_empty", "error", f"{has} of {len(fields)} fields were found; is it another kind of document?"
    )


def _missing(schema: Schema, whole: Part) -> list[Violation]:
    """What the schema requires and nobody found, words for nothing included; a sum over such records would lack it in
    silence. A value that was refused has an error of its own.
    """
    present = {leaf.path for leaf in whole.fields if leaf.value is not None}
    refused = {path for violation in whole.violations if violation.severity == "error" for path in violation.paths}
    known = present | refused
    required = [path for path, node in schema.root.leaves() if node.required and path not in known]
    return [Violation("missing", "error", f"{path} was not found", (path,)) for path in required]


def weighed(schema: Schema, violations: Iterable[Violation]) -> list[Violation]:
    """`violations`, as errors where they name an important field: nobody shall rely on what is spoken against."""
    return [replace(each, severity="error") if is_important(schema, each.paths) else each for each in violations]


def status_of(violations: Sequence[Violation], edits: Sequence[object], confidence: float, threshold: float) -> Status:
    """What a record with these violations, edits and certainty is called."""
    if any(violation.severity == "error" for violation in violations) or confidence < threshold:
        return "needs_review"
    return "repaired" if edits else "ok"
