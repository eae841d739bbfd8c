"""Slots, steps and shared beginnings by themselves: small tensors, no model."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from docpipe.engine.qwen2vl.attention import Layout, Piece, attend_slots
from docpipe.engine.qwen2vl.cache import KvPool, Prefixes, StepCache
from docpipe.engine.qwen2vl.memory import Room
from docpipe.engine.qwen2vl.scheduler import Load
from docpipe.engine.qwen2vl.stats import Stats

CPU = torch.device("cpu")


def pool(slots: int = 4, tokens: int = 64) -> KvPool:
    """Two layers, two KV heads of width 4."""
    layer = SimpleNamespace(input_layernorm=SimpleNamespace(weight=torch.empty(0)))
    config = SimpleNamespace(hidden_size=16, num_attention_heads=4, num_key_value_heads=2)
    return KvPool(SimpleNamespace(config=config, layers=[layer, layer]), Room(slots, tokens), torch.float64)


@pytest.mark.parametrize(
    "pieces",
    [
        [Piece(0, 0, 1)],
        [Piece(1, 5, 1), Piece(3, 0, 3)],
        [Piece(0, 7, 2), Piece(1, 0, 20), Piece(2, 30, 1), Piece(3, 9, 25)],
        [Piece(2, 10, 16), Piece(3, 10, 17)],
    ],
    ids=["one", "idle between", "mixed", "edge of short"],
)
def test_packed_attention_is_causal_attention_of_each_slot(pieces: list[Piece]) -> None:
    torch.manual_seed(0)
    kv = pool()
    kv.keys[0].normal_()
    kv.values[0].normal_()
    tokens = sum(piece.count for piece in pieces)
    layout = Layout.of(pieces, 4, 64, CPU, varlen=False)
    query, key, value = (torch.randn(1, heads, tokens, 4, dtype=torch.float64) for heads in (4, 2, 2))
    keys, values = StepCache(kv, layout).update(key, value, 0)
    out = attend_slots(torch.nn.Module(), query, keys, values, None, scaling=0.5, layout=layout)[0][0]
    at = 0
    for piece in pieces:
        for offset in range(piece.count):
            reach = piece.start + offset + 1
            assert torch.equal(keys[piece.slot, reach - 1], key[0, :, at])
            seen = (tensor[piece.slot, :reach].repeat_interleave(2, dim=1) for tensor in (keys, values))
            known, known_values = seen
            share = (torch.einsum("hd,thd->ht", query[0, :, at], known) * 0.5).softmax(-1)
            assert torch.allclose(out[at], torch.einsum("ht,thd->hd", share, known_values))
            at += 1


def test_a_prefix_is_restored_as_far_as_it_is_shared() -> None:
    kv = pool()
    prefixes = Prefixes(kv, on=True)
    kv.keys[1][0] = 7.0
    prefixes.keep(0, (1, 2, 3, 4))
    assert prefixes.knows((1, 2, 3, 4))
    assert not prefixes.knows((1, 2, 9))
    assert prefixes.restore(2, (1, 2, 9)) == 2
    assert kv.keys[1][2, :3, 0, 0].tolist() == [7.0, 7.0, 0.0]


def test_the_prefix_longest_unused_gives_way() -> None:
    prefixes = Prefixes(pool(), on=True)
    for first in range(8):
        prefixes.keep(0, (first, 0))
    prefixes.restore(1, (0, 0))
    prefixes.keep(0, (8, 0))
    assert prefixes.knows((0, 0))
    assert not prefixes.knows((1, 0))


def test_a_load_is_halved_to_its_floor_and_no_further() -> None:
    load = Load(256, 100)
    assert [load.halve() for _ in range(4)] == [True, True, False, False]
    assert (load.step_tokens, load.vision_tokens) == (64, 64)


def test_a_load_below_its_floor_is_not_raised_by_halving() -> None:
    load = Load(19, 8_192)
    assert load.halve()
    assert (load.step_tokens, load.vision_tokens) == (19, 4_096)


def test_a_halved_load_doubles_after_enough_full_steps_and_stops_where_it_began() -> None:
    load = Load(300, 1_000, patience=3)
    load.halve()
    load.halve()
    sizes = []
    for _ in range(9):
        load.ran(load.step_tokens - 1)  # it would not have been larger: it says nothing
        load.ran(load.step_tokens)
        sizes.append((load.step_tokens, load.vision_tokens))
    assert sizes == [(75, 250)] * 2 + [(150, 500)] * 3 + [(300, 1_000)] * 4


def test_each_growth_that_was_too_much_doubles_the_patience() -> None:
    load, waits = Load(512, 512, patience=2), []
    for _ in range(4):
        load.halve()
        steps = 0
        while load.step_tokens < 512:
            load.ran(load.step_tokens)
            steps += 1
        waits.append(steps)
    assert waits == [2, 4, 8, 16]


@given(st.integers(1, 10_000), st.integers(1, 10_000), st.lists(st.booleans(), max_size=60))
def test_a_load_stays_between_its_floor_and_its_start(step_tokens: int, vision_tokens: int, fits: list[bool]) -> None:
    load = Load(step_tokens, vision_tokens, patience=2)
    for fitted in fits:
        if fitted:
            load.ran(load.step_tokens)
        else:
            load.halve()
        assert min(step_tokens, load.floor) <= load.step_tokens <= step_tokens
        assert min(vision_tokens, load.floor) <= load.vision_tokens <= vision_tokens


def test_stats_count_only_crowded_steps_as_occupancy() -> None:
    stats = Stats(slots=4)
    assert stats.occupancy == 1.0
    stats.count_step(busy=1, waiting=0, fed=1)
    stats.count_step(busy=3, waiting=2, fed=3)
    assert (stats.occupancy, stats.steps, stats.fed_tokens) == (0.75, 2, 4)
    stats.restart()
    assert (stats.slots, stats.steps) == (4, 0)
