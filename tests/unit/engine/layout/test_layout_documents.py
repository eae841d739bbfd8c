"""Whole documents as they are drawn: what is read right stays right, in its place, and nothing wrong becomes sure.

known_errors.json holds for each document the values that are not so today: what is read wrong, what lies elsewhere,
what is right and doubted, what is wrong and not doubted. The truth is the drawing's own. An error that is gone fails
nothing. Where a change of the engine costs a value here and is worth it on every other set, write the file anew:

    python tests/unit/engine/layout/test_layout_documents.py
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import pytest

from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.reader import read_request
from docpipe.evaluate.fields import compare
from docpipe.evaluate.truth import Truth, truth_of
from docpipe.intake.content import hold
from docpipe.page.box import Box
from docpipe.records import Geometry, Page, Request, Span
from docpipe.render.regions import regions
from docpipe.render.renderer import Renderer
from docpipe.schema.load import load_schema
from docpipe.settings import Render, Settings
from docpipe.synth.generate import Order, make
from docpipe.synth.languages import LANGUAGES

KNOWN = Path(__file__).with_name("known_errors.json")
SEED = 4_711
COUNTS = {"invoice": 24, "receipt": 16, "form": 12, "form-seen": 8, "invoice-worn": 14, "receipt-worn": 6}
"""How many documents of a kind. Of forms that are "seen", lines and boxes are known by their pixels alone; what is
"worn" is as OCR has it: words lie a little beside their places, nothing is bold, no line is drawn.
"""
MOST_ERRORS = 12  # of a document that says anything about a change
DOUBTED, SURE = 0.5, 0.9
OVERLAP = 0.3  # of the smaller of two boxes that are one place
SETTINGS = Settings(render=Render(ocr=False))
SHAKE = 0.0006  # of the page's width and height, at most: a third of a point

Errors = dict[str, list[str]]


@dataclass(frozen=True)
class Drawn:
    """A document of synth: its pages as the renderer would hand them on, and its truth."""

    truth: Truth
    pages: tuple[Page, ...]


@cache
def compiled(kind: str) -> CompiledSchema:
    return compile_schema(load_schema(kind))


def drawn(name: str, renderer: Renderer) -> Drawn | None:
    """The document "invoice 3", "form-seen 0"; None if it is no PDF."""
    kind, index = name.split()
    product = make(Order(kind.partition("-")[0], SEED, LANGUAGES, "none"), int(index))
    if product.suffix != "pdf":
        return None
    truth = truth_of({"id": name, "file": f"{name}.pdf", **product.truth})
    pages = asyncio.run(pages_of(product.content, renderer, seen=kind.endswith("-seen")))
    return Drawn(truth, tuple(map(worn, pages)) if kind.endswith("-worn") else pages)


async def pages_of(pdf: bytes, renderer: Renderer, *, seen: bool) -> tuple[Page, ...]:
    """The pages of a PDF; `seen`: with pixels in place of what is drawn on them."""
    content = hold([pdf], "drawn.pdf", len(pdf), 0)
    needs = frozenset({"words", "pixels"} if seen else {"words", "geometry"})
    async with await renderer.open(content) as document:
        return tuple([await document.page(number, needs) for number in range(1, document.page_count + 1)])


def worn(page: Page) -> Page:
    """The page as OCR has it, the same every time."""
    chance = Random(page.number)
    words = tuple(
        replace(word, box=Box(*(side + chance.uniform(-SHAKE, SHAKE) for side in word.box)), bold=False)
        for word in page.words
    )
    page = replace(page, words=words, geometry=Geometry(), text_source="ocr")
    return replace(page, geometry=replace(page.geometry, regions=regions(page)))


def read(kind: str, pages: Sequence[Page]) -> tuple[dict[str, Any], dict[str, Span]]:
    """(the engine's answer, path -> its span)."""
    schema = compiled(kind)
    document = schema.index.schema.document
    text, spans = read_request(schema, Request("key", "doc", tuple(pages), document, kind, "", "", 4096))
    answer: dict[str, Any] = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    return answer, {span.path: span for span in spans}


def errors_of(document: Drawn, answer: Mapping[str, Any], spans: Mapping[str, Span]) -> Errors:
    """What is "wrong"; right and "elsewhere"; right and "doubted"; wrong and "sure": paths, sorted."""
    truth = document.truth
    errors: Errors = {"wrong": [], "elsewhere": [], "doubted": [], "sure": []}
    for verdict in compare(truth.label, answer, truth.accept, complete=truth.complete).verdicts:
        path = verdict.truth_path or verdict.path
        span = spans.get(verdict.path) if verdict.found is not None else None
        if verdict.kind != "right":
            errors["wrong"].append(path)
            if span is not None and span.score >= SURE:
                errors["sure"].append(path)
        elif span is not None:
            if span.score < DOUBTED:
                errors["doubted"].append(path)
            places = truth.boxes.get(verdict.truth_path)
            if places and not any(_is_place(span, page, Box(*box)) for page, box in places):
                errors["elsewhere"].append(path)
    return {kind: sorted(paths) for kind, paths in errors.items() if paths}


def _is_place(span: Span, page: int, box: Box) -> bool:
    return span.page == page and any(_shared(own, box) for own in span.boxes)


def _shared(left: Box, right: Box) -> bool:
    width = min(left.right, right.right) - max(left.left, right.left)
    height = min(left.bottom, right.bottom) - max(left.top, right.top)
    smaller = min(left.width * left.height, right.width * right.height)
    return min(width, height) > 0 and width * height >= OVERLAP * smaller


def errors_today(name: str, renderer: Renderer) -> Errors | None:
    """The errors in the document `name`; None if there is no such PDF."""
    document = drawn(name, renderer)
    return None if document is None else errors_of(document, *read(name.partition("-")[0].split()[0], document.pages))


def known() -> dict[str, Errors]:
    found: dict[str, Errors] = json.loads(KNOWN.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def renderer() -> Iterator[Renderer]:
    with Renderer(SETTINGS) as renderer:
        yield renderer


@pytest.mark.parametrize("name", known() if KNOWN.exists() else ())
def test_what_is_read_right_stays_right(name: str, renderer: Renderer) -> None:
    errors, before = errors_today(name, renderer), known()[name]
    assert errors is not None
    wrong = set(before.get("wrong", ()))  # what is right now, and doubted or elsewhere, is better than wrong
    better = {"elsewhere": wrong, "doubted": wrong}
    new = {
        kind: sorted(set(paths) - set(before.get(kind, ())) - better.get(kind, set())) for kind, paths in errors.items()
    }
    assert not any(new.values()), {kind: paths for kind, paths in new.items() if paths}


def test_there_are_as_many_documents_as_say_something() -> None:
    names = [name.split()[0] for name in known()]
    assert {kind: names.count(kind) for kind in COUNTS} == COUNTS


def _write(renderer: Renderer) -> None:
    kept: dict[str, Errors] = {}
    for kind, count in COUNTS.items():
        index = 0
        while sum(name.split()[0] == kind for name in kept) < count:
            errors = errors_today(f"{kind} {index}", renderer)
            if errors is not None and sum(map(len, errors.values())) <= MOST_ERRORS:
                kept[f"{kind} {index}"] = errors
            index += 1
    rows = (f"  {json.dumps(name)}: {json.dumps(errors, ensure_ascii=False)}" for name, errors in kept.items())
    KNOWN.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    with Renderer(SETTINGS) as opened:
        _write(opened)
