"""Two validators must agree before a value may enter a typed column."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from docpipe.errors import DocpipeError, UserCodeError
from docpipe.records import Edit, Violation
from docpipe.schema.model import json_ready, json_validator, record_model
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves, parts, put
from docpipe.schema.python_class import user_traceback
from docpipe.schema.storable import misfit

MAX_FAULTS = 100  # that are told; all are mended


def validate(schema: Schema, record: dict[str, Any]) -> tuple[list[Violation], list[Edit]]:
    """Violations of `record` against its pydantic model and its JSON Schema; mends what is invalid.

    A leaf that either validator refuses is set to None in `record`, with an Edit that keeps it: an
    invalid value never reaches a column. `record` is one that `coerce` made.
    """
    present = _present(schema.root, record)
    violations = [*_by_pydantic(schema, present), *_by_jsonschema(schema, present)]
    edits = _emptied(record, violations)
    misfits = list(_misfits(schema.root, record, ""))
    edits += _emptied(record, misfits)
    unique = {(violation.paths, violation.message): violation for violation in [*violations, *misfits]}
    return list(unique.values())[:MAX_FAULTS], edits


def _emptied(record: dict[str, Any], violations: Sequence[Violation]) -> list[Edit]:
    """Sets the leaves that `violations` name to None."""
    standing = dict(leaves(record)) if violations else {}
    edits: list[Edit] = []
    for path in dict.fromkeys(path for violation in violations for path in violation.paths):
        if path in standing:
            edits.append(Edit(path, standing[path], None, "invalid"))
            put(record, path, None)
    return edits


def _misfits(node: Node, value: Any, path: str) -> Iterator[Violation]:
    """What no column could hold, whatever the validators (one may be the user's own) let pass."""
    if node.kind == "object":
        for child in node.children:
            below = value.get(child.name) if isinstance(value, Mapping) else None
            if below is not None:
                yield from _misfits(child, below, f"{path}.{child.name}" if path else child.name)
    elif node.kind == "array":
        for index, item in enumerate(value if isinstance(value, list) else ()):
            if node.item is not None and item is not None:
                yield from _misfits(node.item, item, f"{path}[{index}]")
    elif what := misfit(node, value):
        yield _violation(path, what, value)


def admits(schema: Schema, path: str, leaf: Any) -> bool:
    """Whether both validators take `leaf` at `path`, whatever the rest of the record says."""
    record = leaf
    for part in reversed(parts(path)):
        record = {part: record} if isinstance(part, str) else [record]
    return not validate(schema, record)[1]


def _by_pydantic(schema: Schema, record: dict[str, Any]) -> list[Violation]:
    try:
        record_model(schema).model_validate(record)
    except ValidationError as error:
        return [
            _violation(_path(fault["loc"]), fault["msg"], fault.get("input"))
            for fault in error.errors(include_url=False, include_context=False)
        ]
    except DocpipeError:  # the class is gone, or its module fails
        raise
    except (Exception, SystemExit) as error:
        if not schema.python_class:
            raise
        raise UserCodeError(user_traceback(error)) from error
    return []


def _by_jsonschema(schema: Schema, record: dict[str, Any]) -> list[Violation]:
    return [
        _violation(_path(tuple(fault.absolute_path)), fault.message, fault.instance)
        for fault in json_validator(schema).iter_errors(json_ready(record))
    ]


def _present(node: Node, value: Mapping[str, Any]) -> dict[str, Any]:
    """`value` without what is absent: coerce keeps objects whole and lists empty, a validator must not see that.

    A null stays where the schema requires the field and takes null.
    """
    kept: dict[str, Any] = {}
    for child in node.children:
        below = value.get(child.name)
        if below is None:
            if child.required and child.nullable:
                kept[child.name] = None
        elif child.kind == "object":
            inner = _present(child, below)
            if inner or child.required:
                kept[child.name] = inner
        elif child.kind == "array":
            if below or child.required:
                kept[child.name] = [_item(child, element) for element in below]
        else:
            kept[child.name] = below
    return kept


def _item(array: Node, value: Any) -> Any:
    assert array.item is not None
    return _present(array.item, value) if array.item.kind == "object" else value


def _path(location: Sequence[str | int]) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return re.sub(r"^\.", "", text)


def _violation(path: str, message: str, value: Any) -> Violation:
    shown = "" if isinstance(value, dict | list) else str(value)[:200]
    return Violation("invalid", "error", f"{path or 'the record'}: {message}", (path,), shown)
