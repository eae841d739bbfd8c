"""Reviewed values into the tables: typed, validated and checked like an engine's, and kept by later runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docpipe.errors import InvalidCorrections, OutputConflict
from docpipe.records import Field, Violation
from docpipe.resolve.confidence import after_violations, record_confidence
from docpipe.resolve.merge import Part
from docpipe.resolve.status import judged, status_of, weighed
from docpipe.resolve.validate import validate
from docpipe.review.apply import Review, apply, is_row
from docpipe.review.corrections import WHOLE, Correction
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves, parts
from docpipe.store.columns import layout
from docpipe.store.migrate import check_stored, evolution
from docpipe.store.place import Where, place_of
from docpipe.store.publish import Step, unwatched
from docpipe.store.read import stored_records
from docpipe.store.rewrite import Rewriting, tended
from docpipe.store.rows import Rows, rewritten, violation_row

_WORSE = ("ok", "repaired", "needs_review")


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a file of corrections did: `values` set, `approved` records, the status of each before and after."""

    values: int
    approved: int
    statuses: Mapping[str, tuple[str, str]]  # _record_id -> before, after


def correct(
    out: Where,
    schema: Schema,
    corrections: Sequence[Correction],
    review_confidence: Callable[[str], float],
    *,
    dry_run: bool = False,
    step: Step = unwatched,
) -> Corrected:
    """Put reviewed values into an output, all of them in one commit or none.

    `path` names a leaf (`total`, `line_items[2].amount`; one past the last row begins a row), or a row, which
    None takes out (rows are counted as they were before), or is "*": the record is right as it stands. A
    reviewed value has origin `review` in evidence and the old one in `before`; checks are evaluated again,
    violations of the values that were replaced go. Later runs keep such a document unless forced.

    `review_confidence`: name of the engine that read a record -> the confidence under which it needs review.

    Raises InvalidCorrections naming the line of a value that the schema refuses or a record that is not there, and
    OutputConflict where the tables are not as the schema says, and what `tended` raises.
    """
    tables = layout(schema)
    check_stored(place_of(out), schema.name)
    with tended(out, step, tables.tables) as rewriting:
        if evolution(rewriting.out, rewriting.current, tables):
            raise OutputConflict(f"{out} has not the columns of {schema.name!r}", remedy="Run `docpipe migrate` first.")
        reviews = _reviews(rewriting, schema, corrections)
        for correction, review in reviews:
            apply(schema, review, correction)
        changed = {id(review): review for _, review in reviews}.values()
        statuses: dict[str, tuple[str, str]] = {}
        rows_of: dict[str, list[tuple[str, Rows]]] = defaultdict(list)
        for review in changed:
            row = _judge(schema, review, review_confidence(review.stored.row["_engine"]))
            statuses[row["_record_id"]] = review.stored.row["_status"], row["_status"]
            rows = rewritten(review.value, row, tables) | {"evidence": list(review.evidence.values())}
            rows_of[review.stored.part].append((row["_record_id"], rows))
        if not dry_run:
            for part, changed_rows in rows_of.items():
                rewriting.put(part, {record for record, _ in changed_rows}, _joined(rows for _, rows in changed_rows))
            rewriting.mark_sources(_source_statuses(rewriting, schema, changed, statuses))
            rewriting.publish()
    values = sum(correction.path != WHOLE for correction in corrections)
    return Corrected(values, sum(review.approved for review in changed), statuses)


def _reviews(
    rewriting: Rewriting, schema: Schema, corrections: Sequence[Correction]
) -> list[tuple[Correction, Review]]:
    """Each correction with its record; rows that go come last, the last row first, so that none shifts another."""
    names = {correction.record for correction in corrections}
    extractions = rewriting.extractions_of(schema.name, names)
    known: dict[str, list[Review]] = defaultdict(list)
    uris: dict[str, set[str]] = defaultdict(set)
    for source in rewriting.source_rows():
        uris[source["_extraction_id"]].add(source["source_uri"])
    for stored in stored_records(rewriting.out, rewriting.current, schema.name, extractions):
        row = stored.row
        own = {row["_record_id"], row["_doc_id"]} | uris[row["_extraction_id"]]
        if named := own & names:
            review = Review(
                stored, stored.value, {leaf["path"]: leaf for leaf in stored.evidence}, {}, list(row["_violations"])
            )
            for name in named:
                known[name].append(review)
    for correction in corrections:
        if len(known[correction.record]) != 1:
            count = (
                "no record"
                if not known[correction.record]
                else f"{len(known[correction.record])} records; give the _record_id"
            )
            raise InvalidCorrections(
                f"line {correction.line}: {correction.record!r} names {count} of schema {schema.name!r}"
            )
    going: list[Correction] = []
    staying: list[Correction] = []
    for correction in corrections:
        (going if is_row(schema, correction.path) else staying).append(correction)
    going.sort(key=lambda correction: [-part for part in parts(correction.path) if isinstance(part, int)])
    return [(correction, known[correction.record][0]) for correction in [*staying, *going]]


