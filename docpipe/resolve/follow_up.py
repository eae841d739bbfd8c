"""What to ask an engine again. Data only: docpipe.extract.follow_ups does the asking.

The ladder, each rung only if the one before did not help (docs/resolve.md):

1. certain rules          resolve.repair, no question asked
2. "fields"               the failing fields alone, with their exact errors, on the same pages
   "cells"                the rows with failing fields, on the crop of the page where they stand
3. "closer"               the fields, on the crop of the page where they should stand, rendered larger
4. "rows"                 a list that is too short, from its pages one by one: the smaller window
   "continue"             a list that was cut, after its last complete row, and what is written after it
5. "second"               the whole question, to another engine: resolve.second
6. review
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from docpipe.page.box import Box
from docpipe.page.lines import read_page
from docpipe.records import Page, Violation
from docpipe.resolve.merge import Part
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic, value_at
from docpipe.schema.refs import plain
from docpipe.schema.wire import following, on_wire

Rung = Literal["fields", "cells", "closer", "rows", "continue", "second"]

REFUSED = ("wrong_type", "invalid", "missing", "hidden_text", "ungrounded")
MARGIN = 0.02  # of the page, around a crop
BELOW = 0.12  # of the page's height, under a key
MAX_FIELDS = 12  # of one question


@dataclass(frozen=True, slots=True)
class FollowUp:
    """One question to ask again.

    `paths`: the leaves, or the lists, that the answer is about; `errors`: why, in words. `schema`: the
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


def follow_ups(schema: Schema, part: Part, violations: Iterable[Violation], pages: Sequence[Page]) -> list[FollowUp]:
    """What to ask about `part`, the most useful first; [] if nothing that asking could mend is wrong.

    `violations`: those of the record, checks included. `pages`: those of the window, with their words.
    """
    wrong = [violation for violation in violations if violation.severity == "error"]
    if part.cut is not None:
        return _continue(schema, part, pages)
    errors = suspects(schema, part, wrong)
    short = [violation for violation in wrong if violation.rule == "incomplete_rows" and violation.paths]
    lists = [_rows(schema, violation, page) for violation in short for page in pages]
    fields, cells = _fields(schema, part, errors, pages), _cells(schema, part, errors, pages)
    return [*fields[:1], *cells, *fields[1:], *lists]


def suspects(schema: Schema, part: Part, wrong: Sequence[Violation]) -> dict[str, str]:
    """Leaf -> what is wrong with it, in words; of a broken check those that stand nowhere, failing these all."""
    checks = {check.name for check in schema.checks}
    known = {path for path, _ in schema.root.leaves_of_all()}
    fields = {leaf.path: leaf for leaf in part.fields if leaf.value is not None}
    errors: dict[str, str] = {}
    for violation in wrong:
        paths = [path for path in violation.paths if generic(path) in known and _is_leaf(schema, path)]
        if violation.rule in checks:
            loose = [path for path in paths if fields[path].page is None] if set(paths) <= set(fields) else []
            paths = loose or paths
        if violation.rule in checks or violation.rule in REFUSED:
            errors.update({path: violation.message for path in paths if path not in errors})
    return errors


def _is_leaf(schema: Schema, path: str) -> bool:
    """Whether `path` is that of one value: of the record, or of one of its rows."""
    return "]." in path if "[" in path else any(path == leaf for leaf, _ in schema.root.leaves())


def _continue(schema: Schema, part: Part, pages: Sequence[Page]) -> list[FollowUp]:
    """The rest of the list that was being written, and all that is written after it; [] where no list is known.

    If that is the rest of one list, it begins on the page on which the last complete row stands.
    """
    path = part.cut or _last_list(schema.root, part.value)
    later = following(schema.root, path) if path else None
    if later is None:
        return []
    rows = value_at(part.value, path) or []
    reached = max((leaf.page for leaf in part.fields if leaf.page and leaf.path.startswith(f"{path}[")), default=0)
    rest = tuple(page.number for page in pages if later or page.number >= reached)
    last = json.dumps(rows[-1], default=str, ensure_ascii=False) if rows else ""
    why = f"the answer broke off while {path} was written, after {len(rows)} rows"
    if "[" in path:
        why += f"; begin with what is left of {row_of(path)}"
    asked = _outermost([generic(wanted) for wanted in (path, *later)])
    return [FollowUp("continue", (path, *later), (why,), sub_schema(schema, asked), rest, None, last)]


def _last_list(node: Node, value: Any) -> str:
    """The path of the list that an answer was written as far as; "" if it ends in no list."""
    for child in reversed(on_wire(node)):
        below = value_at(value, child.name)
        if child.kind == "object" and (path := _last_list(child, below)):
            return f"{child.name}.{path}"
        if child.kind == "array" and below:
            return child.name
        if child.kind not in ("object", "array") and below is not None:
            return ""
    return ""


def _outermost(paths: Sequence[str]) -> list[str]:
    """`paths` without those below another of them."""
    return [path for path in paths if not any(path.startswith(f"{other}.") for other in paths)]


