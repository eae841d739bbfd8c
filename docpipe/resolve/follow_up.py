"""What to ask an engine again, and what its second answer changes. Data only: extract does the asking.

The ladder, each rung only if the one before did not help (docs/resolve.md):

1. certain rules          resolve.repair, no question asked
2. "fields"               the failing fields alone, with their exact errors, on the same pages
3. "closer"               the same, on the crop of the page where they should stand, rendered larger
4. "rows"                 a list that is too short, from its pages one by one: the smaller window
   "continue"             a list that was cut, after its last complete row
5. review
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docpipe.records import Box, Edit, Page, Violation
from docpipe.resolve.decode import decode
from docpipe.resolve.merge import Part
from docpipe.resolve.tolerant import Decoded
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, parts, put
from docpipe.schema.refs import plain

Rung = Literal["fields", "closer", "rows", "continue"]

_INDEX = re.compile(r"\[\d+\]")

REFUSED = ("wrong_type", "invalid", "missing", "hidden_text", "ungrounded")
MARGIN = 0.02  # of the page, around a crop
BELOW = 0.12  # of the page's height, under a caption
MAX_FIELDS = 12  # of one question


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One question to ask again.

    `paths`: the leaves, or the list, that the answer is about; `errors`: why, in words. `schema`: the
    JSON Schema of just these. `pages`: the numbers of those to show. `box`: the part of the only page
    to show, larger; None for all of it. `after`: the last complete row of a list to be continued, as
    JSON.
    """

    rung: Rung
    paths: tuple[str, ...]
    errors: tuple[str, ...]
    schema: Mapping[str, Any] = field(repr=False)
    pages: tuple[int, ...]
    box: Box | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Amendment:
    """A question and the text that answered it."""

    question: FollowUp
    text: str


def follow_ups(schema: Schema, part: Part, violations: Iterable[Violation], pages: Sequence[Page]) -> list[FollowUp]:
    """What to ask about `part`, the most useful first; [] if nothing that asking could mend is wrong.

    `violations`: those of the record, checks included. `pages`: those of the window, with their words.
    """
    wrong = [one for one in violations if one.severity == "error"]
    if part.cut is not None:
        return [_continue(schema, part, pages)] if part.cut else []
    short = [one for one in wrong if one.rule == "incomplete_rows" and one.paths]
    lists = [_rows(schema, one, page) for one in short for page in pages]
    return [*_fields(schema, part, wrong, pages), *lists]


def _continue(schema: Schema, part: Part, pages: Sequence[Page]) -> FollowUp:
    """The rest of the list that was being written: from the page on which its last complete row stands."""
    path = part.cut or ""
    rows = _at(part.value, path) or []
    reached = max((one.page for one in part.fields if one.page and one.path.startswith(f"{path}[")), default=0)
    rest = tuple(page.number for page in pages if page.number >= reached)
    last = json.dumps(rows[-1], default=str, ensure_ascii=False) if rows else ""
    why = f"the answer broke off while {path} was written, after {len(rows)} rows"
    return FollowUp("continue", (path,), (why,), sub_schema(schema, [generic(path)]), rest, None, last)


def _rows(schema: Schema, short: Violation, page: Page) -> FollowUp:
    path = short.paths[0]
    return FollowUp("rows", (path,), (short.message,), sub_schema(schema, [generic(path)]), (page.number,))


def _fields(schema: Schema, part: Part, wrong: Sequence[Violation], pages: Sequence[Page]) -> list[FollowUp]:
    """The failing leaves outside of lists, on all pages, then each page's own closer."""
    checks = {check.name for check in schema.checks}
    scalars = {path for path, _ in schema.root.leaves()}
    found = {one.path: one for one in part.fields if one.value is not None}
    errors: dict[str, str] = {}
    for violation in wrong:
        suspects = [path for path in violation.paths if path in scalars]
        if violation.rule in checks:
            loose = [path for path in suspects if found[path].page is None] if set(suspects) <= set(found) else []
            suspects = loose or suspects
        if violation.rule in checks or violation.rule in REFUSED:
            errors.update({path: violation.message for path in suspects if path not in errors})
    paths = tuple(errors)[:MAX_FIELDS]
    if not paths:
        return []
    asked, why = sub_schema(schema, paths), tuple(dict.fromkeys(errors[path] for path in paths))
    numbers = tuple(page.number for page in pages)
    closer = [
        FollowUp("closer", paths, why, asked, (page.number,), box)
        for page in pages
        if (box := _where(schema, paths, part, page)) is not None
    ]
    return [FollowUp("fields", paths, why, asked, numbers), *closer]


