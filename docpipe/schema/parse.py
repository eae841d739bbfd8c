"""A JSON Schema document -> the tree of Nodes, collecting every fault on the way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from math import ceil, floor
from typing import Any, cast

from docpipe.literals.numbers import as_written
from docpipe.schema import fingerprint
from docpipe.schema.columns import column_problems
from docpipe.schema.keywords import misspelt, value_problems
from docpipe.schema.names import RULE, is_name
from docpipe.schema.nodes import INT64, MAX_ITEMS, MAX_STRING_CHARS, Kind, Node, Role, Schema, Sign, ValueType
from docpipe.schema.patterns import pattern_fault
from docpipe.schema.refs import meta_problems, plain, references
from docpipe.schema.roles import role_fault, sign_fault, type_fault
from docpipe.schema.rules import parse_checks

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z")
MAX_DEPTH = 8
MAX_FIELDS = 2_000
MAX_SCALE = 12
MAX_ENUM = 2_000  # values of one field
MAX_VISUAL_TOKENS = 16_384  # of one page; what qwen-vl-utils allows an image

_KINDS = {"string", "integer", "number", "boolean", "object", "array"}
_FORMAT_KINDS: dict[str, Kind] = {"date": "date", "date-time": "datetime"}
_EXTENSION_KEYS = {"labels", "checks", "table", "scale", "role", "type", "guidance", "visual_tokens", "values"} | {
    *("renamed_from", "mixed", "summary", "important", "sign", "weak_labels"),
}


def parse_document(document: Mapping[str, Any], name: str, python_class: str = "") -> tuple[Schema | None, list[str]]:
    """(Schema, []) or (None or a part of it, every problem found)."""
    problems = value_problems(document) or meta_problems(document)
    if not is_name(name):
        problems.append(f"name {name!r}: use {RULE} (it names a table)")
    if problems:
        return None, problems
    parser = _Parser(document)
    root = parser.node(document, "", "", required=True, depth=0)
    if root.kind != "object":
        return None, parser.problems or ["the root must be an object with properties"]
    extension = _extension(document)
    schema = Schema(
        name=name,
        title=str(document.get("title", name)),
        description=str(document.get("description", "")),
        root=root,
        checks=parse_checks(extension.get("checks", []), root, parser.fault),
        document=document,
        fingerprint=fingerprint.meaning(document),
        structure_fingerprint=fingerprint.structure(root),
        question_fingerprint=fingerprint.question(document),
        guidance=str(extension.get("guidance", "")),
        summary=parser.summary(extension, root),
        visual_tokens=parser.visual_tokens(extension),
        python_class=python_class,
    )
    return schema, parser.problems + column_problems(schema)


def _extension(document: Mapping[str, Any]) -> Mapping[str, Any]:
    found = document.get("x-docpipe", {})
    return found if isinstance(found, Mapping) else {}


class _Parser:
    """Walks the document once; `problems` says where (dotted path) and what."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.document = document
        self.problems: list[str] = []
        self.fields = 0
        self.open: list[str] = []  # targets of the $refs that are being followed

    def fault(self, path: str, what: str) -> None:
        self.problems.append(f"{path or '(root)'}: {what}")

    def node(self, raw: Mapping[str, Any], name: str, path: str, *, required: bool, depth: int) -> Node:
        """One node and all below it; a fault leaves a plain string in its place."""
        self.fields += 1
        if depth > MAX_DEPTH or self.fields > MAX_FIELDS:
            if self.fields <= MAX_FIELDS + 1:
                self.fault(path, f"more than {MAX_DEPTH} levels or {MAX_FIELDS} fields")
            return Node(name, "string")
        targets = list(references(self.document, raw))
        if any(target in self.open for target in targets):
            self.fault(path, f"holds itself, by $ref {targets[-1]}: a tree without an end has no columns")
            return Node(name, "string")
        self.open += targets
        found = self.typed(raw, name, path, required=required, depth=depth)
        del self.open[len(self.open) - len(targets) :]
        return found

    def typed(self, raw: Mapping[str, Any], name: str, path: str, *, required: bool, depth: int) -> Node:
        known = len(self.problems)
        raw, nullable = plain(self.document, raw, lambda what: self.fault(path, what))
        if len(self.problems) > known:
            return Node(name, "string")  # what else is wrong with it follows from that
        for what in misspelt(raw):
            self.fault(path, what)
        self.default(raw, path)
        kind, scale = self.kind(raw, path)
        extension = self.extension(raw, path)
        scale = self.scale(extension, kind, scale, path)
        children: tuple[Node, ...] = ()
        item: Node | None = None
        if kind == "object":
            children = self.children(raw, path, depth)
        elif kind == "array":
            item = self.item(raw, path, depth)
        return Node(
            name=name,
            kind=kind,
            description=str(raw.get("description", "")),
            title=str(raw.get("title", "")),
            labels=self.labels(extension, path),
            weak_labels=self.weak_labels(extension, kind, path),
            required=required,
            nullable=nullable,
            format=str(raw.get("format", "")),
            pattern=self.pattern(raw, kind, path),
            enum=(enum := self.enum(raw, kind, path)),
            values=self.values(extension, enum, path),
            scale=scale,
            minimum=self.bounds(raw, kind, path)[0],
            maximum=self.bounds(raw, kind, path)[1],
            min_length=self.lengths(raw, "Length", MAX_STRING_CHARS, path)[0],
            max_length=self.lengths(raw, "Length", MAX_STRING_CHARS, path)[1],
            max_items=self.lengths(raw, "Items", MAX_ITEMS, path)[1],
            role=self.role(extension, kind, item, path),
            type=self.type(extension, raw, kind, path),
            sign=self.sign(extension, raw, kind, path),
            children=children,
            item=item,
            table=self.table(extension, item, path),
            mixed=self.mixed(extension, raw, kind, path),
            renamed_from=self.former(extension, path),
            important=self.important(extension, kind, path),
        )

    def kind(self, raw: Mapping[str, Any], path: str) -> tuple[Kind, int | None]:
        """(kind, scale of a pydantic Decimal or None)."""
        types = raw.get("type", "string" if "enum" in raw or "const" in raw else None)
        options = [name for name in (types if isinstance(types, list) else [types]) if name != "null"]
        if len(options) != 1 or options[0] not in _KINDS:
            self.fault(path, f"needs exactly one type of {', '.join(sorted(_KINDS))} (and null)")
            return "string", None
        if options[0] == "string":
            return _FORMAT_KINDS.get(str(raw.get("format", "")), "string"), None
        return cast("Kind", options[0]), raw.get("x-scale")

    def children(self, raw: Mapping[str, Any], path: str, depth: int) -> tuple[Node, ...]:
        properties = raw.get("properties", {})
        if isinstance(raw.get("additionalProperties"), Mapping) and raw["additionalProperties"]:
            self.fault(
                path,
                "additionalProperties: a map from names to values has no columns; write a list of objects with a "
                "field for the name and one for the value",
            )
        elif not properties:
            self.fault(path, "an object needs properties")
        needed = set(raw.get("required", []))
        for name in sorted(needed - set(properties)):
            self.fault(path, f"requires {name!r}, which is not among its properties")
        found: list[Node] = []
        for name, below in properties.items():
            where = f"{path}.{name}" if path else name
            if name.startswith("_"):
                self.fault(where, "names that begin with _ are docpipe's own")
            elif not is_name(name):
                self.fault(where, f"use {RULE} (it names a column)")
            if isinstance(below, Mapping):
                found.append(self.node(below, name, where, required=name in needed, depth=depth + 1))
            else:
                self.fault(where, "needs a schema, not true or false")
        return tuple(found)

    def item(self, raw: Mapping[str, Any], path: str, depth: int) -> Node:
        items = raw.get("items")
        if not isinstance(items, Mapping):
            self.fault(path, "an array needs items with a type")
            return Node("", "string")
        item = self.node(items, "", f"{path}[]", required=True, depth=depth + 1)
        if item.kind == "array":
            self.fault(path, "an array of arrays has no table; put an object between")
        return item

    def pattern(self, raw: Mapping[str, Any], kind: Kind, path: str) -> str:
        pattern = str(raw.get("pattern", ""))
        if pattern and (what := pattern_fault(pattern)):
            self.fault(path, what)
        return pattern if kind == "string" else ""

    def lengths(self, raw: Mapping[str, Any], of: str, bound: int, path: str) -> tuple[int | None, int | None]:
        """(least, most) of minLength and maxLength, or of minItems and maxItems."""
        least, most = raw.get(f"min{of}"), raw.get(f"max{of}")
        for word, told in ((f"min{of}", least), (f"max{of}", most)):
            if isinstance(told, float):
                self.fault(path, f"{word} is written as a whole number, not as {told!r}")
                return None, None
        if least is not None and least > bound:
            self.fault(path, f"min{of} is {least}, and no more than {bound} are taken")
        elif least is not None and most is not None and least > most:
            self.fault(path, f"min{of} is {least} and max{of} {most}: nothing fits")
        return least, most

    def bounds(
        self, raw: Mapping[str, Any], kind: Kind, path: str
    ) -> tuple[Decimal | int | None, Decimal | int | None]:
        """(minimum, maximum), exact as written; of an integer the whole numbers within them."""
        least: Decimal | int | None = as_written(raw.get("minimum"))
        most: Decimal | int | None = as_written(raw.get("maximum"))
        if kind == "integer":
            least, most = None if least is None else ceil(least), None if most is None else floor(most)
            if (least or 0) > INT64[1] or (most or 0) < INT64[0]:
                self.fault(path, "minimum and maximum leave nothing of the whole numbers of 64 bits")
        if least is not None and most is not None and least > most:
            self.fault(path, f"minimum is {least} and maximum {most}: nothing fits")
        return least, most

    def default(self, raw: Mapping[str, Any], path: str) -> None:
        """A default would be a value that no page says: only one that means "nothing" is taken."""
        if raw.get("default") not in (None, "", [], {}) or isinstance(raw.get("default"), bool):
            self.fault(
                path,
                f"its default {raw['default']!r} would stand for what no page says; make it null (in pydantic: "
                "`| None = None`), and fill it in where the table is read",
            )

    def table(self, extension: Mapping[str, Any], item: Node | None, path: str) -> str:
        """The name that the table of an array of objects shall have; "" for its path's."""
        stated = extension.get("table", "")
        if "table" in extension and (item is None or item.kind != "object"):
            self.fault(path, "x-docpipe.table names the table of an array of objects, and of nothing else")
        elif stated != "" and not is_name(stated):
            self.fault(path, f"x-docpipe.table is a name: {RULE}")
        else:
            return str(stated)
        return ""

    def enum(self, raw: Mapping[str, Any], kind: Kind, path: str) -> tuple[str, ...]:
        if "enum" not in raw and "const" not in raw:
            return ()
        stated = raw["enum"] if "enum" in raw else [raw["const"]]
        values = [value for value in stated if value is not None]
        kept: list[Any] = [str] if kind == "string" else [int] if kind == "integer" else []
        if not kept:
            self.fault(path, "an enum is of text, or of whole numbers with the type integer")
        elif any(type(value) not in kept for value in values):
            self.fault(path, f"enum values must be {'strings' if kind == 'string' else 'whole numbers'} here")
        elif not 0 < len(values) <= MAX_ENUM:
            self.fault(path, f"an enum has 1 to {MAX_ENUM} values")
        elif twice := sorted({repr(value) for value in values if values.count(value) > 1}):
            self.fault(path, f"enum states {', '.join(twice[:5])} twice")
        elif kind == "string":
            return tuple(values)
        return ()

    def values(self, extension: Mapping[str, Any], enum: tuple[str, ...], path: str) -> dict[str, tuple[str, ...]]:
        stated = extension.get("values", {})
        if not isinstance(stated, Mapping) or not set(stated) <= set(enum):
            self.fault(path, "x-docpipe.values names words for values of the enum, and for nothing else")
            return {}
        words = {value: self.labels({"labels": by_language}, path) for value, by_language in stated.items()}
        return {value: tuple(dict.fromkeys(sum(found.values(), ()))) for value, found in words.items()}

    def extension(self, raw: Mapping[str, Any], path: str) -> Mapping[str, Any]:
        if not isinstance(raw.get("x-docpipe", {}), Mapping):
            self.fault(path, "x-docpipe must be an object")
        for key in sorted(set(_extension(raw)) - _EXTENSION_KEYS):
            self.fault(path, f"x-docpipe.{key} is unknown; known: {', '.join(sorted(_EXTENSION_KEYS))}")
        return _extension(raw)

    def scale(self, extension: Mapping[str, Any], kind: Kind, scale: int | None, path: str) -> int | None:
        stated = extension.get("scale", scale)
        if stated is None:
            return None
        if kind != "number" or isinstance(stated, bool) or not isinstance(stated, int):
            self.fault(path, "x-docpipe.scale is a whole number of decimal places of a number")
        elif not 0 <= stated <= MAX_SCALE:
            self.fault(path, f"x-docpipe.scale must lie within 0 and {MAX_SCALE}")
        else:
            return stated
        return None

    def weak_labels(self, extension: Mapping[str, Any], kind: Kind, path: str) -> dict[str, tuple[str, ...]]:
        found = self.labels(extension, path, "weak_labels")
        if found and (kind in ("object", "array") or "[]" in path):
            self.fault(path, "x-docpipe.weak_labels are of a value outside lists")
        both = {text for texts in found.values() for text in texts} & {
            text for texts in self.labels(extension, path).values() for text in texts
        }
        if both:
            self.fault(path, f"a label is weak or not: {', '.join(sorted(both))}")
        return found

    def labels(self, extension: Mapping[str, Any], path: str, word: str = "labels") -> dict[str, tuple[str, ...]]:
        raw = extension.get(word, {})
        found: dict[str, tuple[str, ...]] = {}
        stated: list[tuple[Any, Any]] = list(raw.items()) if isinstance(raw, Mapping) else [("", None)]
        for language, texts in stated:
            fine = isinstance(texts, list) and all(isinstance(text, str) and text.strip() for text in texts)
            if not fine or not LANGUAGE.match(str(language)):
                self.fault(path, f'x-docpipe.{word} must look like {{"en": ["Invoice number", ...]}}')
            else:
                found[language] = tuple(texts)
        return found

    def mixed(self, extension: Mapping[str, Any], raw: Mapping[str, Any], kind: Kind, path: str) -> bool:
        stated = extension.get("mixed", False)
        fits = kind == "string" and not (raw.get("enum") or raw.get("format") or path.endswith("[]"))
        if not isinstance(stated, bool) or (stated and not fits):
            self.fault(path, "x-docpipe.mixed is true or false, and true only of a plain string that stands alone")
            return False
        return stated

    def important(self, extension: Mapping[str, Any], kind: Kind, path: str) -> bool:
        stated = extension.get("important", False)
        if stated not in (True, False) or not isinstance(stated, bool) or (stated and kind == "object"):
            self.fault(path, "x-docpipe.important is true or false, and true only of a value or a list")
            return False
        return stated

    def former(self, extension: Mapping[str, Any], path: str) -> tuple[str, ...]:
        stated = extension.get("renamed_from", [])
        names = [stated] if isinstance(stated, str) else stated
        if not isinstance(names, list) or not all(map(is_name, names)):
            self.fault(path, "x-docpipe.renamed_from is the name that the field had before, or a list of such names")
            return ()
        return tuple(names)

    def summary(self, extension: Mapping[str, Any], root: Node) -> tuple[str, ...]:
        stated = extension.get("summary", [])
        known = {path for path, _ in root.leaves()}
        if not isinstance(stated, list) or not all(isinstance(text, str) for text in stated):
            self.fault("x-docpipe.summary", 'must look like ["invoice_number", "seller.name"]')
            return ()
        for path in stated:
            if path not in known:
                self.fault("x-docpipe.summary", f"no field {path!r} outside lists")
        return tuple(dict.fromkeys(stated))

    def visual_tokens(self, extension: Mapping[str, Any]) -> tuple[int, int] | None:
        stated = extension.get("visual_tokens")
        if stated is None:
            return None
        match stated:
            case [int(least), int(most)] if 4 <= least <= most <= MAX_VISUAL_TOKENS:
                return least, most
        self.fault("x-docpipe.visual_tokens", f"is [least, most], within 4 and {MAX_VISUAL_TOKENS}")
        return None

    def role(self, extension: Mapping[str, Any], kind: Kind, item: Node | None, path: str) -> Role:
        stated = extension.get("role", "")
        if stated != "" and (what := role_fault(stated, kind, item)):
            self.fault(path, what)
            return ""
        return cast("Role", stated)

    def sign(self, extension: Mapping[str, Any], raw: Mapping[str, Any], kind: Kind, path: str) -> Sign:
        stated = extension.get("sign", "")
        if stated != "" and (what := sign_fault(stated, self.bounds(raw, kind, path), kind)):
            self.fault(path, what)
            return ""
        return cast("Sign", stated)

    def type(self, extension: Mapping[str, Any], raw: Mapping[str, Any], kind: Kind, path: str) -> ValueType:
        stated = extension.get("type", "")
        if stated != "" and (what := type_fault(stated, raw, kind)):
            self.fault(path, what)
            return ""
        return cast("ValueType", stated)
