"""The slot engine writes what transformers' generate writes, whatever shares a step with it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import GenerationMixin

from docpipe.engine.qwen2vl import attention, load, runner
from docpipe.engine.qwen2vl.checkpoint import SHAPES
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.engine.qwen2vl.published import PUBLISHED
from docpipe.engine.qwen2vl.sequence import Sequence
from docpipe.records import Reply, Request
from tests.unit.engine.qwen2vl.conftest import MakeEngine, answers, ask, page
from tests.unit.engine.qwen2vl.oracle import Oracle

pytestmark = pytest.mark.slow  # double precision on a CPU
SIZES = [(2, 3), (5, 2), (1, 1), (7, 4), (3, 3), (1, 12), (4, 6), (6, 2), (2, 2), (3, 5)]


def request(index: int, grid: int) -> Request:
    """One of ten: every size once, some of two pages, one cut short, two instructions."""
    more = [page(2, 2, seed=90, number=2, grid=grid)] if index % 4 == 1 else []
    instruction = "Read this other kind of page." if index % 3 == 2 else "Read the page."
    first = page(*SIZES[index], seed=index, grid=grid)
    return ask(first, *more, instruction=instruction, limit=24 if index == 4 else 90)


@dataclass(frozen=True, eq=False)
class Stock:
    """A checkpoint, ten requests on its grid, and what `generate` writes for them (see Oracle)."""

    folder: Path
    requests: list[Request]
    vocabulary: Vocabulary

    def oracle(self, dtype: torch.dtype) -> Oracle:
        return Oracle(self.folder, dtype, self.vocabulary)

    @cache  # noqa: B019  as long as the module's fixture
    def expected(self, force: bool) -> dict[int, list[int]]:
        """By request, in double precision; `force`: whether the tokens that the grammar forces are told."""
        oracle = self.oracle(torch.float64)
        return {index: oracle.tokens(one, force=force) for index, one in enumerate(self.requests)}


@pytest.fixture(scope="module", params=["tiny", "tiny-3"], ids=["Qwen2-VL", "Qwen3-VL"])
def stock(request: pytest.FixtureRequest, checkpoints: Callable[[str], Path]) -> Stock:
    return make_stock(checkpoints(request.param), SHAPES[request.param].grid)


def make_stock(folder: Path, grid: int, rows: int = 151_936, count: int = len(SIZES)) -> Stock:
    """`rows` of the model's output; the first `count` requests."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    requests = [request(index, grid) for index in range(count)]
    return Stock(folder, requests, Vocabulary(tokenizer, rows, 1))


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
@pytest.mark.parametrize("force_tokens", [True, False], ids=["forced", "unforced"])
def test_equal_in_double_precision(
    make_engine: MakeEngine, stock: Stock, monkeypatch: pytest.MonkeyPatch, share_prefix: bool, force_tokens: bool
) -> None:
    engine = make_engine(stock.folder, dtype="float64", share_prefix=share_prefix, force_tokens=force_tokens)
    order = random.Random(share_prefix).sample(range(len(stock.requests)), len(stock.requests))
    found = tokens_of(engine, [stock.requests[index] for index in order], monkeypatch)
    assert dict(zip(order, found, strict=True)) == stock.expected(force_tokens)


def test_equal_when_prompts_enter_in_small_pieces(
    make_engine: MakeEngine, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = make_engine(stock.folder, dtype="float64", step_tokens=19, vision_tokens=8, slots=3)
    assert dict(enumerate(tokens_of(engine, stock.requests, monkeypatch))) == stock.expected(True)


def varlen(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, starts: torch.Tensor, places: torch.Tensor, *_: int,
    scale: float, window_size: tuple[int, int] = (-1, -1), seqused_k: torch.Tensor | None = None, **_more: bool,
) -> torch.Tensor:  # fmt: skip
    """What torch.nn.attention.varlen.varlen_attn computes on a GPU, one sequence after the other."""
    out = torch.zeros_like(query)
    group = query.shape[1] // key.shape[1]
    for row, (start, stop, first, after) in enumerate(zip(starts, starts[1:], places, places[1:], strict=False)):
        reach = int(seqused_k[row]) if seqused_k is not None else int(after - first)
        known, told = (one[first : first + reach].repeat_interleave(group, dim=1) for one in (key, value))
        scores = torch.einsum("qhd,khd->hqk", query[start:stop], known) * scale
        if window_size[1] == 0:  # causal, the last query at the last key
            limit = torch.arange(reach - int(stop - start), reach)
            scores.masked_fill_(torch.arange(reach) > limit[:, None], -torch.inf)
        out[start:stop] = torch.einsum("hqk,khd->qhd", scores.softmax(-1), told)
    return out


def test_equal_on_the_way_that_a_gpu_takes(
    make_engine: MakeEngine, stock: Stock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (load, runner):
        monkeypatch.setattr(module, "has_varlen", lambda *_: True)
    monkeypatch.setattr(attention, "_varlen", lambda: varlen)
    engine = make_engine(stock.folder, dtype="float64", step_tokens=64)
    assert engine._runner._varlen
    assert engine._runner._model.model.visual.config._attn_implementation == attention.PAGES_ATTENTION
    assert dict(enumerate(tokens_of(engine, stock.requests, monkeypatch))) == stock.expected(True)


@pytest.mark.parametrize("shape", ["tiny-2.5", "tiny-3-moe"])
def test_equal_for_the_other_families(
    make_engine: MakeEngine, checkpoints: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, shape: str
) -> None:
    stock = make_stock(checkpoints(shape), SHAPES[shape].grid)
    engine = make_engine(stock.folder, dtype="float64", step_tokens=64)
    assert dict(enumerate(tokens_of(engine, stock.requests, monkeypatch))) == stock.expected(True)


@pytest.mark.parametrize("name", PUBLISHED)
def test_equal_for_checkpoints_that_are_laid_out_as_the_published_ones(
    make_engine: MakeEngine, checkpoints: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    shape = PUBLISHED[name].shape
    stock = make_stock(checkpoints(name), shape.grid, shape.vocabulary, count=5)
    engine = make_engine(stock.folder, dtype="float64", step_tokens=64)
    assert dict(enumerate(tokens_of(engine, stock.requests, monkeypatch))) == stock.expected(True)


def test_in_single_precision_every_token_is_the_best_or_as_good(
    stock: Stock, make_engine: MakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    oracle = stock.oracle(torch.float32)
    found = tokens_of(make_engine(stock.folder), stock.requests, monkeypatch)
    for one, tokens in zip(stock.requests, found, strict=True):
        assert max(oracle.gaps(one, tokens, force=True)) < 1e-4
