"""What stands behind a $ref, a lone allOf or an `anyOf [X, null]`: one plain schema, or a fault."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from docpipe.schema.keywords import refused

MAX_HOPS = 8
DEFAULT_SCALE = 6  # of a pydantic Decimal that states no decimal_places

_DECIMAL_TEXT = re.compile(r"\^\(\?!\^\[-\+\.\]\*\$\)|\^-\?\(\?:.*0E\[\+-\]")  # pydantic's pattern of a Decimal as text
_DECIMAL_PLACES = re.compile(r"\\\.\??(?:\\d|\[0-9\])\{0,(\d{1,3})\}0\*")
_TEXT: Mapping[str, Any] = {"type": "string"}  # stands in for what cannot be used

Raw = Mapping[str, Any]
Fault = Callable[[str], None]


def plain(document: Raw, raw: Raw, fault: Fault) -> tuple[Raw, bool]:
    """(schema without indirections, whether it takes null). `fault` is told what has no typed column.

    A $ref is followed inside `document` only. A Decimal as pydantic writes it, a number or a text, is a number
    with the places of the text's pattern as its "x-scale".
    """
    nullable = False
    for _ in range(MAX_HOPS):
        around = {key: value for key, value in raw.items() if key not in ("$ref", "allOf", "anyOf")}
        if "$ref" in raw:
            raw = {**_target(document, raw["$ref"], fault), **around}
        elif isinstance(raw.get("allOf"), list):
            raw = {**_all_of(raw["allOf"], fault), **around}
        elif isinstance(raw.get("anyOf"), list):
            options = [option for option in raw["anyOf"] if not _is_null(option)]
            nullable = nullable or len(options) < len(raw["anyOf"])
            raw = {**_one_of(options, fault), **around}
        else:
            break
    else:
        fault("$ref goes in a circle")
        return _TEXT, True
    for what in refused(raw):
        fault(what)
    if _DECIMAL_TEXT.match(str(raw.get("pattern", ""))):
        fault("is a Decimal as pydantic writes it out as text; use model_json_schema(mode='validation')")
        return _TEXT, True
    types = raw.get("type")
    return raw, nullable or (isinstance(types, list) and "null" in types) or None in raw.get("enum", [])


def references(document: Raw, raw: Raw) -> Iterator[str]:
    """The targets of the $refs that lead from `raw` to its plain schema."""
    for _ in range(MAX_HOPS):
        options = [option for option in raw.get("anyOf", []) if isinstance(option, Mapping) and not _is_null(option)]
        inner = [*raw.get("allOf", []), *options]
        if "$ref" in raw:
            yield str(raw["$ref"])
            raw = _target(document, raw["$ref"], lambda _: None)
        elif len(inner) == 1 and isinstance(inner[0], Mapping):
            raw = inner[0]
        else:
            break


def _is_null(option: Any) -> bool:
    return isinstance(option, Mapping) and option.get("type") == "null"


def _all_of(options: list[Any], fault: Fault) -> Raw:
    if len(options) == 1 and isinstance(options[0], Mapping):
        found: Raw = options[0]
        return found
    fault("allOf takes one schema here; write the keywords of several in one")
    return _TEXT


def _one_of(options: list[Any], fault: Fault) -> Raw:
    kinds = [option.get("type") if isinstance(option, Mapping) else None for option in options]
    if len(options) == 1 and isinstance(options[0], Mapping):
        found: Raw = options[0]
        return found
    if kinds == ["number", "string"] and set(options[1]) <= {"type", "pattern"}:
        places = _DECIMAL_PLACES.search(str(options[1].get("pattern", "")))
        return {**options[0], "x-scale": int(places[1]) if places else DEFAULT_SCALE}
    named = ", ".join(kind for kind in kinds if isinstance(kind, str))
    hint = "; for text that may be a number there is x-docpipe.mixed" if "string" in kinds else ""
    fault(f"anyOf of several types{f' ({named})' if named else ''} has no typed column; state one type{hint}")
    return _TEXT


def _target(document: Raw, reference: Any, fault: Fault) -> Raw:
    if not str(reference).startswith("#/"):
        what = "is the whole schema: a field cannot hold it" if reference == "#" else "leaves the file"
        fault(f"$ref {reference!r} {what}; only #/... is followed")
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
    """What makes the document no JSON Schema 2020-12; [] if it is one.

    Patterns are not looked at: the validator would give them to Python's `re`; schema.patterns judges them.
    """
    from jsonschema import Draft202012Validator, FormatChecker
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(document, format_checker=FormatChecker(formats=()))
    except SchemaError as error:
        return [f"{error.json_path}: {error.message[:500]}"]
    except RecursionError:
        return ["nested too deeply"]
    return []