def _where(schema: Schema, paths: Sequence[str], part: Part, page: Page) -> Box | None:
    """The part of `page` around the captions and places of `paths`; None if it shows none of them."""
    nodes = dict(schema.root.leaves())
    captions = {text.casefold() for path in paths for text in nodes[path].all_labels()}
    boxes = [box for one in part.fields if one.path in paths and one.page == page.number for box in one.boxes]
    lines: dict[tuple[int, int], list[Any]] = {}
    for word in page.words:
        if word.visible:
            lines.setdefault((word.block, word.line), []).append(word)
    for line in lines.values():
        text = " ".join(word.text for word in line).casefold()
        if any(text.startswith(caption) for caption in captions):
            first = line[0].box
            boxes += [(first[0], first[1], 1.0, first[3] + BELOW), *_around(first, page)]
    if not boxes:
        return None
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (
        max(0.0, min(x0) - MARGIN), max(0.0, min(y0) - MARGIN), min(1.0, max(x1) + MARGIN), min(1.0, max(y1) + MARGIN)
    )  # fmt: skip


def _around(word: Box, page: Page) -> list[Box]:
    """The paragraph or table of `page` that the word stands in; [] for a heading, whose value is below it."""
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    holding = (one for one in page.geometry.regions if one.box[0] <= x <= one.box[2] and one.box[1] <= y <= one.box[3])
    return [one.box for one in holding if one.kind in ("text", "table")]


def sub_schema(schema: Schema, paths: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of `schema` with the fields at `paths` (without indices) and no others; no checks."""
    tree: dict[str, Any] = {}
    for path in paths:
        at = tree
        for name in path.split("."):
            at = at.setdefault(name, {})
    document = schema.document
    pruned = _pruned(document, document, tree)
    guidance = document.get("x-docpipe", {}).get("guidance")
    pruned.pop("x-docpipe", None)
    return {**pruned, **({"x-docpipe": {"guidance": guidance}} if guidance else {})}


def _pruned(document: Mapping[str, Any], raw: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    if not tree:
        return dict(raw)
    found, _ = plain(document, raw, lambda _: None)
    if "items" in found:
        return {**found, "items": _pruned(document, found["items"], tree)}
    kept = {name: _pruned(document, below, tree[name]) for name, below in found["properties"].items() if name in tree}
    return {**found, "properties": kept, "required": [name for name in found.get("required", ()) if name in kept]}


def amended(first: Decoded, amendments: Sequence[Amendment]) -> Decoded:
    """`first` with what the later answers say, an Edit `asked:<rung>` for each value that changes.

    "continue" appends rows; "rows" replaces a list by a longer one; the others replace leaves, never by
    null. Raises DecodeError if an amendment is not JSON.
    """
    value, edits, cut = json_copy(first.value), list(first.edits), first.cut
    for amendment in amendments:
        question, told = amendment.question, decode(amendment.text)
        rule = f"asked:{question.rung}"
        for path in question.paths:
            before, after = _at(value, path), _at(told.value, _INDEX.sub("[0]", path))
            if question.rung == "continue":
                cut = None if told.cut is None else path
                after = [*(before or []), *_new_rows(before or [], after or [])]
            if question.rung in ("rows", "continue"):
                if isinstance(after, list) and len(after) > len(before or []):
                    _set(value, path, after)
                    edits.append(Edit(path, f"{len(before or [])} rows", f"{len(after)} rows", rule))
            elif after is not None and after != before:
                _set(value, path, after)
                edits.append(Edit(path, before, after, rule))
    return Decoded(value, tuple(edits), cut)


def _new_rows(before: Sequence[Any], after: Sequence[Any]) -> Sequence[Any]:
    """`after` without the row that it was to go on from, where it begins with it."""
    return after[1:] if before and after and after[0] == before[-1] else after


def json_copy(value: Any) -> Any:
    """Its own objects and lists, the same leaves."""
    if isinstance(value, dict):
        return {name: json_copy(below) for name, below in value.items()}
    return [json_copy(below) for below in value] if isinstance(value, list) else value


def _at(value: Any, path: str) -> Any:
    for part in parts(path):
        if isinstance(value, Mapping) and isinstance(part, str):
            value = value.get(part)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return None
    return value


def _set(value: dict[str, Any], path: str, leaf: Any) -> None:
    """Set what stands at `path`, making the objects on the way."""
    *way, _ = parts(path)
    at: Any = value
    for part in way:
        if isinstance(part, str) and not isinstance(at.get(part), dict | list):
            at[part] = {}
        at = at[part]
    put(value, path, leaf)