def _source_statuses(
    rewriting: Rewriting, schema: Schema, changed: Iterable[Review], statuses: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """Extraction -> the worst status of its records, reviewed or not."""
    extractions = {review.stored.row["_extraction_id"] for review in changed}
    worst: dict[str, str] = {}
    for stored in stored_records(rewriting.out, rewriting.current, schema.name, extractions):
        row = stored.row
        status = statuses[row["_record_id"]][1] if row["_record_id"] in statuses else row["_status"]
        held = worst.get(row["_extraction_id"], "ok")
        worst[row["_extraction_id"]] = max(held, status, key=_WORSE.index)
    return worst


def _judge(schema: Schema, review: Review, review_confidence: float) -> dict[str, Any]:
    """The record's own row with its new status, confidence and violations."""
    row = review.stored.row
    invalid, _ = validate(schema, review.value)
    for fault in invalid:
        line = next((review.touched[path] for path in fault.paths if path in review.touched), None)
        raise InvalidCorrections(f"{f'line {line}' if line else 'record ' + row['_record_id']}: {fault.message}")
    if review.approved:
        for held in review.evidence.values():
            held |= {"confidence": 1.0, "origin": "review", "method": ""}
    violations = [_violation(violation) for violation in review.violations]
    fields = _unburdened(
        [_field(path, leaf, review.evidence.get(path)) for path, leaf in leaves(review.value)], violations
    )
    kept = [violation for violation in violations if not _is_settled(schema, review, violation)]
    broken = weighed(schema, judged(schema, Part(review.value, tuple(row["_pages"]), tuple(fields), (), tuple(kept))))
    if review.approved:
        broken = [replace(violation, severity="warning") for violation in broken]
    shared = after_violations(fields, broken)
    fields = [
        replace(leaf, confidence=1.0 if leaf.origin == "review" else round(shared[leaf.path], 4)) for leaf in fields
    ]
    for leaf in fields:
        if leaf.path in review.evidence:
            review.evidence[leaf.path] |= {"confidence": leaf.confidence}
    certainty = record_confidence(schema, fields)
    edited = [path for path, evidence in review.evidence.items() if evidence["origin"] not in ("layout", "model")]
    return row | {
        "_status": status_of(broken, edited, certainty, review_confidence),
        "_confidence": certainty,
        "_violations": [violation_row(violation) for violation in broken],
    }


def _field(path: str, leaf: Any, row: Mapping[str, Any] | None) -> Field:
    return Field(path, leaf, row["confidence"] or 0.0, origin=row["origin"]) if row else Field(path, leaf, 0.0)


def _unburdened(fields: Sequence[Field], violations: Sequence[Violation]) -> list[Field]:
    """`fields` with the confidence that they had before the violations lowered it: some of these may go."""
    burden = after_violations([replace(leaf, confidence=1.0) for leaf in fields], violations)
    return [replace(leaf, confidence=min(1.0, leaf.confidence / burden[leaf.path])) for leaf in fields]


def _is_settled(schema: Schema, review: Review, violation: Violation) -> bool:
    """Whether a violation is found again if it still holds, or was about a value, or a list's rows, now reviewed."""
    if violation.rule in {"missing", "nothing_found", "almost_empty", *(check.name for check in schema.checks)}:
        return True
    return not review.touched.keys().isdisjoint(violation.paths)


def _violation(row: Mapping[str, Any]) -> Violation:
    return Violation(
        **{**row, "paths": tuple(row["paths"] or ()), "left": row["left"] or "", "right": row["right"] or ""}
    )


def _joined(parts: Iterable[Rows]) -> Rows:
    rows: Rows = defaultdict(list)
    for part in parts:
        for table, more in part.items():
            rows[table] += more
    return rows
