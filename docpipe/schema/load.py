"""From a name, a file or a pydantic class to a `Schema`; every fault named, none fetched, none guessed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import isfinite
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidSchema, UnknownSchema, did_you_mean
from docpipe.schema.nodes import Schema
from docpipe.schema.parse import parse_document
from docpipe.schema.python_class import absolute, python_model, user_traceback
from docpipe.schema.refs import DEFAULT_SCALE
from docpipe.schema.table_name import table_name

MAX_SCHEMA_BYTES = 4 * 1024**2
_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def shipped_folder(kind: str) -> Path:
    """The folder of shipped `schemas` or `pipelines`: inside the wheel, else beside the checkout."""
    package = Path(__file__).parent.parent
    inside = package / "shipped" / kind
    return inside if inside.is_dir() else package.parent / kind


def shipped_schemas() -> list[str]:
    """Names that `load_schema` knows without a path, sorted."""
    return sorted(path.stem for path in shipped_folder("schemas").glob("*.json"))


def load_schema(reference: str) -> Schema:
    """The schema named `invoice`, at `path/to.json`, or the pydantic class at `package.module:Class` or
    `path/to/file.py:Class`.

    Raises UnknownSchema if there is no such thing, InvalidSchema (listing every fault) if it is not
    one that docpipe can hold to.
    """
    path = Path(reference)
    if "://" in reference:
        raise UnknownSchema("a schema is a shipped name, a file of this machine or a class, and no address")
    if ":" in reference and path.suffix != ".json":
        return _from_pydantic(reference)
    if names_a_file(reference):
        return parse_schema(_read(path), table_name(path.name))
    if reference in shipped_schemas():
        return parse_schema(_read(shipped_folder("schemas") / f"{reference}.json"), reference)
    known = ", ".join(shipped_schemas())
    here = f"; the file here is named ./{reference}" if path.is_file() else ""
    guess = did_you_mean(reference, shipped_schemas())
    raise UnknownSchema(f"no schema named {reference!r}; shipped: {known}{here}{guess}")


def names_a_file(reference: str) -> bool:
    """Whether a schema or pipeline is named by its file: with an ending or a slash.

    A bare name is a shipped one's, whatever lies in the working folder.
    """
    return "/" in reference or Path(reference).suffix != ""


def parse_schema(document: Mapping[str, Any], name: str, python_class: str = "") -> Schema:
    """A Schema from a JSON Schema document; raises InvalidSchema listing every fault."""
    schema, problems = parse_document(document, name, python_class)
    if schema is None or problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise InvalidSchema(f"schema {name!r} cannot be used:\n{listed}")
    return schema


def schema_problems(reference: str) -> list[str]:
    """Every fault of the schema at `reference`, as `schemas check` prints them; empty if none.

    Raises UnknownSchema if there is nothing to read.
    """
    try:
        load_schema(reference)
    except InvalidSchema as error:
        return [line.removeprefix("  - ") for line in error.message.splitlines()[1:]] or [error.message]
    return []


def _read(path: Path) -> Mapping[str, Any]:
    try:
        if path.stat().st_size > MAX_SCHEMA_BYTES:
            raise InvalidSchema(f"{path} is larger than {MAX_SCHEMA_BYTES} bytes")
        document = json.loads(
            path.read_bytes(), object_pairs_hook=_no_duplicates, parse_float=_finite, parse_constant=_finite
        )
    except OSError as error:
        raise UnknownSchema(f"cannot read schema {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidSchema(f"{path} is not JSON: {error}") from error
    if not isinstance(document, dict):
        raise InvalidSchema(f"{path} holds no JSON object")
    return document


def _finite(text: str) -> float:
    """Raises ValueError for NaN, Infinity and what a double cannot hold."""
    if not isfinite(number := float(text)):
        raise ValueError(f"{text[:40]} is no JSON number that can be held")
    return number


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) != len(pairs):
        names = [name for name, _ in pairs]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"named twice in one object: {', '.join(twice)}")
    return document


def _from_pydantic(reference: str) -> Schema:
    from pydantic.json_schema import GenerateJsonSchema

    class ExactDecimals(GenerateJsonSchema):
        """pydantic calls a Decimal "number or string" and drops its decimal_places; columns need them."""

        def decimal_schema(self, schema: Any) -> dict[str, Any]:
            bounds = {word: float(schema[key]) for key, word in _BOUNDS.items() if key in schema}
            return {"type": "number", "x-scale": schema.get("decimal_places", DEFAULT_SCALE), **bounds}

    found = absolute(reference)
    model = python_model(found)
    try:
        document = model.model_json_schema(mode="validation", schema_generator=ExactDecimals)
    except Exception as error:  # the class's own code, or a type that has no JSON Schema
        raise InvalidSchema(f"{reference} has no JSON Schema: {user_traceback(error)}") from error
    return parse_schema(document, table_name(model.__name__.lower()), found)
