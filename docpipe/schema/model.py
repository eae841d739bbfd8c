"""The two validators of a schema: a strict pydantic model, and jsonschema as the second opinion."""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    create_model,
)

from docpipe.literals.currencies import iso_codes
from docpipe.literals.identifiers import iban_valid
from docpipe.literals.numbers import as_written
from docpipe.schema.keywords import REFUSED
from docpipe.schema.nodes import INT64, MAX_DIGITS, MAX_STRING_CHARS, Node, Schema
from docpipe.schema.patterns import matcher
from docpipe.schema.python_class import python_model
from docpipe.schema.storable import in_utc

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

_REFUSED_WORDS = dict.fromkeys(REFUSED)  # no validator of theirs ever runs, wherever they stand
# Keywords that need no validator of their own: they name no other schema, or reach it by "properties" and "items".
_PLAIN = {"type", "enum", "const", "format", "pattern", "minLength", "maxLength", "minimum", "maximum"} | {
    *("exclusiveMinimum", "exclusiveMaximum", "multipleOf", "title", "description", "default", "examples"),
    *("deprecated", "readOnly", "writeOnly", "$comment", "x-docpipe"),
    *("properties", "required", "additionalProperties", "items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
}

_SAMPLES: tuple[Any, ...] = (
    "",
    True,
    None,
    0,
    Decimal(0),
    {},
    [],
)  # of each type that coerce leaves: the type alone says what it is

_WIDE = Context(prec=1_000)  # the quotient of the largest number of a record by the smallest double


def record_model(schema: Schema) -> type[BaseModel]:
    """The pydantic model that a record must satisfy: the user's own class, or one built strictly.

    Strict: no value changes its type on the way in. Money is Decimal with at most `scale` places.
    Raises pydantic's own errors if a pattern cannot be compiled.
    """
    return schema.made("record model", _record_model)


def _record_model(schema: Schema) -> type[BaseModel]:
    return python_model(schema.python_class) if schema.python_class else _model(schema.root, schema.name)


def _model(node: Node, name: str) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for index, child in enumerate(node.children):
        kind = _type(child, f"{name}_{child.name}")
        if child.nullable or not child.required:
            kind = kind | None
        default = ... if child.required else None
        fields[f"field{index}"] = (kind, Field(default, alias=child.name))  # a property may be named like a method
    config = ConfigDict(extra="forbid", strict=True, frozen=True, protected_namespaces=())
    model: type[BaseModel] = create_model(name, __config__=config, **fields)
    return model


def _type(node: Node, name: str) -> Any:
    if node.kind == "object":
        return _model(node, name)
    if node.kind == "array":
        assert node.item is not None
        item = _type(node.item, name)
        if node.item.nullable:
            item = item | None
        return Annotated[list[item], Field(max_length=node.max_items)]  # type: ignore[valid-type]
    return _scalar(node)


def _scalar(node: Node) -> Any:
    if node.enum:
        return Literal[node.enum]
    if node.kind == "number":
        bounds = Field(
            ge=None if node.minimum is None else Decimal(node.minimum),
            le=None if node.maximum is None else Decimal(node.maximum),
            allow_inf_nan=False,
            max_digits=MAX_DIGITS if node.scale is not None else None,
            decimal_places=node.scale,
        )
        return Annotated[Decimal, bounds]
    if node.kind == "integer":
        low = INT64[0] if node.minimum is None else max(int(node.minimum), INT64[0])
        high = INT64[1] if node.maximum is None else min(int(node.maximum), INT64[1])
        return Annotated[StrictInt, Field(ge=low, le=high)]
    if node.kind == "string":
        longest = min(node.max_length or MAX_STRING_CHARS, MAX_STRING_CHARS)
        return Annotated[str, Field(min_length=node.min_length, max_length=longest, pattern=node.pattern or None)]
    if node.kind == "datetime":
        return Annotated[dt.datetime, AfterValidator(_storable)]
    return {"boolean": StrictBool, "date": dt.date}[node.kind]


def _storable(value: dt.datetime) -> dt.datetime:
    in_utc(value)
    return value


def json_validator(schema: Schema) -> Validator:
    """A Draft 2020-12 validator that takes Decimals as numbers and checks formats.

    Numbers are compared exactly, as the schema writes them; lists are told apart in linear time; patterns are
    matched by schema.patterns; what schema.keywords refuses is never run; a $ref may not leave the document.
    """
    return schema.made("json validator", _json_validator)


def _json_validator(schema: Schema) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker, validators
    from referencing import Registry

    numbers = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number)
    kind = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {
            **_REFUSED_WORDS,
            "pattern": _pattern,
            "multipleOf": _multiple_of,
            "uniqueItems": _unique_items,
            **_bounds(),
            **_quick(schema.document),
        },
        type_checker=numbers,
    )
    formats = FormatChecker(formats=("date", "date-time", "email", "ipv4", "ipv6", "uuid", "time"))
    shaped, _ = formats.checkers["date-time"]
    formats.checks("date-time", raises=ValueError)(lambda value: bool(shaped(value)) and _is_storable(value))
    formats.checks("iban")(lambda value: not isinstance(value, str) or iban_valid(value))
    formats.checks("currency")(lambda value: not isinstance(value, str) or value in iso_codes())
    validator: Validator = kind(schema.document, format_checker=formats, registry=Registry())
    return validator