def _rows(schema: Schema, short: Violation, page: Page) -> FollowUp:
    path = short.paths[0]
    return FollowUp("rows", (path,), (short.message,), sub_schema(schema, [generic(path)]), (page.number,))


def _fields(schema: Schema, part: Part, errors: Mapping[str, str], pages: Sequence[Page]) -> list[FollowUp]:
    """The failing leaves outside of lists, on all pages, then each page's own closer."""
    paths = tuple(path for path in errors if "[" not in path)[:MAX_FIELDS]
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


def _cells(schema: Schema, part: Part, errors: Mapping[str, str], pages: Sequence[Page]) -> list[FollowUp]:
    """The failing leaves of rows: a question for each list and page, about the part of it where these rows stand.

    Whole rows are asked for: what else stands in them tells which is which, and a column is read among its neighbours.
    """
    together: dict[tuple[str, int | None], list[str]] = {}
    for path in errors:
        if "]." in path:
            row = row_of(path)
            page = next((leaf.page for leaf in part.fields if leaf.page and leaf.path.startswith(f"{row}.")), None)
            together.setdefault((row[: row.rindex("[")], page), []).append(path)
    questions = []
    for (path, page_number), all_failing in together.items():
        failing = all_failing[:MAX_FIELDS]
        rows = tuple(dict.fromkeys(row_of(leaf) for leaf in failing))
        why = dict.fromkeys(errors[leaf] for leaf in failing)
        why |= dict.fromkeys(f"{row} was read as {_written(part, row)}" for row in rows)
        shown = (page_number,) if page_number is not None else tuple(page.number for page in pages)
        asked = sub_schema(schema, [generic(path)])
        questions.append(FollowUp("cells", tuple(failing), tuple(why), asked, shown, _across(part, rows, page_number)))
    return questions


def row_of(path: str) -> str:
    """The row in which a leaf stands: `lines[2].amount` -> `lines[2]`."""
    return path[: path.rindex("].") + 1]


def _written(part: Part, path: str) -> str:
    return json.dumps(value_at(part.value, path), default=str, ensure_ascii=False)


def _across(part: Part, rows: Sequence[str], page: int | None) -> Box | None:
    """The band of page `page` on which `rows` stand; None if they stand nowhere."""
    standing = [
        leaf for leaf in part.fields if leaf.page == page and leaf.path.startswith(tuple(f"{row}." for row in rows))
    ]
    ys = [y for leaf in standing for box in leaf.boxes for y in (box.top, box.bottom)]
    return Box(0.0, max(0.0, min(ys) - MARGIN), 1.0, min(1.0, max(ys) + MARGIN)) if ys and page is not None else None


def _where(schema: Schema, paths: Sequence[str], part: Part, page: Page) -> Box | None:
    """The part of `page` around the keys and places of `paths`; None if it shows none of them."""
    nodes = dict(schema.root.leaves())
    keys = tuple(text.casefold() for path in paths for text in nodes[path].all_labels())
    boxes = [box for leaf in part.fields if leaf.path in paths and leaf.page == page.number for box in leaf.boxes]
    for line in read_page(page, 0).lines:
        for segment in line.segments:
            if segment.text.casefold().startswith(keys):
                first = segment.tokens[0].box.scaled(1 / page.width_pt, 1 / page.height_pt)
                boxes += [Box(first.left, first.top, 1.0, first.bottom + BELOW), *_around(first, page)]
    if not boxes:
        return None
    box = Box.around(boxes)
    return Box(
        max(0.0, box.left - MARGIN),
        max(0.0, box.top - MARGIN),
        min(1.0, box.right + MARGIN),
        min(1.0, box.bottom + MARGIN),
    )


def _around(word: Box, page: Page) -> list[Box]:
    """The paragraph or table of `page` that the word stands in; [] for a heading, whose value is below it."""
    holding = (region for region in page.geometry.regions if region.box.holds(word.mid_x, word.mid_y))
    return [region.box for region in holding if region.kind in ("text", "table")]


def sub_schema(schema: Schema, paths: Sequence[str]) -> dict[str, Any]:
    """The JSON Schema of `schema` with the fields at `paths` (without indices) and no others; no checks."""
    tree: dict[str, Any] = {}
    for path in paths:
        below = tree
        for name in path.split("."):
            below = below.setdefault(name, {})
    document = schema.document
    pruned = _pruned(document, document, tree)
    guidance = document.get("x-docpipe", {}).get("guidance")
    pruned.pop("x-docpipe", None)
    return {**pruned, **({"x-docpipe": {"guidance": guidance}} if guidance else {})}


def _pruned(document: Mapping[str, Any], raw: Mapping[str, Any], tree: Mapping[str, Any]) -> dict[str, Any]:
    if not tree:
        return dict(raw)
    node, _ = plain(document, raw, lambda _: None)
    if "items" in node:
        return {**node, "items": _pruned(document, node["items"], tree)}
    kept = {name: _pruned(document, below, tree[name]) for name, below in node["properties"].items() if name in tree}
    return {**node, "properties": kept, "required": [name for name in node.get("required", ()) if name in kept]}
