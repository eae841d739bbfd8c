"""What pages of one form have in common, as it is learnt once and taken along: plain, frozen, a few kilobytes."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from docpipe import records
from docpipe.engine.layout.templates.place import Print
from docpipe.page.box import Box

DECIMALS = 1  # of a point
MOST_BYTES = 4 * 1024**2  # of one template that is read back; none that was learnt is as long


@dataclass(frozen=True, slots=True)
class Slot:
    """A place for an entry: what others wrote stands in `box`, `key` is printed at `key_box`; "" in a table."""

    key: str
    key_box: Box
    box: Box


@dataclass(frozen=True, slots=True)
class PrintedBox:
    """A checkbox that the form prints, and the text at it."""

    box: Box
    label: str
    label_box: Box


@dataclass(frozen=True, slots=True)
class Template:
    """A form as it is printed, learnt from so many `members`; `exact`: all of them had a text layer.

    Boxes are points on the page of one of them.
    """

    width: float
    height: float
    pitch: float
    members: int
    exact: bool
    words: tuple[Print, ...]
    slots: tuple[Slot, ...]
    boxes: tuple[PrintedBox, ...]


def written(template: Template) -> bytes:
    """The template as bytes: equal templates give equal bytes."""
    tree = {
        "page": [
            _short(template.width),
            _short(template.height),
            round(template.pitch, 3),
            template.members,
            template.exact,
        ],
        "words": [[word.text, *map(_short, word.box)] for word in template.words],
        "slots": [[slot.key, *map(_short, (*slot.key_box, *slot.box))] for slot in template.slots],
        "boxes": [[box.label, *map(_short, (*box.label_box, *box.box))] for box in template.boxes],
    }
    return zlib.compress(json.dumps(tree, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def read(content: bytes) -> Template:
    """The template that `written` wrote. Raises ValueError for anything else."""
    try:
        tree: dict[str, Any] = json.loads(zlib.decompressobj().decompress(content, MOST_BYTES))
        width, height, pitch, members, exact = tree["page"]
        return Template(
            float(width),
            float(height),
            float(pitch),
            int(members),
            bool(exact),
            tuple(Print(str(text), _box(sides)) for text, *sides in tree["words"]),
            tuple(Slot(str(key), _box(sides[:4]), _box(sides[4:])) for key, *sides in tree["slots"]),
            tuple(PrintedBox(_box(sides[4:]), str(label), _box(sides[:4])) for label, *sides in tree["boxes"]),
        )
    except (zlib.error, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"no template: {error}") from error


def templates_of(found: Mapping[int, Sequence[records.Template]]) -> Mapping[int, Sequence[Template]]:
    """Number of a page -> the templates that may fit it."""
    return {page: [_read(template.content) for template in templates] for page, templates in found.items()}


@lru_cache(maxsize=64)
def _read(content: bytes) -> Template:
    return read(content)


def _short(length: float) -> float:
    return round(float(length), DECIMALS)


def _box(sides: Sequence[Any]) -> Box:
    left, top, right, bottom = map(float, sides)
    return Box(left, top, right, bottom)
