"""The tree of fields that a schema is: one `Node` a property, `Schema` at the root."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from decimal import Decimal
from itertools import chain
from typing import Any, Literal, TypeVar

from docpipe.records import Severity

T = TypeVar("T")
Kind = Literal["string", "integer", "number", "boolean", "date", "datetime", "object", "array"]
ArrayRole = Literal[
    "line_items", "receipt_items", "tax_breakdown", "key_values", "checkboxes", "tables", "chart_series"
]
Role = Literal["", "issuer", "recipient", "title", "chart_type", "x_axis", "y_axis"] | ArrayRole
Sign = Literal["", "positive", "negative"]
ValueType = Literal["", "money", "quantity", "rate", "name", "address", "identifier", "text"]

MAX_DIGITS = 38  # of decimal128, decimal places among them
MAX_STRING_CHARS = 20_000  # of one text value: what a page prints
MAX_ITEMS = 10_000  # that a schema may ask of a list at the least
MOST_MINOR = 3  # decimals that the amounts of any currency have
INT64 = (-(2**63), 2**63 - 1)  # what an integer column holds


@dataclass(frozen=True, slots=True)
class Node:
    """One field. `name` is the property's name ("" at the root and for an array's items).

    kind         the declared type; `{"type": "string", "format": "date"}` is kind "date"
    title        its title in the JSON Schema, "" if none
    labels       language code -> the words documents print for this field (x-docpipe.labels)
    weak_labels  the same for words that documents print for other things too (x-docpipe.weak_labels)
    format       JSON Schema format, e.g. "date", "currency", "iban", "vat-id", "email"; "" if none
    scale        decimal places of an exact decimal; None for other kinds (a "number" without scale
                 is a double)
    enum         the allowed strings, if closed (whole numbers stand in the document alone)
    values       of each of them, the words that documents print for it
    role         of an object: "issuer" is the party that made the document, "recipient" the one it
                 is addressed to; of a string "title" is the document's own, and what a chart has of its
                 kind ("chart_type", "x_axis", "y_axis"); of an array of objects what
                 its rows are on paper, e.g. "line_items" (x-docpipe.role); "" if none
    sign         of a number: the one that its values have, whatever is printed (x-docpipe.sign); "" if as printed
    type         what a number or a string means, e.g. "money" (x-docpipe.type); "" if the schema does not say
    children     of an object, in the schema's order;   item: of an array
    table        of an array of objects: its child table's name
    mixed        of a string whose values may be numbers: its column is two, as printed and as a number
    renamed_from names that the field had before, under which an output may still have it
    important    whoever reads the table relies on it: a record in which anything speaks against it goes to review
    """

    name: str
    kind: Kind
    description: str = ""
    title: str = ""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    weak_labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    required: bool = False
    nullable: bool = True
    format: str = ""
    pattern: str = ""
    enum: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scale: int | None = None
    minimum: Decimal | int | None = None
    maximum: Decimal | int | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    role: Role = ""
    type: ValueType = ""
    sign: Sign = ""
    children: tuple[Node, ...] = ()
    item: Node | None = None
    table: str = ""
    mixed: bool = False
    renamed_from: tuple[str, ...] = ()
    important: bool = False

    def signed(self, value: Decimal) -> Decimal:
        """`value` with the sign that the field has, if it has one."""
        return value if not self.sign else abs(value) if self.sign == "positive" else -abs(value)

    def child(self, name: str) -> Node | None:
        """The child of that name, or None."""
        return next((node for node in self.children if node.name == name), None)

    def all_labels(self) -> tuple[str, ...]:
        """Every printed label of this field, in all languages, in the schema's order, once each."""
        return tuple(dict.fromkeys(chain.from_iterable(self.labels.values())))

    def all_weak_labels(self) -> tuple[str, ...]:
        """Every weak label of this field, in all languages, in the schema's order, once each."""
        return tuple(dict.fromkeys(chain.from_iterable(self.weak_labels.values())))

    def leaves(self, prefix: str = "") -> Iterator[tuple[str, Node]]:
        """(path, node) of every scalar below, not entering arrays: ("seller.name", node)."""
        for node in self.children:
            path = f"{prefix}.{node.name}" if prefix else node.name
            if node.kind == "object":
                yield from node.leaves(path)
            elif node.kind != "array":
                yield path, node

    def leaves_of_all(self, prefix: str = "") -> Iterator[tuple[str, Node]]:
        """(path, node) of every scalar below, those of lists too, their paths without indices."""
        yield from self.leaves(prefix)
        for path, array in self.arrays(prefix):
            assert array.item is not None
            if array.item.kind == "object":
                yield from array.item.leaves_of_all(path)
            else:
                yield path, array.item

    def arrays(self, prefix: str = "") -> Iterator[tuple[str, Node]]:
        """(path, node) of every array below, not entering their items."""
        for node in self.children:
            path = f"{prefix}.{node.name}" if prefix else node.name
            if node.kind == "array":
                yield path, node
            elif node.kind == "object":
                yield from node.arrays(path)

    def changed(self, change: Callable[[str, Node], Node], prefix: str = "") -> Node:
        """The node with `change(path, node)` for every node below, those in items too, their paths without indices.

        What stands below a node is changed before the node itself.
        """
        children = []
        for child in self.children:
            path = f"{prefix}.{child.name}" if prefix else child.name
            item = child.item.changed(change, path) if child.item is not None else None
            children.append(change(path, replace(child.changed(change, path), item=item)))
        return replace(self, children=tuple(children))


