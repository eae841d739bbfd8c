"""What of a schema matters to whom, as short hashes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from docpipe.schema.nodes import Node

# of x-docpipe: they judge an answer, or tell of the tables and of what is shown of them
_NEVER_ASKED = {"checks", "important", "renamed_from", "summary"}


def meaning(document: Mapping[str, Any]) -> str:
    """Of the whole document, but for what is shown of a record: no outcome depends on that."""
    own = document.get("x-docpipe")
    if not isinstance(own, Mapping) or "summary" not in own:
        return _digest(document)
    rest = {key: told for key, told in own.items() if key != "summary"}
    others = {key: below for key, below in document.items() if key != "x-docpipe"}
    return _digest({**others, "x-docpipe": rest} if rest else others)


def structure(root: Node) -> str:
    """Of its tables alone: equal means equal columns."""
    return _digest(_structure(root))


def question(document: Mapping[str, Any]) -> str:
    """Of what is asked of a document: all but checks, former names and the summary."""
    return _digest(_question({"x-docpipe": {}, **document}))


def _question(value: Any) -> Any:
    if isinstance(value, list):
        return [_question(below) for below in value]
    if not isinstance(value, Mapping):
        return value
    own = value.get("x-docpipe")
    if isinstance(own, Mapping):
        value = {**value, "x-docpipe": {key: told for key, told in own.items() if key not in _NEVER_ASKED}}
    return {key: _question(below) for key, below in value.items()}


def _structure(node: Node) -> list[Any]:
    below = [_structure(child) for child in node.children]
    item = _structure(node.item) if node.item is not None else None
    return [node.name, node.kind, node.scale, bool(node.enum), node.table, below, item, *(["mixed"] * node.mixed)]


def _digest(value: Any) -> str:
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
