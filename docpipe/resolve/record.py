"""The whole of resolve: replies in, one judged Record out. A window is resolved by itself, then all join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from docpipe.errors import DecodeError
from docpipe.literals.conventions import Conventions
from docpipe.records import Edit, Field, Page, Record, Reply, Span, Violation
from docpipe.resolve.added import added_up
from docpipe.resolve.amend import Amendment, amended, lists_of_others, repeats, scores_of, spans_of
from docpipe.resolve.case import Case
from docpipe.resolve.coerce import Coercion, coerce
from docpipe.resolve.completeness import missing_rows
from docpipe.resolve.confidence import (
    Repeats,
    Scores,
    after_violations,
    field_confidence,
    record_confidence,
    reply_score,
)
from docpipe.resolve.contradictions import contradictions
from docpipe.resolve.copies import without_copies
from docpipe.resolve.decode import decode
from docpipe.resolve.ground import Evidence, ground
from docpipe.resolve.heads import head_of
from docpipe.resolve.merge import Part, merge
from docpipe.resolve.misprints import without_misprints
from docpipe.resolve.money import too_fine
from docpipe.resolve.outgrown import outgrown_totals
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.repair import repair
from docpipe.resolve.repeated import repeated_rows
from docpipe.resolve.rows import without_repeats
from docpipe.resolve.scripts import unread_scripts
from docpipe.resolve.several import several_documents
from docpipe.resolve.status import judged, status_of, weighed
from docpipe.resolve.totals import unmet_totals
from docpipe.resolve.unread import unread
from docpipe.resolve.validate import validate
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic, leaves, put


@dataclass(frozen=True, slots=True)
class _Read:
    """Who read a window's values: the origin of those that nothing changed, and path -> the rule that found each.

    `asked`: the rules behind what is taken from answers to later questions.
    """

    origin: str
    methods: Mapping[str, str]
    asked: Mapping[str, str]


def resolve_window(
    schema: Schema,
    pages: Sequence[Page],
    reply: Reply,
    *,
    grounded: bool = True,
    whole: bool = True,
    amendments: Sequence[Amendment] = (),
    others: Sequence[Amendment] = (),
) -> Part:
    """What one reply says about `pages` (pixels not needed): decode -> coerce -> validate -> ground -> repair.

    Raises DecodeError if the reply is not JSON. How the pages write numbers and dates is read from
    the pages themselves, or from the answer where they have no words. `whole`: the pages are all of
    the document. `amendments`: answers to questions that were asked again, in their order; `others`:
    those of which nothing is taken, which only say whether the values are read the same again.
    """
    first = decode(reply.text, schema.root, ended_early=reply.finish in ("length", "repetition"))
    decoded = amended(first, amendments, schema.root)
    spans = spans_of(reply, amendments)
    conventions = (
        Conventions.of_pages(pages)
        if any(word.visible for page in pages for word in page.words)
        else Conventions([list(_strings(decoded.value))])
    )
    coercion = Coercion(conventions)
    value = coerce(schema.root, decoded.value, coercion)
    nodes = _nodes(schema)
    _number_pages(nodes, value, pages, coercion)
    invalid, emptied = validate(schema, value)
    indexes = [PageIndex(page, conventions) for page in pages] if grounded else []
    evidence = ground(schema.root, value, indexes, spans)
    case = Case(
        schema,
        nodes,
        value,
        evidence | added_up(schema, value, evidence),
        indexes,
        [*coercion.violations, *without_misprints(schema, invalid, indexes)],
        whole,
    )
    edits = (*decoded.edits, *coercion.edits, *emptied, *repair(case))
    violations = [
        *case.violations,
        *(violation for amendment in amendments for violation in amendment.violations),
        *_broken_off(reply, decoded.cut, amendments),
        *_new(contradictions(nodes, value, case.evidence, indexes, coercion.currencies), coercion.violations),
        *too_fine(schema, nodes, value, conventions),
        *missing_rows(schema, value, case.evidence, indexes),
        *repeated_rows(schema, value, indexes),
        *(unmet_totals(schema, value, case.evidence, indexes) if whole else ()),
        *outgrown_totals(schema, value, case.evidence, indexes),
        *unread(schema, value, indexes),
        *unread_scripts(pages),
    ]
    read = _Read(reply.origin, _methods(reply.spans), _methods(spans))
    again = _repeats(schema, value, first.value, conventions, [*amendments, *others])
    scores = Scores(reply_score(reply), {span.path: span.score for span in spans}, scores_of(amendments), again)
    return Part(
        value=value,
        pages=tuple(page.number for page in pages),
        fields=tuple(_fields(value, scores, case, edits, read, lists_of_others(amendments))),
        edits=edits,
        violations=tuple(violations),
        cut=decoded.cut,
        heads=() if whole and len(indexes) < 2 else tuple(head_of(schema, index) for index in indexes),
    )


def _number_pages(nodes: Mapping[str, Node], value: dict[str, Any], pages: Sequence[Page], coercion: Coercion) -> None:
    """Numbers of format "page" count the pages shown to the engine; the record counts those of the document."""
    for path, position in (
        list(leaves(value)) if pages and any(node.format == "page" for node in nodes.values()) else ()
    ):
        if nodes[generic(path)].format != "page":
            continue
        number = pages[position - 1].number if 1 <= position <= len(pages) else None
        if number != position:
            put(value, path, number)
            coercion.edits.append(Edit(path, position, number, "coerce:page"))
        if number is None:
            message = f"{path} is {position}, but {len(pages)} pages were shown"
            coercion.violations.append(
                Violation("no_such_page", "warning", message, (path,), str(position), str(len(pages)))
            )


def _new(violations: Iterable[Violation], before: Iterable[Violation]) -> Iterator[Violation]:
    """Those that do not say again what was said of the same values."""
    said = {(violation.rule, violation.paths) for violation in before}
    return (violation for violation in violations if (violation.rule, violation.paths) not in said)


def _strings(value: Any) -> Iterator[str]:
    """Every word of every string of an answer, in its order."""
    for _, leaf in leaves(value):
        if isinstance(leaf, str):
            yield leaf
            yield from leaf.split() if " " in leaf else ()


def _repeats(
    schema: Schema, value: dict[str, Any], first: Any, conventions: Conventions, later: Sequence[Amendment]
) -> dict[str, Repeats]:
    """How often each leaf of `value` was read the same; {} where nothing was asked again."""
    if not later:
        return {}
    answers = []
    for amendment in later:
        try:
            answers.append(
                (
                    amendment.question,
                    coerce(schema.root, decode(amendment.reply.text, schema.root).value, Coercion(conventions)),
                )
            )
        except DecodeError:
            continue
    return repeats(value, coerce(schema.root, first, Coercion(conventions)), answers)


def _broken_off(reply: Reply, cut: str | None, amendments: Sequence[Amendment]) -> list[Violation]:
    """An answer that is not whole says so, whatever of it could be kept."""
    continued = any(amendment.question.rung == "continue" for amendment in amendments)
    if cut is None and (continued or reply.finish not in ("length", "repetition")):
        return []
    why = f"ended by {reply.finish}" if reply.finish != "stop" else "breaks off"
    where = f" while {cut} was written" if cut else ""
    return [Violation("incomplete", "error", f"the answer {why}{where}; rows may be missing", (cut,) if cut else ())]


def resolve_document(
    schema: Schema, parts: Sequence[Part], violations: Sequence[Violation], review_confidence: float
) -> Record:
    """One Record of a document's windows (in page order): merge -> checks -> confidence -> status.

    `violations` are what came up outside the replies (a page that could not be read). Status:
    needs_review for an error violation (a required field that was not found is one), a confidence
    under `review_confidence`, or no value at all; repaired if a value was edited; else ok.
    """
    whole = without_copies(schema.root, without_repeats(schema.root, merge(schema.root, parts)))
    broken = weighed(schema, [*violations, *judged(schema, whole), *several_documents(whole.heads)])
    confidence = after_violations(whole.fields, broken)
    fields = tuple(_weighed(leaf, round(confidence[leaf.path], 4)) for leaf in whole.fields)
    certainty = record_confidence(schema, fields)
    return Record(
        value=whole.value,
        pages=whole.pages,
        status=status_of(broken, whole.edits, certainty, review_confidence),
        confidence=certainty,
        fields=fields,
        edits=whole.edits,
        violations=tuple(broken),
    )


def _weighed(leaf: Field, confidence: float) -> Field:
    """`leaf` with that confidence; dataclasses.replace takes four times as long, and there are a hundred of them."""
    return (
        leaf
        if leaf.confidence == confidence
        else Field(leaf.path, leaf.value, confidence, leaf.page, leaf.boxes, leaf.origin, leaf.before, leaf.method)
    )


def _fields(
    value: dict[str, Any], scores: Scores, case: Case, edits: Sequence[Edit], read: _Read, lists: Mapping[str, str]
) -> Iterator[Field]:
    """One Field a non-null leaf, and one a leaf that an edit emptied: nothing changes unseen.

    `lists`: list that came whole from another engine -> the rule that says so.
    """
    searched = any(page.words for page in case.pages)
    edited: dict[str, Edit] = {}
    for edit in edits:  # the first text and the last rule of each
        edited[edit.path] = replace(edit, before=edited[edit.path].before) if edit.path in edited else edit
    for path, leaf in leaves(value):
        evidence = case.evidence.get(path)
        score = scores.of(path)
        if (node := case.nodes.get(generic(path))) is None or node.format != "page":  # which no page prints
            score = field_confidence(score, searched, evidence)
        leaf_field = _field(path, leaf, score, evidence, edited.pop(path, None), read)
        taken = (
            lists.get(path.partition("[")[0]) if lists and "[" in path and leaf_field.origin == read.origin else None
        )
        yield replace(leaf_field, origin=f"rule:{taken}", method=read.asked.get(path, "")) if taken else leaf_field
    for path, edit in edited.items():
        if edit.after is None and generic(path) in case.nodes:
            yield _field(path, None, 0.0, None, edit, read)


def _field(
    path: str, value: Any, confidence: float, evidence: Evidence | None, edit: Edit | None, read: _Read
) -> Field:
    return Field(
        path=path,
        value=value,
        confidence=confidence,
        page=evidence.page if evidence else None,
        boxes=evidence.boxes if evidence else (),
        origin=f"rule:{edit.rule}" if edit else read.origin,
        before=str(edit.before) if edit else None,
        method=(read.asked if edit and edit.rule.startswith("asked:") else read.methods).get(path, ""),
    )


def _methods(spans: Iterable[Span]) -> Mapping[str, str]:
    return {span.path: span.method for span in spans if span.method}


def _nodes(schema: Schema) -> Mapping[str, Node]:
    """Path without indices -> node, of every scalar, through arrays; made once a schema."""
    return schema.made("nodes", lambda made: dict(made.root.leaves_of_all()))
