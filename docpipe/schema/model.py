"""The two validators of a schema: a strict pydantic model, and jsonschema as the second opinion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    TypeAdapter,
    ValidationError,
    create_model,
)
from pydantic_core import SchemaError

from docpipe.schema.nodes import Node, Schema
from docpipe.schema.values import currency_symbols, iban_valid

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MAX_DIGITS = 38  # of decimal128; 18 before the point suffice for any ledger
MAX_STRING_CHARS = 20_000
INT64 = (-(2**63), 2**63 - 1)  # what an integer column holds
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

_built: dict[str, type[BaseModel]] = {}
_validators: dict[str, Validator] = {}


def record_model(schema: Schema) -> type[BaseModel]:
    """The pydantic model that a record must satisfy: the user's own class, or one built strictly.

    Strict: no value changes its type on the way in. Money is Decimal with at most `scale` places.
    Raises pydantic's own errors if a pattern cannot be compiled.
    """
    model = _built.get(schema.fingerprint)
    if model is None:
        if schema.python_class:
            from docpipe.schema.load import python_model

            model = python_model(schema.python_class)
        else:
            model = _model(schema.root, schema.name)
        _built[schema.fingerprint] = model
    return model


def _model(node: Node, name: str) -> type[BaseModel]:
    fields: dict[str, Any] = {}
    for child in node.children:
        kind = _type(child, f"{name}_{child.name}")
        if child.nullable or not child.required:
            kind = kind | None
        fields[child.name] = (kind, ... if child.required else None)
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
            ge=node.minimum,
            le=node.maximum,
            allow_inf_nan=False,
            max_digits=MAX_DIGITS if node.scale is not None else None,
            decimal_places=node.scale,
        )
        return Annotated[Decimal, bounds]
    if node.kind == "integer":
        low = INT64[0] if node.minimum is None else max(node.minimum, INT64[0])
        high = INT64[1] if node.maximum is None else min(node.maximum, INT64[1])
        return Annotated[StrictInt, Field(ge=low, le=high)]
    if node.kind == "string":
        longest = min(node.max_length or MAX_STRING_CHARS, MAX_STRING_CHARS)
        return Annotated[str, Field(min_length=node.min_length, max_length=longest, pattern=node.pattern or None)]
    return {"boolean": StrictBool, "date": dt.date, "datetime": dt.datetime}[node.kind]


def json_validator(schema: Schema) -> Validator:
    """A Draft 2020-12 validator that takes Decimals as numbers and checks formats.

    multipleOf is not asked (jsonschema divides floats; the scale is pydantic's to check), patterns are
    matched by pydantic's linear-time engine, and a $ref may not leave the document.
    """
    found = _validators.get(schema.fingerprint)
    if found is None:
        found = _validators[schema.fingerprint] = _json_validator(schema)
    return found


def _json_validator(schema: Schema) -> Validator:
    from jsonschema import Draft202012Validator, FormatChecker, validators
    from referencing import Registry

    numbers = Draft202012Validator.TYPE_CHECKER.redefine("number", _is_number)
    kind = validators.extend(  # type: ignore[no-untyped-call]
        Draft202012Validator,
        {"pattern": _pattern, "multipleOf": None, **_quick(schema.document)},
        type_checker=numbers,
    )
    formats = FormatChecker(formats=("date", "date-time", "email", "ipv4", "ipv6", "uuid", "time"))
    formats.checks("iban")(lambda value: not isinstance(value, str) or iban_valid(value))
    formats.checks("currency")(lambda value: not isinstance(value, str) or currency_symbols().get(value) == value)
    validator: Validator = kind(schema.document, format_checker=formats, registry=Registry())
    return validator


def _quick(document: Mapping[str, Any]) -> dict[str, Callable[..., Iterator[Any]]]:
    """The keywords "properties" and "items" for `document`: what is plain is judged by the validator at hand.

    To make one for each value, as jsonschema does, takes nine tenths of its time. Where a keyword finds a
    fault, and below all that is not plain, it descends as ever.
    """
    plain = {id(one): one for one in _subschemas(document) if one.keys() <= _PLAIN}
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
        for at, one in enumerate(value[first:], first) if validator.is_type(value, "array") else ():
            yield from judge(validator, schema, one, at, None)

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
        kinds = {type(one) for one in _SAMPLES if types is None or any(validator.is_type(one, name) for name in types)}
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
        yield from (one for one in [*inner, schema.get("items")] if isinstance(one, Mapping))
        for below in schema.values():
            yield from _subschemas(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _subschemas(below)


def _is_number(_: Any, value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _pattern(_: Any, pattern: str, value: Any, __: Any) -> Iterator[Any]:
    from jsonschema import ValidationError as Fault

    if isinstance(value, str) and not _matcher(pattern)(value):
        yield Fault(f"{value!r} does not match {pattern!r}")


@cache
def _matcher(pattern: str) -> Callable[[str], bool]:
    """Whether a string matches, by pydantic's engine: linear in time, without lookaround."""
    adapter = TypeAdapter(Annotated[str, Field(pattern=pattern)])

    def matches(value: str) -> bool:
        try:
            adapter.validate_python(value)
        except ValidationError:
            return False
        return True

    return matches


def pattern_fault(pattern: str) -> str:
    """Why `pattern` cannot be used, or "" if it can."""
    try:
        _matcher(pattern)
    except SchemaError as error:
        return f"pattern {pattern!r} cannot be used (lookaround and backreferences cannot): {error}"
    return ""


def json_ready(value: Any) -> Any:
    """`value` with dates as ISO text, for jsonschema; numbers stay exact Decimals."""
    if isinstance(value, dict):
        return {name: json_ready(below) for name, below in value.items()}
    if isinstance(value, list):
        return [json_ready(below) for below in value]
    return value.isoformat() if isinstance(value, dt.date) else value
