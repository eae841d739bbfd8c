"""Which words of JSON Schema docpipe holds to, which it refuses and what to write instead, and what no file may hold.

Each of those that it holds to takes a time that grows with the schema plus the value, and no faster.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any

MAX_NESTING = 64  # of objects and arrays in a schema file: eight levels of fields take 40
MAX_NUMBER_DIGITS = 100  # of a number in a schema file

READ = frozenset(
    {"type", "enum", "const", "format", "pattern", "minLength", "maxLength"}
    | {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"}
    | {"properties", "required", "additionalProperties", "minProperties", "maxProperties"}
    | {"items", "minItems", "maxItems", "uniqueItems", "$ref", "$defs", "definitions", "anyOf", "allOf", "default"}
)
_SAYS_NOTHING = frozenset(
    {"$schema", "$id", "$anchor", "$comment", "$vocabulary", "title", "description", "examples", "deprecated"}
    | {"readOnly", "writeOnly", "contentEncoding", "contentMediaType"}
)
REFUSED: Mapping[str, str] = {
    **dict.fromkeys(
        ("if", "then", "else", "not", "dependentSchemas", "dependentRequired", "dependencies"),
        "has no typed column; state one type, and rules between fields as x-docpipe.checks",
    ),
    **dict.fromkeys(
        ("patternProperties", "propertyNames", "unevaluatedProperties"),
        "has no typed column; name every field under properties",
    ),
    **dict.fromkeys(
        ("contains", "minContains", "maxContains", "unevaluatedItems", "additionalItems"),
        "has no typed column; describe all entries of a list under items, and their number by minItems and maxItems",
    ),
    **dict.fromkeys(
        ("$dynamicRef", "$dynamicAnchor", "$recursiveRef", "$recursiveAnchor"),
        "is not followed; write $ref to #/$defs/NAME",
    ),
    "oneOf": "has no typed column; write anyOf of one type and null",
    "prefixItems": "(a tuple) has no typed column; write an object with a field for each place, or a list of one type",
    "contentSchema": "is not read; describe the fields themselves",
    "nullable": 'is not JSON Schema; write "type": ["string", "null"], or anyOf with null',
}


def refused(raw: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each word of `raw` that docpipe does not hold to, and what to write instead."""
    for keyword in raw:
        if keyword == "oneOf" and isinstance(raw.get("discriminator"), Mapping):
            yield _union(raw)
        elif keyword in REFUSED:
            yield f"{keyword} {REFUSED[keyword]}"


def misspelt(raw: Mapping[str, Any]) -> Iterator[str]:
    """Words of `raw` that look like one of JSON Schema's and are none; other unknown ones are notes of its author's."""
    known = {*READ, *_SAYS_NOTHING, *REFUSED}
    for keyword in raw:
        if keyword not in known and not keyword.startswith("x-"):
            for meant in get_close_matches(keyword, known, n=1, cutoff=0.85):
                yield f"{keyword} is no word of JSON Schema; did you mean {meant}?"


def _union(raw: Mapping[str, Any]) -> str:
    name = raw["discriminator"].get("propertyName", "")
    options = raw["oneOf"] if isinstance(raw["oneOf"], list) else []
    kinds = [str(option.get("$ref", "")).rpartition("/")[2] for option in options if isinstance(option, Mapping)]
    return (
        f"oneOf of {', '.join(filter(None, kinds)) or 'several objects'}, told apart by {name!r}, has no typed column; "
        f"write one object with the fields of all of them, each nullable, and {name!r} as an enum"
    )


def value_problems(document: Any) -> list[str]:
    """What no schema may hold, whatever it means: numbers that are none, half characters, boundless nesting."""
    return list(dict.fromkeys(_value_problems(document)))


def _value_problems(document: Any) -> Iterator[str]:
    waiting: list[tuple[str, Any, int]] = [("", document, 0)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > MAX_NESTING:
            yield f"{path[:80]}...: nested more than {MAX_NESTING} levels"
        elif isinstance(value, Mapping):
            for name, below in value.items():
                fault = "names are text" if not isinstance(name, str) else _text_fault(name)
                if fault:
                    yield f"{path or '(root)'}: {ascii(name)[:80]}: {fault}"
                waiting.append((f"{path}.{name}" if path else str(name), below, depth + 1))
        elif isinstance(value, list | tuple):
            waiting += [(f"{path}[{index}]", below, depth + 1) for index, below in enumerate(value)]
        elif fault := _scalar_fault(value):
            yield f"{path or '(root)'}: {fault}"


def _scalar_fault(value: Any) -> str:
    if isinstance(value, float) and not isfinite(value):
        return f"{value} is no JSON number"
    if isinstance(value, int) and abs(value) >= 10**MAX_NUMBER_DIGITS:
        return f"a number of more than {MAX_NUMBER_DIGITS} digits"
    return _text_fault(value) if isinstance(value, str) else ""


def _text_fault(text: str) -> str:
    if text.isascii():
        return ""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return "half of a character (a lone surrogate)"
    return ""
