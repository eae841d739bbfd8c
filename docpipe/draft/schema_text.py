"""Proposed labels written into the text of a schema file, at the places that its fields are declared at."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from docpipe.draft.json_text import Pointer, with_members
from docpipe.draft.labelling import Labelled
from docpipe.schema.refs import plain

Raw = Mapping[str, Any]
MOST_HOPS = 8

_EXTENSION = "x-docpipe"


def with_labels(text: str, proposed: Iterable[Labelled]) -> str:
    """The schema's text with `x-docpipe.labels` at each field; all else is as it was.

    Where two fields share one declaration (a $ref), it gets what is proposed for both.
    """
    document: Raw = json.loads(text)
    wanted: dict[Pointer, dict[str, list[str]]] = {}
    for each in proposed:
        pointer, labels = _declaration(document, each.path.split(".")), each.by_language()
        if pointer in wanted:
            labels = _common(wanted[pointer], labels)
        wanted[pointer] = labels
    added: dict[Pointer, dict[str, Any]] = {}
    for pointer, labels in wanted.items():
        raw = _at(document, pointer)
        if _EXTENSION in raw:
            added[(*pointer, _EXTENSION)] = {"labels": labels}
        else:
            behind = plain(document, raw, lambda _: None)[0].get(_EXTENSION, {})  # of a $ref: it would be hidden
            added[pointer] = {_EXTENSION: {**behind, "labels": labels}}
    return with_members(text, {pointer: members for pointer, members in added.items() if _has_labels(members)})


def _has_labels(members: Mapping[str, Any]) -> bool:
    return bool(members.get("labels") or members.get(_EXTENSION, {}).get("labels"))


def _common(some: Mapping[str, list[str]], others: Mapping[str, list[str]]) -> dict[str, list[str]]:
    both = {language: [text for text in texts if text in others.get(language, ())] for language, texts in some.items()}
    return {language: texts for language, texts in both.items() if texts}


def _declaration(document: Raw, names: Iterable[str]) -> Pointer:
    """Where the field with these names, from the root, is declared."""
    pointer: Pointer = ()
    for name in names:
        pointer = _with_properties(document, pointer)
        pointer = (*pointer, "properties", name)
    return pointer


def _with_properties(document: Raw, pointer: Pointer) -> Pointer:
    """The object with `properties` that a declaration leads to: behind $ref, anyOf with null and `items`."""
    for _ in range(MOST_HOPS):
        raw = _at(document, pointer)
        if "properties" in raw:
            return pointer
        if "$ref" in raw:
            pointer = tuple(part.replace("~1", "/").replace("~0", "~") for part in str(raw["$ref"])[2:].split("/"))
        elif "items" in raw:
            pointer = (*pointer, "items")
        else:
            word = "anyOf" if "anyOf" in raw else "allOf"
            place = next(at for at, option in enumerate(raw[word]) if option.get("type") != "null")
            pointer = (*pointer, word, place)
    return pointer


def _at(document: Raw, pointer: Pointer) -> Raw:
    found: Any = document
    for step in pointer:
        found = found[step]
    raw: Raw = found
    return raw
