"""What stands behind a $ref, a lone allOf or an `anyOf [X, null]`: one plain schema, or a fault."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MAX_HOPS = 8

_UNMAPPED = (
    "oneOf",
    "allOf",
    "not",
    "if",
    "then",
    "else",
    "patternProperties",
    "prefixItems",
    "dependentSchemas",
)
_TEXT: Mapping[str, Any] = {"type": "string"}  # stands in for what cannot be used

Raw = Mapping[str, Any]
Fault = Callable[[str], None]


def plain(document: Raw, raw: Raw, fault: Fault) -> tuple[Raw, bool]:
    """(schema without indirections, whether it takes null). `fault` is told what has no typed column.

    A $ref is followed inside `document` only.
    """
    nullable = False
    for _ in range(MAX_HOPS):
        around = {key: value for key, value in raw.items() if key not in ("$ref", "allOf", "anyOf")}
        if "$ref" in raw:
            raw = {**_target(document, raw["$ref"], fault), **around}
        elif len(raw.get("allOf", [])) == 1:
            raw = {**raw["allOf"][0], **around}
        elif "anyOf" in raw:
            options = [option for option in raw["anyOf"] if option.get("type") != "null"]
            nullable = nullable or len(options) < len(raw["anyOf"])
            raw = {**_one_of(options, fault), **around}
        else:
            break
    else:
        fault("$ref goes in a circle")
        return _TEXT, True
    for keyword in _UNMAPPED:
        if keyword in raw:
            fault(f"{keyword} has no typed column; state one type instead")
    types = raw.get("type")
    return raw, nullable or (isinstance(types, list) and "null" in types) or None in raw.get("enum", [])


def _one_of(options: list[Raw], fault: Fault) -> Raw:
    if len(options) == 1:
        return options[0]
    fault("anyOf of several types has no typed column; state one type")
    return _TEXT


def _target(document: Raw, reference: Any, fault: Fault) -> Raw:
    if not str(reference).startswith("#/"):
        fault(f"$ref {reference!r} leaves the file; only #/... is followed")
        return _TEXT
    found: Any = document
    for part in str(reference)[2:].split("/"):
        name = part.replace("~1", "/").replace("~0", "~")
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        fault(f"$ref {reference!r} points at nothing")
        return _TEXT
    return found


def meta_problems(document: Mapping[str, Any]) -> list[str]:
    """What makes the document no JSON Schema 2020-12; [] if it is one."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(document)
    except SchemaError as error:
        return [f"{error.json_path}: {error.message}"]
    except RecursionError:
        return ["nested too deeply"]
    return []
