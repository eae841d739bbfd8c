"""Where the values of a document are printed and under which captions, read from the sheet the page is drawn from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from docpipe.synth.sheet import Rule, Sheet

Boxes = dict[str, list[dict[str, Any]]]
Fields = Mapping[str, Any]
"""What a label has: name -> None for a value, Fields for an object, [Fields] for rows."""


def boxes(sheet: Sheet) -> Boxes:
    """Path -> where it is printed: page (from 1) and box as parts of the page, in printing order."""
    found: Boxes = {}
    for number, page in enumerate(sheet.pages, 1):
        for mark in page:
            if isinstance(mark, Rule) or not mark.paths:
                continue
            x0, y0, x1, y1 = mark.box()
            sides = (x0 / sheet.width, y0 / sheet.height, x1 / sheet.width, y1 / sheet.height)
            box = [round(side, 5) for side in sides]
            for path in mark.paths:
                found.setdefault(path, []).append({"page": number, "box": box})
    return found


def printed(sheet: Sheet) -> dict[str, list[str]]:
    """Path -> the texts that print it, in printing order; a text may hold more than the value (a currency mark, a
    caption).
    """
    found: dict[str, list[str]] = {}
    for page in range(len(sheet.pages)):
        for mark in sheet.texts(page):
            for path in mark.paths:
                found.setdefault(path, []).append(mark.text)
    return found


def captions(sheet: Sheet) -> dict[str, str]:
    """Field -> its caption as printed; lines of one wrapped caption are joined, of repeated captions the first is
    kept.
    """
    found: dict[str, list[str]] = {}
    closed: set[str] = set()
    last = ""
    for page in range(len(sheet.pages)):
        for mark in sheet.texts(page):
            field = mark.caption_of
            if field != last and last:
                closed.add(last)
            if field and field not in closed and mark.text not in found.get(field, []):
                found.setdefault(field, []).append(mark.text)
            last = field
    return {field: " ".join(texts) for field, texts in found.items()}


def stated(label: Mapping[str, Any], fields: Fields) -> dict[str, Any]:
    """`label` with all of `fields`, in their order: what it lacks is null, a list that it lacks is empty.

    KeyError for a name of `label` that is not among the fields.
    """
    if strange := label.keys() - fields.keys():
        raise KeyError(f"no such fields: {', '.join(sorted(strange))}")
    made: dict[str, Any] = {}
    for name, below in fields.items():
        value = label.get(name)
        if isinstance(below, list):
            made[name] = [stated(row, below[0]) for row in value or ()]
        else:
            made[name] = value if below is None else stated(value or {}, below)
    return made


def place(label: dict[str, Any], path: str, value: Any) -> None:
    """Set `value` at `path` ("a", "a.b" or "a[0].b") of `label`, making what is missing."""
    head, _, leaf = path.rpartition(".")
    if not head:
        label[leaf] = value
    elif found := re.fullmatch(r"(\w+)\[(\d+)\]", head):
        rows = label.setdefault(found[1], [])
        while len(rows) <= int(found[2]):
            rows.append({})
        rows[int(found[2])][leaf] = value
    else:
        label.setdefault(head, {})[leaf] = value
