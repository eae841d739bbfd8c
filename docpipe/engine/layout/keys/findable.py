"""How this engine would find each field of a schema, in words: before a document is read, not after."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.keys.field_names import Names
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.scalars.without_key import SHAPES
from docpipe.schema.nodes import Node, Schema

Means = Literal["labels", "words", "format", "pattern", "place", "arithmetic", "form", "name", "review", "none"]

LISTED = 6  # fields that one line names


@dataclass(frozen=True, slots=True)
class Findable:
    """How the field at `path` is found. `how` is a phrase: "by 3 labels".

    means  "name": by its name alone, less sure than by labels; "review": by a name so general that its value always
           goes to review; "none": not at all
    """

    path: str
    means: Means
    how: str


def findable(schema: Schema) -> tuple[Findable, ...]:
    """Every scalar of the schema, those of lists too, in the schema's order."""
    compiled = compile_schema(schema)
    fields = {field.path: field for field in compiled.index.fields}
    names = compiled.by_name.names if compiled.by_name is not None else {}
    special = {**_alone(compiled, names), **dict(_special(compiled))}
    tied = {amount.path for amount in compiled.tied}
    return tuple(
        special.get(path) or _findable(path, node, fields.get(path), names.get(path), path in tied)
        for path, node in schema.root.leaves_of_all()
    )


def by_name_only(schema: Schema, reference: str) -> tuple[str, ...]:
    """What a run says about fields that are looked for by their names, or cannot be found: a line, or none."""
    found = findable(schema)
    named = [each.path for each in found if each.means in ("name", "review")]
    blind = [each.path for each in found if each.means == "none"]
    if not named and not blind:
        return ()
    have = "fields have no labels and are looked for by their names"
    if len(named) == 1:
        have = "field has no labels and is looked for by its name"
    parts = [f"{len(named)} {have} ({_listed(named)})"] if named else []
    parts += [f"{len(blind)} cannot be found ({_listed(blind)})"] if blind else []
    return (f"layout: {'; '.join(parts)}: see `docpipe schemas check {reference}`",)


def _listed(paths: Sequence[str]) -> str:
    return ", ".join(paths[:LISTED]) + (", ..." if len(paths) > LISTED else "")


def _findable(path: str, node: Node, field: Field | None, names: Names | None, tied: bool) -> Findable:
    """A field without a rule of its own; `tied`: a check ties it to other amounts."""
    if field is None:
        return Findable(path, "none", "not at all: lists of single values and lists in lists are not read")
    if node.kind == "datetime":
        return Findable(path, "none", "not at all: dates with a time of day are not read")
    labels = len(node.all_labels())
    if labels:
        return Findable(path, "labels", f"by {labels} label{'s' * (labels > 1)}")
    too = f", or by its name: {_quoted(names)} (lower prior)" if names is not None else ""
    means = _by_type(field)
    if means is not None:
        return Findable(path, means[0], means[1] + too)
    check = ", or by the checks that tie it to other amounts" if tied else ""
    if names is None:
        if tied:
            return Findable(path, "arithmetic", "by the checks that tie it to other amounts, where they leave one role")
        return Findable(path, "none", "not at all: its name is too general; add x-docpipe.labels")
    if names.general:
        return Findable(path, "review", f"by its name: {_quoted(names)} (so general that it goes to review){check}")
    return Findable(path, "name", f"by its name: {_quoted(names)} (lower prior){check}")


def _by_type(field: Field) -> tuple[Means, str] | None:
    """How a field is found without any key; None for a cell, and where the type proves nothing."""
    node = field.node
    if field.array:
        return None
    if node.format in SHAPES:
        return "format", f"by its format {node.format}"
    if node.format == "currency":
        return "format", "by the signs beside amounts"
    if node.enum:
        return "words", "by the words for its values at the head of a line"
    if node.pattern and not node.format:
        return "pattern", "by its pattern, where one print fits it"
    return None


def _quoted(names: Names) -> str:
    if not names.keys:
        return f"'{names.inner[0]}' under the heading of its object"
    own = [key for key in names.keys if key not in names.captions] or names.keys
    more = f" or {len(names.captions)} captions that documents print for it" if names.captions else ""
    return " or ".join(f"'{key}'" for key in own[:2]) + more


def _special(compiled: CompiledSchema) -> Iterator[tuple[str, Findable]]:
    """Fields that are found by a rule for their kind, whatever they are called."""
    for title in compiled.titles:
        yield title.path, Findable(title.path, "place", "by its place: the largest type at the head")
    for pairs in compiled.pairs:
        for cell in (pairs.key, pairs.value):
            yield cell.path, Findable(cell.path, "form", "by every key on the page and its entry")
    for boxes in compiled.checkboxes:
        for cell in (boxes.label, boxes.checked, *([boxes.group] if boxes.group else [])):
            yield cell.path, Findable(cell.path, "form", "by every tick box on the page")
    yield from _of_tables(compiled)
    roles = {section.path: section.role for section in compiled.index.sections if section.role}
    for field in compiled.index.fields:
        if field.section in roles and field.type in ("name", "address") and not field.node.all_labels():
            yield (
                field.path,
                Findable(field.path, "place", f"by its place: the {field.type} of the {roles[field.section]}"),
            )
    for receipt in compiled.receipts:
        for each in (receipt.name, receipt.amount, receipt.count, receipt.price):
            if each is not None and not each.node.all_labels():
                yield each.path, Findable(each.path, "arithmetic", "by a check that computes the amounts of its rows")


def _of_tables(compiled: CompiledSchema) -> Iterator[tuple[str, Findable]]:
    for grids in compiled.grids:
        rows = [path for part in grids.rows for path in (part.cells, *(column.path for column in part.columns))]
        for path in filter(None, (grids.title, grids.pages, grids.header, *rows)):
            yield path, Findable(path, "form", "by every table on the page")


def _alone(compiled: CompiledSchema, names: Mapping[str, Names]) -> dict[str, Findable]:
    """Cells of arrays of which fewer than two columns have a key: no header of theirs is known."""
    how = "not at all: a table is known by two columns with labels or telling names"
    known = Counter(field.array for field in compiled.index.fields if field.node.all_labels() or field.path in names)
    return {
        field.path: Findable(field.path, "none", how)
        for field in compiled.index.fields
        if field.array and known[field.array] < 2
    }
