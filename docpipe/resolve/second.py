"""Another engine's answer to the same question: what of it is taken, and where the two contradict each other.

It is the last rung before review. A value is taken where the first engine's is refused, breaks a check or stands
nowhere, and only if the other's stands on the page; a list where rows are missing and the other has more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any

from docpipe.literals.text import alphanumeric
from docpipe.records import Reply, Violation
from docpipe.resolve.amend import Amendment
from docpipe.resolve.confidence import after_violations, record_confidence
from docpipe.resolve.follow_up import FollowUp, suspects
from docpipe.resolve.merge import Part
from docpipe.resolve.record import judged
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, value_at

ALIKE = 0.8  # share of their letters that two readings of one print have in common
MAX_COMPARED_CHARS = 300  # comparing takes the square of it; longer texts are not


def in_doubt(schema: Schema, part: Part, review_confidence: float, *, whole: bool) -> bool:
    """Whether a record of `part` would go to review; of a window, what others may bring is not counted as lacking."""
    violations = judged(schema, part) if whole else part.violations
    if any(one.severity == "error" for one in violations):
        return True
    confidence = after_violations(part.fields, violations)
    fields = [replace(one, confidence=confidence[one.path]) for one in part.fields]
    return whole and record_confidence(schema, fields) < review_confidence


def second_opinion(schema: Schema, part: Part, told: Part, reply: Reply, engine: str, *, whole: bool) -> Amendment:
    """What `reply` of another engine, by itself resolved to `told`, changes in `part`, which `engine` read.

    Where both read a value outside of lists off the page and it is not the same, and neither is taken for the other,
    the amendment carries a warning `engines_disagree` with the two values.
    """
    violations = judged(schema, part) if whole else part.violations
    wrong = [one for one in violations if one.severity == "error" or one.rule == "ungrounded"]
    placed = {one.path for one in told.fields if one.value is not None and one.page is not None}
    short = [one.paths[0] for one in wrong if one.rule == "incomplete_rows" and one.paths and "[" not in one.paths[0]]
    lists = [path for path in dict.fromkeys(short) if _rows(told, path) > _rows(part, path)]
    wanted = dict.fromkeys([*suspects(schema, part, wrong), *_misspelt(schema, part, told)])
    leaves = [
        path
        for path in wanted
        if path in placed and (name := path.partition("[")[0]) not in lists and _rows(told, name) == _rows(part, name)
    ]
    taken = (*lists, *leaves)
    question = FollowUp("second", taken, (), schema.document, part.pages)
    return Amendment(question, reply, tuple(_disputes(part, told, frozenset(taken), engine, reply.engine)))


def only_heard(amendment: Amendment) -> Amendment:
    """`amendment` with nothing taken from it."""
    return replace(amendment, question=replace(amendment.question, paths=()))


def _misspelt(schema: Schema, part: Part, told: Part) -> Iterator[str]:
    """Texts that stand nowhere, where the other engine's differ in little."""
    nodes = dict(schema.root.leaves_of_all())
    other = {one.path: one.value for one in told.fields}
    for one in part.fields:
        node, text = nodes.get(generic(one.path)), str(other.get(one.path) or "")
        if one.page is not None or not isinstance(one.value, str) or node is None or node.enum:
            continue
        short = max(len(one.value), len(text)) <= MAX_COMPARED_CHARS and node.format != "currency"
        if short and SequenceMatcher(None, one.value, text, autojunk=False).ratio() >= ALIKE:
            yield one.path


def _rows(part: Part, path: str) -> int:
    """How long the list at `path` is; 0 for what is none."""
    found = value_at(part.value, path)
    return len(found) if isinstance(found, list) else 0


def _disputes(part: Part, told: Part, taken: frozenset[str], first: str, second: str) -> Iterator[Violation]:
    read = {one.path: one.value for one in part.fields if one.page is not None and "[" not in one.path}
    for one in told.fields:
        if one.path in read and one.path not in taken and one.page is not None and _differ(read[one.path], one.value):
            left, right = str(read[one.path]), str(one.value)
            message = f"{one.path} is {left} for {first} and {right} for {second}, and both are printed"
            yield Violation("engines_disagree", "warning", message, (one.path,), left, right)


def _differ(one: Any, other: Any) -> bool:
    """Whether two values are two; of two texts, not if one is part of the other."""
    if not isinstance(one, str) or not isinstance(other, str):
        return bool(one != other)
    return alphanumeric(one) not in alphanumeric(other) and alphanumeric(other) not in alphanumeric(one)
