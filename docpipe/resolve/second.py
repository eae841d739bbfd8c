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
from docpipe.resolve.status import judged, weighed
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, value_at

ALIKE = 0.8  # share of their letters that two readings of one print have in common
MAX_COMPARED_CHARS = 300  # comparing takes the square of it; longer texts are not


def in_doubt(schema: Schema, part: Part, review_confidence: float, *, whole: bool) -> bool:
    """Whether a record of `part` would go to review; of a window, what others may bring is not counted as lacking."""
    violations = weighed(schema, judged(schema, part)) if whole else part.violations
    if any(violation.severity == "error" for violation in violations):
        return True
    confidence = after_violations(part.fields, violations)
    fields = [replace(leaf, confidence=confidence[leaf.path]) for leaf in part.fields]
    return whole and record_confidence(schema, fields) < review_confidence


def second_opinion(schema: Schema, part: Part, other: Part, reply: Reply, engine: str, *, whole: bool) -> Amendment:
    """What `reply` of another engine, by itself resolved to `other`, changes in `part`, which `engine` read.

    Where both read a value outside of lists off the page and it is not the same, and neither is taken for the other,
    the amendment carries a warning `engines_disagree` with the two values.
    """
    violations = judged(schema, part) if whole else part.violations
    wrong = [violation for violation in violations if violation.severity == "error" or violation.rule == "ungrounded"]
    placed = {leaf.path for leaf in other.fields if leaf.value is not None and leaf.page is not None}
    short = [
        violation.paths[0]
        for violation in wrong
        if violation.rule == "incomplete_rows" and violation.paths and "[" not in violation.paths[0]
    ]
    lists = [path for path in dict.fromkeys(short) if _rows(other, path) > _rows(part, path)]
    wanted = dict.fromkeys([*suspects(schema, part, wrong), *_misspelt(schema, part, other)])
    leaves = [
        path
        for path in wanted
        if path in placed and (name := path.partition("[")[0]) not in lists and _rows(other, name) == _rows(part, name)
    ]
    taken = (*lists, *leaves)
    question = FollowUp("second", taken, (), schema.document, part.pages)
    return Amendment(question, reply, tuple(_disputes(part, other, frozenset(taken), engine, reply.engine)))


def only_heard(amendment: Amendment) -> Amendment:
    """`amendment` with nothing taken from it."""
    return replace(amendment, question=replace(amendment.question, paths=()))


def _misspelt(schema: Schema, part: Part, other: Part) -> Iterator[str]:
    """Texts that stand nowhere, where the other engine's differ in little."""
    nodes = dict(schema.root.leaves_of_all())
    values = {leaf.path: leaf.value for leaf in other.fields}
    for leaf in part.fields:
        node, text = nodes.get(generic(leaf.path)), str(values.get(leaf.path) or "")
        if leaf.page is not None or not isinstance(leaf.value, str) or node is None or node.enum:
            continue
        short = max(len(leaf.value), len(text)) <= MAX_COMPARED_CHARS and node.format != "currency"
        if short and SequenceMatcher(None, leaf.value, text, autojunk=False).ratio() >= ALIKE:
            yield leaf.path


def _rows(part: Part, path: str) -> int:
    """How long the list at `path` is; 0 for what is none."""
    rows = value_at(part.value, path)
    return len(rows) if isinstance(rows, list) else 0


def _disputes(part: Part, other: Part, taken: frozenset[str], first: str, second: str) -> Iterator[Violation]:
    read = {leaf.path: leaf.value for leaf in part.fields if leaf.page is not None and "[" not in leaf.path}
    for leaf in other.fields:
        if (
            leaf.path in read
            and leaf.path not in taken
            and leaf.page is not None
            and _differ(read[leaf.path], leaf.value)
        ):
            left, right = str(read[leaf.path]), str(leaf.value)
            message = f"{leaf.path} is {left} for {first} and {right} for {second}, and both are printed"
            yield Violation("engines_disagree", "warning", message, (leaf.path,), left, right)


def _differ(first: Any, second: Any) -> bool:
    """Whether two values are two; of two texts, not if one is part of the other."""
    if not isinstance(first, str) or not isinstance(second, str):
        return bool(first != second)
    return alphanumeric(first) not in alphanumeric(second) and alphanumeric(second) not in alphanumeric(first)
