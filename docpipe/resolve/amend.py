"""What later answers change in the first, and how often they say the same. Nothing is taken without an Edit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docpipe.literals.text import alphanumeric
from docpipe.records import Edit, Reply, Span, Violation
from docpipe.resolve.confidence import Repeats, reply_score
from docpipe.resolve.decode import decode
from docpipe.resolve.follow_up import FollowUp, row_of
from docpipe.resolve.tolerant import Decoded
from docpipe.schema.nodes import Node
from docpipe.schema.paths import leaves, parts, put, value_at, written

_INDEX = re.compile(r"\[\d+\]")


@dataclass(frozen=True, slots=True)
class Amendment:
    """A question that was asked again and the reply to it; `violations`: what came up between the two answers."""

    question: FollowUp
    reply: Reply
    violations: tuple[Violation, ...] = ()

    @property
    def rule(self) -> str:
        """What an Edit that follows from it says: `asked:fields`, or `asked:` and the name of another engine."""
        return f"asked:{self.reply.engine if self.question.rung == 'second' else self.question.rung}"


def amended(first: Decoded, amendments: Sequence[Amendment], root: Node | None = None) -> Decoded:
    """`first` with what the later answers say, an Edit for each value that changes.

    "continue" appends rows; what is written after these it gives whole. "rows" replaces a list by a longer one; the
    others replace leaves by leaves, never by null: "cells" those of the row that shares most with the one in question,
    "second" a list as well. Raises DecodeError if an amendment is not JSON.
    """
    value, edits, cut = json_copy(first.value), list(first.edits), first.cut
    for amendment in amendments:
        question, told = amendment.question, _told_again(amendment, root)
        if question.rung == "continue":
            cut = None if told.cut is None else _in_record(told, question, value)
        for path in question.paths:
            before, after = value_at(value, path), _after(question, value, told.value, path)
            if _is_list(question, path, before, after):
                known, rows = _rows(before), _rows(after)
                if _goes_on(question, path):
                    rows = [*known, *_new_rows(question, path, known, rows)]
                if len(rows) > len(known):
                    _set(value, path, rows)
                    edits.append(Edit(path, f"{len(known)} rows", f"{len(rows)} rows", amendment.rule))
            elif after is not None and after != before and not isinstance(after, dict | list):
                _set(value, path, after)
                edits.append(Edit(path, before, after, amendment.rule))
    return Decoded(value, tuple(edits), cut)


def _told_again(amendment: Amendment, root: Node | None) -> Decoded:
    """What a later answer says; a continuation may itself break off where nobody sees it but the engine."""
    cut = amendment.question.rung == "continue" and amendment.reply.finish in ("length", "repetition")
    return decode(amendment.reply.text, root, ended_early=cut)


def _in_record(told: Decoded, question: FollowUp, value: Mapping[str, Any]) -> str:
    """The place in the record at which a continuation was cut. A cut in no list asks for the same again.

    Its first row of each list on the way is the one that was broken off: to go on with `tables[1].rows` and be cut in
    the answer's `tables[2]` is to be cut in the record's `tables[3]`.
    """
    path = question.paths[0]
    known, rows = _rows(value_at(value, path)), _rows(_after(question, value, told.value, path))
    begun = len(known) + len(_new_rows(question, path, known, rows)) - len(rows)
    steps = parts(told.cut or "")
    for at, (step, base) in enumerate(zip(steps, [*parts(path), begun], strict=False)):
        if isinstance(step, int) and isinstance(base, int):
            steps[at] = step + base
            if step:
                break
        elif step != base:
            break
    return written(steps) or path


def _is_list(question: FollowUp, path: str, before: Any, after: Any) -> bool:
    """Whether a list was asked for: another engine and a continuation are asked for leaves and for lists."""
    if question.rung == "second" or (question.rung == "continue" and path != question.paths[0]):
        return isinstance(after if before is None else before, list)
    return question.rung in ("rows", "continue")


def _rows(rows: Any) -> list[Any]:
    """What an answer has for a list; nothing if it is none."""
    return rows if isinstance(rows, list) else []


def _after(question: FollowUp, value: Mapping[str, Any], answer: Mapping[str, Any], path: str) -> Any:
    """What an answer says of the leaf or list at `path`; None for nothing."""
    if "]." in path and question.rung in ("cells", "second"):
        row = _same_row(question, value, answer, row_of(path))
        return None if row is None else value_at(row, path[len(row_of(path)) + 1 :])
    return value_at(answer, _INDEX.sub("[0]", path))


def _same_row(question: FollowUp, value: Mapping[str, Any], answer: Mapping[str, Any], row: str) -> Any:
    """The row of an answer that shares most values with `row` of the record; None if none or several do.

    What is in question does not count.
    """
    name = row[: row.rindex("[")]
    rows = value_at(answer, _INDEX.sub("[0]", name))
    known = {path: _plain(leaf) for path, leaf in leaves(value_at(value, row), row) if path not in question.paths}
    if not isinstance(rows, list) or not known:
        return rows[0] if isinstance(rows, list) and len(rows) == 1 else None
    shared = [
        sum(_plain(value_at(candidate, path[len(row) + 1 :])) == leaf for path, leaf in known.items())
        for candidate in rows
    ]
    best = max(shared, default=0)
    return rows[shared.index(best)] if best and shared.count(best) == 1 else None


def _plain(leaf: Any) -> str:
    return alphanumeric(str(leaf)) if leaf is not None else ""


def _goes_on(question: FollowUp, path: str) -> bool:
    """Whether the list at `path` is continued: the one that was cut, or that of the row which holds it."""
    return question.rung == "continue" and f"{question.paths[0]}[".startswith(f"{path}[")


def _new_rows(question: FollowUp, path: str, before: Sequence[Any], after: Sequence[Any]) -> Sequence[Any]:
    """The rows of `after` that are to be added: not the one it was to go on from, nor one whose own list goes on."""
    if question.paths[0].startswith(f"{path}["):
        return after[1:]
    return after[1:] if before and after and after[0] == before[-1] else after


def json_copy(value: Any) -> Any:
    """Its own objects and lists, the same leaves."""
    if isinstance(value, dict):
        return {name: json_copy(below) for name, below in value.items()}
    return [json_copy(below) for below in value] if isinstance(value, list) else value


def _set(value: dict[str, Any], path: str, leaf: Any) -> None:
    """Set what stands at `path`, making the objects on the way."""
    *way, _ = parts(path)
    at: Any = value
    for part in way:
        if isinstance(part, str) and not isinstance(at.get(part), dict | list):
            at[part] = {}
        at = at[part]
    put(value, path, leaf)


def repeats(
    value: Mapping[str, Any], first: Mapping[str, Any], answers: Sequence[tuple[FollowUp, Mapping[str, Any]]]
) -> dict[str, Repeats]:
    """Leaf of `value` -> how often the answers say the same of it, of each that was asked for more than once.

    `first`: the first answer; `answers`: the later ones, taken or not; all of them coerced.
    """
    said: dict[str, list[tuple[Any, bool]]] = {}
    for path, leaf in leaves(first):
        if _as_long(path, first, value):
            said.setdefault(path, []).append((leaf, False))
    asked: set[str] = set()
    for question, answer in answers:
        for path, leaf in _told(question, value, answer):
            said.setdefault(path, []).append((leaf, question.rung == "second"))
            asked.add(path)
    return {path: _counted(leaf, said[path]) for path, leaf in leaves(value) if path in asked}


def _counted(value: Any, said: Sequence[tuple[Any, bool]]) -> Repeats:
    own = sum(leaf == value for leaf, second in said if not second)
    seconded = sum(leaf == value for leaf, second in said if second)
    return Repeats(max(0, own - 1), seconded if own else 0, len(said) - own - seconded)


def _told(question: FollowUp, value: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """(path in the record, leaf) of what an answer says of leaves that the record may have too."""
    if question.rung == "cells":
        asked = ((path, _after(question, value, answer, path)) for path in question.paths)
        yield from ((path, leaf) for path, leaf in asked if leaf is not None)
    elif question.rung != "continue":
        yield from ((path, leaf) for path, leaf in leaves(answer) if _as_long(path, answer, value))


def _as_long(path: str, answer: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Whether a leaf's list has as many rows in both: then they are taken to be the same rows."""
    name, bracket, _ = path.partition("[")
    return not bracket or len(value_at(answer, name) or ()) == len(value_at(value, name) or ())


def spans_of(reply: Reply, amendments: Sequence[Amendment]) -> list[Span]:
    """Where each value was read: what an amendment is about, by its own reply; a crop's boxes are not the page's."""
    spans = list(reply.spans)
    for amendment in amendments:
        if amendment.question.rung == "continue":
            continue
        about = tuple(amendment.question.paths)
        spans = [span for span in spans if not _is_about(about, span.path)]
        if amendment.question.box is None:
            spans += [span for span in amendment.reply.spans if _is_about(about, span.path)]
    return spans


def scores_of(amendments: Sequence[Amendment]) -> dict[str, float]:
    """Leaf or list -> how sure the last reply about it is of itself."""
    return {path: reply_score(amendment.reply) for amendment in amendments for path in amendment.question.paths}


def lists_of_others(amendments: Sequence[Amendment]) -> dict[str, str]:
    """What is taken from another engine -> the rule that says so: a list has no Edit for each of its leaves."""
    return {
        path: amendment.rule
        for amendment in amendments
        if amendment.question.rung == "second"
        for path in amendment.question.paths
    }


def _is_about(paths: Sequence[str], path: str) -> bool:
    return path in paths or any(path.startswith(f"{about}[") for about in paths)
