"""The whole of resolve: replies in, one judged Record out. A window is resolved by itself, then all join."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from docpipe.records import Edit, Field, Page, Record, Reply, Status, Violation
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.confidence import (
    after_violations,
    field_confidence,
    record_confidence,
    reply_score,
)
from docpipe.resolve.decode import decode
from docpipe.resolve.ground import Evidence, PageIndex, ground
from docpipe.resolve.merge import Part, merge
from docpipe.resolve.validate import validate
from docpipe.schema.checks import evaluate
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic, leaves
from docpipe.schema.values import decimal_mark, infer_day_first


def resolve_window(schema: Schema, pages: Sequence[Page], reply: Reply, *, grounded: bool = True) -> Part:
    """What one reply says about `pages` (pixels not needed): decode -> coerce -> validate -> ground.

    Raises DecodeError if the reply is not JSON. How the pages write numbers and dates is read from
    the pages themselves.
    """
    texts = [word.text for page in pages for word in page.words if word.visible]
    mark, day_first = decimal_mark(texts), infer_day_first(texts)
    found = Coercion(mark, day_first)
    value = coerce(schema.root, decode(reply.text), found)
    violations, invalid = validate(schema, value)
    if reply.finish in ("length", "repetition"):
        message = f"the answer ended by {reply.finish}; rows may be missing"
        violations.append(Violation("incomplete", "error", message))
    edits = (*found.edits, *invalid)
    indexes = [PageIndex(page, mark, day_first) for page in pages] if grounded else []
    return Part(
        value=value,
        pages=tuple(page.number for page in pages),
        fields=tuple(_fields(schema, value, reply, indexes, edits)),
        edits=edits,
        violations=(*found.violations, *violations),
    )


def resolve_document(
    schema: Schema, parts: Sequence[Part], violations: Sequence[Violation], review_confidence: float
) -> Record:
    """One Record of a document's windows (in page order): merge -> checks -> confidence -> status.

    `violations` are what came up outside the replies (a page that could not be read). Status:
    needs_review for an error violation (a required field that was not found is one), a confidence
    under `review_confidence`, or no value at all; repaired if a value was edited; else ok.
    """
    whole = merge(schema.root, parts)
    broken = [*violations, *whole.violations, *_missing(schema, whole), *evaluate(schema.checks, whole.value)]
    if not any(one.value is not None for one in whole.fields):
        broken.append(Violation("nothing_found", "error", "no field of the schema was found"))
    confidence = after_violations(whole.fields, broken)
    fields = tuple(replace(one, confidence=round(confidence[one.path], 4)) for one in whole.fields)
    certainty = record_confidence(schema, fields)
    return Record(
        value=whole.value,
        pages=whole.pages,
        status=_status(broken, whole.edits, certainty, review_confidence),
        confidence=certainty,
        fields=fields,
        edits=whole.edits,
        violations=tuple(broken),
    )


def _missing(schema: Schema, whole: Part) -> list[Violation]:
    """What the schema requires and nobody found; a sum over such records would lack it in silence."""
    found = {one.path for one in whole.fields}
    required = [path for path, node in schema.root.leaves() if node.required and path not in found]
    return [Violation("missing", "error", f"{path} was not found", (path,)) for path in required]


def _fields(
    schema: Schema,
    value: dict[str, Any],
    reply: Reply,
    indexes: Sequence[PageIndex],
    edits: Sequence[Edit],
) -> Iterator[Field]:
    """One Field a non-null leaf, and one a leaf that an edit emptied: nothing changes unseen."""
    searched = any(index.words for index in indexes)
    hints = {span.path: span for span in reply.spans}
    edited = {edit.path: edit for edit in edits}
    nodes = dict(_nodes(schema.root))
    usual = reply_score(reply)
    for path, leaf in leaves(value):
        hint = hints.get(path)
        found = ground(nodes[generic(path)], leaf, indexes, hint) if searched else None
        score = field_confidence(hint.score if hint else usual, searched, found)
        yield _field(path, leaf, score, found, edited.pop(path, None))
    for path, edit in edited.items():
        if edit.after is None:
            yield _field(path, None, 0.0, None, edit)


def _field(path: str, value: Any, confidence: float, found: Evidence | None, edit: Edit | None) -> Field:
    return Field(
        path=path,
        value=value,
        confidence=confidence,
        page=found.page if found else None,
        boxes=found.boxes if found else (),
        origin=f"rule:{edit.rule}" if edit else "model",
        before=str(edit.before) if edit else None,
    )


def _nodes(node: Node, prefix: str = "") -> list[tuple[str, Node]]:
    """(path without indices, node) of every scalar, through arrays."""
    found = list(node.leaves(prefix))
    for path, array in node.arrays(prefix):
        assert array.item is not None
        if array.item.kind == "object":
            found += _nodes(array.item, path)
        else:
            found.append((path, array.item))
    return found


def _status(violations: Sequence[Violation], edits: Sequence[Edit], confidence: float, threshold: float) -> Status:
    if any(one.severity == "error" for one in violations) or confidence < threshold:
        return "needs_review"
    return "repaired" if edits else "ok"