def is_amount(node: Node) -> bool:
    """Whether a number is an amount of money to its last decimal; prices, of a finer scale, may have more decimals."""
    return node.type == "money" and (node.scale is None or node.scale <= MOST_MINOR)


@dataclass(frozen=True, slots=True)
class Check:
    """A named rule between fields: `left` and `right` must agree within `tolerance`.

    `each` is the path of an array whose items are tested one by one ("" for the whole record). The
    expressions name fields by dotted path and may use + - * / abs() round() sum() count() or_zero():
    `sum(line_items.amount)`. A check with a null operand is not evaluated, but null counts as 0 in `or_zero()`.
    `alternatives`: what a right document may have in the place of `right`, where it prints what they name.
    `tolerance` is a number, or "2 minor units" of the record's currency.
    """

    name: str
    left: str
    op: Literal["==", "<=", ">=", "<", ">"]
    right: str
    tolerance: str = "0"
    severity: Severity = "error"
    each: str = ""
    description: str = ""
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """A loaded schema. `document` is the JSON Schema as read; `fingerprint` the hash of its meaning.

    `structure_fingerprint` leaves checks, descriptions and labels out: equal means equal columns.
    `question_fingerprint` leaves only checks and former names out: equal means that the same is asked.
    `guidance` is advice to a model beyond the fields' own descriptions, `summary` the paths of what tells a
    record at a glance.
    """

    name: str
    title: str
    description: str
    root: Node
    checks: tuple[Check, ...]
    document: Mapping[str, Any] = field(repr=False)
    fingerprint: str = ""
    structure_fingerprint: str = ""
    question_fingerprint: str = ""
    guidance: str = ""
    summary: tuple[str, ...] = ()
    visual_tokens: tuple[int, int] | None = None  # least and most a page deserves, of 28x28 pixels
    python_class: str = ""  # a pydantic class that the user brought, as schema.python_class finds it anywhere
    _made: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def made(self, name: str, make: Callable[[Schema], T]) -> T:
        """What `make` makes of this schema, made once and kept under `name` for as long as the schema lives."""
        if name not in self._made:
            self._made[name] = make(self)
        kept: T = self._made[name]
        return kept

    def __reduce__(self) -> tuple[type[Schema], tuple[Any, ...]]:
        """What was made of it stays in its process."""
        return Schema, tuple(getattr(self, slot.name) for slot in fields(self) if slot.init)
