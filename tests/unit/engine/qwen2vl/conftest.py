"""A tiny checkpoint of the true architecture, engines over it, and requests of every size."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import llguidance
import numpy as np
import pytest

from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.published import PUBLISHED, make_published
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.records import Page, Reply, Request

SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["number", "currency", "lines"],
    "properties": {
        "number": {"type": "string", "maxLength": 12},
        "currency": {"type": "string", "enum": ["EUR", "USD"]},
        "lines": {
            "type": "array",
            "minItems": 1,
            "maxItems": 3,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "amount"],
                "properties": {
                    "text": {"type": "string", "maxLength": 8},
                    "amount": {"type": "number", "minimum": 0, "maximum": 9999, "multipleOf": 0.01},
                },
            },
        },
    },
}

MakeEngine = Callable[..., Qwen2VLEngine]


@pytest.fixture(scope="session", autouse=True)
def _read_vocabularies_once() -> Iterator[None]:
    """llguidance takes two seconds to read one, each time the same; nobody can change what it makes of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(llguidance, "LLTokenizer", lru_cache(maxsize=4)(llguidance.LLTokenizer))
        yield


@pytest.fixture(scope="session")
def checkpoints(
    checkpoints: Callable[[str], Path], made_once: Callable[[str, Callable[[Path], object]], Path]
) -> Callable[[str], Path]:
    """The name of a shape, or of a published checkpoint -> one of it with random weights."""

    def checkpoint(name: str) -> Path:
        published = name in PUBLISHED
        return made_once(name, lambda folder: make_published(folder, name)) if published else checkpoints(name)

    return checkpoint


@pytest.fixture(scope="session")
def checkpoint(checkpoints: Callable[[str], Path]) -> Path:
    return checkpoints("tiny")


@pytest.fixture
def make_engine(checkpoint: Path) -> Iterator[MakeEngine]:
    """Engines of eight small slots, over a tiny Qwen2-VL, unless told otherwise; closed at the end."""
    made: list[Qwen2VLEngine] = []

    def make(model: Path = checkpoint, **options: Any) -> Qwen2VLEngine:
        settings = {"slots": 8, "slot_tokens": 1_024, "device": "cpu", **options}
        made.append(Qwen2VLEngine(str(model), Qwen2VL(**settings)))
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture
def engine(make_engine: MakeEngine) -> Qwen2VLEngine:
    return make_engine()


def page(rows: int, columns: int, seed: int = 0, number: int = 1, grid: int = 28) -> Page:
    """A page of noise, `rows` by `columns` visual tokens of `grid` pixels."""
    pixels = np.random.default_rng(seed).integers(0, 255, (rows * grid, columns * grid, 3), dtype=np.uint8)
    return Page(number, 1.0, 1.0, columns * grid, rows * grid, pixels=pixels)


def ask(
    *pages: Page, schema: dict[str, Any] = SCHEMA, instruction: str = "Read the page.", limit: int = 200
) -> Request:
    return Request("key", "doc", pages, schema, "s", json.dumps(schema), instruction, limit)


def answers(engine: Qwen2VLEngine, *requests: Request) -> list[Reply]:
    """The replies to all requests, asked at once."""

    async def gather() -> list[Reply]:
        return await asyncio.gather(*(engine.answer(request) for request in requests))

    return asyncio.run(gather())
