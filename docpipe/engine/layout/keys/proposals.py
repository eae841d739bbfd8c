"""Roles and types that a schema does not declare, proposed from its labels, its checks and its arrays' parts.

`docpipe schemas check` asks whether the author meant them. A plan takes them where nothing is declared, so that a
schema without declarations is read too; what is declared is never proposed, whatever the labels say.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, cast

from docpipe.engine.layout.arrays import computed_items, rate_arrays, summary_arrays
from docpipe.engine.layout.keys import concepts
from docpipe.engine.layout.keys.fields import Field, fields_of, key_of, type_of_kind, words_of
from docpipe.literals.lexicon import all_languages
from docpipe.schema.equations import Equation, equations_of
from docpipe.schema.nodes import Node, Role, Schema, ValueType
from docpipe.schema.roles import FORM_ROLES, role_fault

BLOCK_CHARS = 500  # a string that may be longer than this takes several lines

_WORDS = all_languages()
_IDENTIFYING = frozenset(map(key_of, _WORDS.identifier_labels))
_RATES = frozenset(("%", *map(key_of, _WORDS.rate_labels)))
_NAMES = frozenset(map(key_of, _WORDS.name_labels))
_ADDRESSES = frozenset(map(key_of, _WORDS.address_labels))
_COUNTS = frozenset(map(key_of, _WORDS.quantity_labels))


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the node at `path` (without indices) may be meant to declare: its role or its type."""

    path: str
    key: Literal["role", "type"]
    value: str


def proposals(schema: Schema) -> tuple[Proposal, ...]:
    """Types, then roles, of what declares none; in the schema's order."""
    types = tuple(Proposal(path, "type", value) for path, value in _types(schema.root, "", "", in_array=False))
    root = with_proposals(schema, types).root
    fields = tuple(fields_of(root, "", "", ""))
    equations = equations_of(schema.checks)
    addressed = any(node.role == "recipient" for node in _objects(root))
    found = []
    for path, array in root.arrays():
        role = "" if array.role else _array_role(path, array, fields, equations, addressed)
        if role:
            found.append(Proposal(path, "role", role))
    return (*types, *found)


def with_proposals(schema: Schema, proposed: Sequence[Proposal]) -> Schema:
    """The schema as if it declared what is proposed."""
    wanted = {proposal.path: proposal for proposal in proposed}

    def declared(path: str, node: Node) -> Node:
        mine = wanted.get(path)
        if mine is None:
            return node
        if mine.key == "type":
            return replace(node, type=cast("ValueType", mine.value))
        return replace(node, role=cast("Role", mine.value))

    return replace(schema, root=schema.root.changed(declared)) if wanted else schema


def _objects(node: Node) -> Iterator[Node]:
    for child in node.children:
        if child.kind == "object":
            yield child
            yield from _objects(child)


def _types(node: Node, path: str, role: Role, *, in_array: bool) -> Iterator[tuple[str, ValueType]]:
    """(path, type) of the values below that declare none and look like one."""
    types = [child.type or _type(child) for child in node.children]
    if role:
        types = _party_types(node, types)
    for child, value in zip(node.children, types, strict=True):
        here = f"{path}.{child.name}" if path else child.name
        if child.kind == "object":
            yield from _types(child, here, child.role, in_array=in_array)
        elif child.kind == "array":
            if child.item is not None and child.item.kind == "object" and not in_array:
                yield from _types(child.item, here, "", in_array=True)
        elif value != (child.type or type_of_kind(child)):
            yield here, value


def _type(node: Node) -> ValueType:
    """What a value looks like, as far as kind, length and the labels' own words tell."""
    if node.kind in ("number", "integer"):
        return "rate" if _share(node, _RATES) > 0.3 else "quantity" if _share(node, _COUNTS) > 0.2 else ""
    if type_of_kind(node) != "text":
        return ""
    if _share(node, _ADDRESSES) > 0.25:
        return "address" if (node.max_length or BLOCK_CHARS) >= BLOCK_CHARS else "text"
    if _share(node, _NAMES) > 0.5:
        return "name"
    return "identifier" if _share(node, _IDENTIFYING, whole=True) > 0.3 else "text"


def _party_types(node: Node, types: Sequence[ValueType]) -> list[ValueType]:
    """The types of a party's fields: an address takes several lines, and the first other text is the name."""
    found: list[ValueType] = [
        "address" if value == "text" and not child.type and _share(child, _ADDRESSES) > 0.25 else value
        for child, value in zip(node.children, types, strict=True)
    ]
    open_texts = [at for at, child in enumerate(node.children) if found[at] == "text" and not child.type]
    if "name" not in found and open_texts:
        found[open_texts[0]] = "name"
    return found


def _share(node: Node, words: Collection[str], whole: bool = False) -> float:
    """Share of the labels that hold one of `words`, as a token or as a part of their key."""
    labels = node.all_labels()
    if whole:
        hits = sum(any(word in words for word in words_of(label)) for label in labels)
    else:
        hits = sum(any(word in key_of(label) for word in words) for label in labels)
    return hits / len(labels) if labels else 0.0


def _array_role(
    path: str, array: Node, fields: Iterable[Field], equations: Sequence[Equation], addressed: bool
) -> Role:
    """What the rows of an array seem to be; `addressed`: the schema knows whom the document is addressed to."""
    mine = [field for field in fields if field.array == path]
    if not any(field.node.all_labels() for field in mine):
        for role in FORM_ROLES:
            if not role_fault(role, "array", array.item) and all(_is_open(field.node) for field in mine):
                return "" if all(_is_column(field.node) for field in mine) else role
    items = computed_items(fields, {path}, equations)
    of_items: Role = "line_items" if addressed else "receipt_items"
    if any(item.count is not None for item in items):
        return of_items
    if summary_arrays(fields, {path}, equations) or any(
        set(rate_array.amount.node.all_labels()) & set(rate_array.total.node.all_labels())
        for rate_array in rate_arrays(fields, {path}, equations)
    ):
        return "tax_breakdown"
    return of_items if items else ""


def _is_column(node: Node) -> bool:
    """Whether a name is of one column of a table, "subject" or "grade", and not of a part of any pair, "label"."""
    words = node.name.replace("_", " ").lower()
    return bool(concepts.captioned(words)) and not concepts.is_said_of_anything(words)


def _is_open(node: Node) -> bool:
    return node.kind == "boolean" or not (node.enum or node.format or node.pattern)
