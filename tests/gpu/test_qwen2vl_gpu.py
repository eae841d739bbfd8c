"""On a GPU: one kernel for all slots, the same answers as on the CPU, and a pool sized from its memory."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from docpipe.engine.qwen2vl import attention
from docpipe.engine.qwen2vl.attention import Layout, Piece, attend_slots, has_varlen
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.records import Reply
from tests.unit.engine.qwen2vl.conftest import answers, ask, page

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

REQUESTS = [ask(page(2 + seed % 5, 3 + seed % 4, seed), instruction=f"Read kind {seed % 2}.") for seed in range(24)]


@pytest.fixture(scope="module")
def checkpoint(checkpoints: Callable[[str], Path]) -> Path:
    return checkpoints("tiny")


def replies(folder: Path, **options: object) -> list[Reply]:
    engine = Qwen2VLEngine(str(folder), Qwen2VL(slots=8, slot_tokens=1_024, **options))  # type: ignore[arg-type]
    try:
        return answers(engine, *REQUESTS)
    finally:
        engine.close()


def test_double_precision_answers_as_on_the_cpu(checkpoint: Path) -> None:
    found = [replies(checkpoint, device=device, dtype="float64") for device in ("cuda:0", "cpu")]
    assert [one.text for one in found[0]] == [one.text for one in found[1]]


def test_half_precision_answers_every_request(checkpoint: Path) -> None:
    assert {one.finish for one in replies(checkpoint, device="cuda:0", dtype="bfloat16")} == {"stop"}


@pytest.mark.parametrize("counts", [[1, 1, 1, 1], [3, 1, 16, 2], [40, 1, 17, 5]], ids=str)
def test_one_kernel_equals_the_padded_batch(counts: list[int]) -> None:
    device, dtype = torch.device("cuda:0"), torch.bfloat16
    if not has_varlen(device, dtype):
        pytest.skip("this torch has no variable-length attention over slots")
    keys, values = (torch.randn(5, 256, 2, 64, device=device, dtype=dtype) for _ in range(2))
    pieces = [
        Piece(slot, start, count) for slot, start, count in zip((0, 1, 3, 4), (0, 90, 7, 200), counts, strict=True)
    ]
    query = torch.randn(1, 8, sum(counts), 64, device=device, dtype=dtype)
    out = []
    for varlen in (True, False):
        layout = Layout.of(pieces, 5, 256, device, varlen=varlen)
        out.append(attend_slots(torch.nn.Module(), query, keys, values, None, scaling=0.125, layout=layout)[0])
    assert torch.allclose(out[0], out[1], atol=2e-2)


def test_pages_in_one_kernel_see_only_themselves() -> None:
    device, dtype = torch.device("cuda:0"), torch.bfloat16
    if not has_varlen(device, dtype):
        pytest.skip("this torch has no variable-length attention over slots")
    query, key, value = (torch.randn(1, 4, 96, 64, device=device, dtype=dtype) for _ in range(3))
    bounds = torch.tensor([0, 32, 96], device=device, dtype=torch.int32)
    out, _ = attention.attend_pages(
        torch.nn.Module(), query, key, value, scaling=0.125, cu_seq_lens_q=bounds, max_length_q=64
    )
    for start, stop in ((0, 32), (32, 96)):
        part = [tensor[:, :, start:stop] for tensor in (query, key, value)]
        alone = torch.nn.functional.scaled_dot_product_attention(*part, scale=0.125).transpose(1, 2)
        assert torch.allclose(out[:, start:stop], alone, atol=2e-2)


def test_slots_are_sized_from_the_free_memory(checkpoint: Path) -> None:
    engine = Qwen2VLEngine(str(checkpoint), Qwen2VL(device="cuda:0"))
    try:
        assert engine.room.slots == 64
        assert answers(engine, REQUESTS[0])[0].finish == "stop"
    finally:
        engine.close()