def _quick(document: Mapping[str, Any]) -> dict[str, Callable[..., Iterator[Any]]]:
    """The keywords "properties" and "items" for `document`: what is plain is judged by the validator at hand.

    To make one for each value, as jsonschema does, takes nine tenths of its time. Where a keyword finds a
    fault, and below all that is not plain, it descends as ever.
    """
    plain = {id(subschema): subschema for subschema in _subschemas(document) if subschema.keys() <= _PLAIN}
    known: dict[int, _Plain] = {}

    def judge(validator: Any, schema: Any, value: Any, step: str | int, told: str | None) -> Iterator[Any]:
        if id(schema) not in known and id(schema) in plain:
            known[id(schema)] = _Plain.of(validator, schema)
        quick = known.get(id(schema))
        if quick is None or quick.is_at_fault(validator, value, schema):
            yield from validator.descend(value, schema, path=step, schema_path=told)

    def properties(validator: Any, known: Mapping[str, Any], value: Any, _: Any) -> Iterator[Any]:
        for name in known if validator.is_type(value, "object") else ():
            if name in value:
                yield from judge(validator, known[name], value[name], name, name)

    def items(validator: Any, schema: Any, value: Any, around: Mapping[str, Any]) -> Iterator[Any]:
        first = len(around.get("prefixItems", ()))
        for at, item in enumerate(value[first:], first) if validator.is_type(value, "array") else ():
            yield from judge(validator, schema, item, at, None)

    return {"properties": properties, "items": items}


@dataclass(frozen=True, slots=True)
class _Plain:
    """A subschema's keywords for the validator's own functions; `kinds` are the types of Python that it lets pass."""

    kinds: frozenset[type]
    keywords: tuple[tuple[Callable[..., Iterator[Any] | None], Any], ...]

    @classmethod
    def of(cls, validator: Any, schema: Mapping[str, Any]) -> _Plain:
        named = schema.get("type")
        types = [named] if isinstance(named, str) else named
        kinds = {
            type(sample)
            for sample in _SAMPLES
            if types is None or any(validator.is_type(sample, name) for name in types)
        }
        found = ((validator.VALIDATORS.get(name), told) for name, told in schema.items() if name != "type")
        return cls(frozenset(kinds), tuple((judge, told) for judge, told in found if judge is not None))

    def is_at_fault(self, validator: Any, value: Any, schema: Mapping[str, Any]) -> bool:
        if type(value) not in self.kinds:
            return True
        return any(True for judge, told in self.keywords for _ in judge(validator, told, value, schema) or ())


def _subschemas(schema: Any) -> Iterator[Mapping[str, Any]]:
    """What stands in "properties" and "items" at any depth of `schema`."""
    if isinstance(schema, Mapping):
        properties = schema.get("properties")
        inner = [*properties.values()] if isinstance(properties, Mapping) else []
        yield from (below for below in [*inner, schema.get("items")] if isinstance(below, Mapping))
        for below in schema.values():
            yield from _subschemas(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _subschemas(below)


def _is_number(_: Any, value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _is_storable(value: Any) -> bool:
    """Whether a moment as text lies within the years that a column can hold. Raises ValueError."""
    return not isinstance(value, str) or bool(in_utc(dt.datetime.fromisoformat(value)))


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    if isinstance(value, str) and not matcher(pattern)(value):
        yield _fault(f"{value!r} does not match {pattern!r}")


def _bounds() -> dict[str, Callable[..., Iterator[Any]]]:
    """minimum and its like, exact: 0.1 in a schema is a tenth, not the double next to it."""
    broken: dict[str, tuple[Callable[[Any, Any], bool], str]] = {
        "minimum": (operator.lt, "is less than the minimum of"),
        "maximum": (operator.gt, "is greater than the maximum of"),
        "exclusiveMinimum": (operator.le, "is less than or equal to the minimum of"),
        "exclusiveMaximum": (operator.ge, "is greater than or equal to the maximum of"),
    }

    def judge(word: str) -> Callable[..., Iterator[Any]]:
        is_broken, words = broken[word]

        def bound(_: Any, stated: Any, value: Any, __: Any) -> Iterator[Any]:
            if _is_number(None, value) and is_broken(value, as_written(stated)):
                yield _fault(f"{value} {words} {stated}")

        return bound

    return {word: judge(word) for word in broken}


def _multiple_of(_: Any, step: Any, value: Any, __: Any) -> Iterator[Any]:
    if _is_number(None, value) and _WIDE.remainder(Decimal(value), Decimal(repr(step))):
        yield _fault(f"{value} is not a multiple of {step}")


def _unique_items(_: Any, stated: bool, value: Any, __: Any) -> Iterator[Any]:
    if stated and isinstance(value, list) and len({_key(item) for item in value}) < len(value):
        yield _fault("holds an entry twice")


def _key(value: Any) -> Any:
    """Equal for what JSON Schema calls equal, and hashable: 1 is 1.0, but not true."""
    if isinstance(value, dict):
        return frozenset((name, _key(below)) for name, below in value.items())
    if isinstance(value, list):
        return tuple(map(_key, value))
    return isinstance(value, bool), value


@cache
def _fault_kind() -> Any:
    from jsonschema import ValidationError as Fault

    return Fault


def _fault(message: str) -> Any:
    return _fault_kind()(message)


def json_ready(value: Any) -> Any:
    """`value` with dates as ISO text, for jsonschema; numbers stay exact Decimals."""
    if isinstance(value, dict):
        return {name: json_ready(below) for name, below in value.items()}
    if isinstance(value, list):
        return [json_ready(below) for below in value]
    return value.isoformat() if isinstance(value, dt.date) else value
