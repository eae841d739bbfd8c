"""Two validators must agree before a value may enter a typed column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from docpipe.records import Edit, Violation
from docpipe.schema.model import json_ready, json_validator, record_model
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves, put

MAX_FAULTS = 100


def validate(schema: Schema, record: dict[str, Any]) -> tuple[list[Violation], list[Edit]]:
    """Violations of `record` against its pydantic model and its JSON Schema; mends what is invalid.

    A leaf that either validator refuses is set to None in `record`, with an Edit that keeps it: an
    invalid value never reaches a column. `record` is one that `coerce` made.
    """
    violations = [*_by_pydantic(schema, record), *_by_jsonschema(schema, record)]
    unique = list({(one.paths, one.message): one for one in violations}.values())[:MAX_FAULTS]
    present = dict(leaves(record))
    edits: list[Edit] = []
    for path in dict.fromkeys(path for one in unique for path in one.paths):
        if path in present:
            edits.append(Edit(path, present[path], None, "invalid"))
            put(record, path, None)
    return unique, edits


def _by_pydantic(schema: Schema, record: dict[str, Any]) -> list[Violation]:
    try:
        record_model(schema).model_validate(record)
    except ValidationError as error:
        return [
            _violation(_path(fault["loc"]), fault["msg"], fault.get("input"))
            for fault in error.errors(include_url=False, include_context=False)
        ]
    return []


def _by_jsonschema(schema: Schema, record: dict[str, Any]) -> list[Violation]:
    """Absent is null here; a field that does not take null is left out, as JSON Schema has it."""
    document = _without_nulls(json_ready(record))
    return [
        _violation(_path(tuple(fault.absolute_path)), fault.message, fault.instance)
        for fault in json_validator(schema).iter_errors(document)
    ]


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_nulls(below) for name, below in value.items() if below is not None}
    return [_without_nulls(below) for below in value] if isinstance(value, list) else value


def _path(location: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return re.sub(r"^\.", "", text)


def _violation(path: str, message: str, value: Any) -> Violation:
    shown = "" if isinstance(value, dict | list) else str(value)[:200]
    return Violation("invalid", "error", f"{path or 'the record'}: {message}", (path,), shown)
