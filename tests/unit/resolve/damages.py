"""Synthetic documents as they are rendered, and answers about them with the faults that readers make."""

from __future__ import annotations

import asyncio
import copy
import datetime as dt
import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from docpipe.intake.content import read_content
from docpipe.records import Page
from docpipe.render.renderer import Renderer
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic, leaves, put
from docpipe.settings import Settings
from docpipe.synth import generate

MAX_DAMAGES = 8
_SHAPES = ("0O", "1l", "5S", "8B", "2Z")  # a digit and a letter like it


@dataclass(frozen=True)
class Sample:
    """A document with a text layer: what it says, as far as the schema goes, and its pages."""

    name: str
    schema: Schema
    label: dict[str, Any]
    pages: list[Page]


def samples(count: int, seed: int, *kinds: str) -> list[Sample]:
    """`count` documents of each kind."""
    with tempfile.TemporaryDirectory() as folder:
        return [one for kind in kinds for one in asyncio.run(_read(generate(kind, count, seed, Path(folder) / kind)))]


async def _read(folder: Path) -> list[Sample]:
    settings, found = Settings(), []
    with Renderer(settings) as renderer:
        for line in map(json.loads, (folder / "labels.jsonl").read_text(encoding="utf-8").splitlines()):
            if line["text_layer"]:
                schema = load_schema(line["schema"])
                known = {child.name for child in schema.root.children}
                label = {name: value for name, value in line["label"].items() if name in known}
                async with await renderer.open(read_content(str(folder / line["file"]), settings.limits)) as document:
                    numbers = range(1, document.page_count + 1)
                    pages = [await document.page(number, frozenset({"layer"})) for number in numbers]
                found.append(Sample(line["id"], schema, label, pages))
    return found


def digits_exchanged(kind: str, leaf: Any, at: int) -> Any:
    text = str(leaf)
    places = [i for i in range(len(text) - 1) if text[i : i + 2].isdigit() and text[i] != text[i + 1]]
    if not places or kind != "number":
        return leaf
    i = places[at % len(places)]
    return float(text[:i] + text[i + 1] + text[i] + text[i + 2 :])


def letter_for_digit(kind: str, leaf: Any, at: int) -> Any:
    digit, letter = _SHAPES[at % len(_SHAPES)]
    return str(leaf).replace(digit, letter, 1) if kind in ("number", "string") else leaf


def day_and_month_exchanged(kind: str, leaf: Any, _: int) -> Any:
    if kind != "date":
        return leaf
    day = dt.date.fromisoformat(leaf)
    return day.replace(month=day.day, day=day.month).isoformat() if day.day <= 12 else leaf


def one_wrong_character(kind: str, leaf: Any, at: int) -> Any:
    if kind != "string" or not leaf:
        return leaf
    i = at % len(leaf)
    return leaf[:i] + "xO 7"[at % 4] + leaf[i + 1 :]


def left_out(_: str, __: Any, ___: int) -> Any:
    return None


DAMAGES: tuple[Callable[[str, Any, int], Any], ...] = (
    digits_exchanged, letter_for_digit, day_and_month_exchanged, one_wrong_character, left_out,
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn, some: list[Sample]) -> tuple[Sample, dict[str, Any]]:
    """One of `some`, and an answer that says of it what is right but for a few values."""
    sample = draw(st.sampled_from(some))
    answer = copy.deepcopy(sample.label)
    nodes = dict(sample.schema.root.leaves_of_all())
    known = [(path, leaf) for path, leaf in leaves(answer) if leaf is not None and generic(path) in nodes]
    picks = st.tuples(st.integers(0, len(known) - 1), st.sampled_from(DAMAGES), st.integers(0, 59))
    for index, damage, at in draw(st.lists(picks, max_size=MAX_DAMAGES)):
        path, leaf = known[index]
        put(answer, path, damage(nodes[generic(path)].kind, leaf, at))
    return sample, answer


def as_answer(value: Any) -> Any:
    """A record as an engine tells it: numbers as JSON numbers, dates in ISO form."""
    if isinstance(value, dict):
        return {name: as_answer(below) for name, below in value.items()}
    if isinstance(value, list):
        return [as_answer(below) for below in value]
    if isinstance(value, Decimal):
        return int(value) if value == int(value) else float(value)
    return value.isoformat() if isinstance(value, dt.date) else value
