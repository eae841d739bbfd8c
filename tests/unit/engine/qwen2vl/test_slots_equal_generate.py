"""The slot engine writes what transformers' generate writes, whatever shares a step with it."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import GenerationMixin

from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.engine.qwen2vl.sequence import Sequence
from docpipe.records import Reply, Request
from tests.unit.engine.qwen2vl.conftest import MakeEngine, answers, ask, page
from tests.unit.engine.qwen2vl.oracle import Oracle

SIZES = [(2, 3), (5, 2), (1, 1), (7, 4), (3, 3), (1, 12), (4, 6), (6, 2), (2, 2), (3, 5)]


def request(index: int) -> Request:
    """One of ten: every size once, some of two pages, one cut short, two instructions."""
    more = [page(2, 2, seed=90, number=2)] if index % 4 == 1 else []
    instruction = "Read this other kind of page." if index % 3 == 2 else "Read the page."
    return ask(page(*SIZES[index], seed=index), *more, instruction=instruction, limit=24 if index == 4 else 90)


REQUESTS = [request(index) for index in range(len(SIZES))]


@pytest.fixture(scope="module")
def vocabulary(checkpoint: Path) -> Vocabulary:
    return Vocabulary(Tokenizer.from_file(str(checkpoint / "tokenizer.json")), 151_936, 1)


@pytest.fixture(scope="module")
def expected(checkpoint: Path, vocabulary: Vocabulary) -> Callable[[bool], list[list[int]]]:
    """Whether tokens are forced -> what generate writes for each request, in double precision."""
    oracle = Oracle(checkpoint, torch.float64, vocabulary)
    return cache(lambda force: [oracle.tokens(one, force=force) for one in REQUESTS])


def tokens_of(engine: Qwen2VLEngine, requests: list[Request], monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """What the engine writes for `requests`, all asked at once; it fails if it calls generate."""
    written: dict[str, list[int]] = {}
    reply = Qwen2VLEngine._reply

    def keep(self: Qwen2VLEngine, sequence: Sequence, seconds: float) -> Reply:
        made = reply(self, sequence, seconds)
        written[str(id(made))] = sequence.tokens[: sequence.limit]
        return made

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("generate was called")

    with monkeypatch.context() as patch:
        patch.setattr(Qwen2VLEngine, "_reply", keep)
        patch.setattr(GenerationMixin, "generate", forbidden)
        replies = answers(engine, *requests)
    assert [one.error for one in replies] == [""] * len(requests)
    return [written[str(id(one))] for one in replies]


@pytest.mark.parametrize("share_prefix", [True, False], ids=["shared", "unshared"])
@pytest.mark.parametrize(
    "force_tokens", [True, pytest.param(False, marks=pytest.mark.slow)], ids=["forced", "unforced"]
)
def test_equal_in_double_precision(
    make_engine: MakeEngine,
    expected: Callable[[bool], list[list[int]]],
    monkeypatch: pytest.MonkeyPatch,
    share_prefix: bool,
    force_tokens: bool,
) -> None:
    engine = make_engine(dtype="float64", share_prefix=share_prefix, force_tokens=force_tokens)
    order = random.Random(share_prefix).sample(range(len(REQUESTS)), len(REQUESTS))
    found = tokens_of(engine, [REQUESTS[index] for index in order], monkeypatch)
    assert dict(zip(order, found, strict=True)) == dict(enumerate(expected(force_tokens)))


def test_equal_when_prompts_enter_in_small_pieces(
    make_engine: MakeEngine, expected: Callable[[bool], list[list[int]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(dtype="float64", step_tokens=19, vision_tokens=8, slots=3)
    assert tokens_of(engine, REQUESTS, monkeypatch) == expected(True)


@pytest.mark.slow
def test_in_single_precision_every_token_is_the_best_or_as_good(
    checkpoint: Path, vocabulary: Vocabulary, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = Oracle(checkpoint, torch.float32, vocabulary)
    found = tokens_of(make_engine(), REQUESTS, monkeypatch)
    for one, tokens in zip(REQUESTS, found, strict=True):
        assert max(oracle.gaps(one, tokens, force=True)) < 1e-4
