"""The KV pool: what every slot has read so far, and the beginnings that slots share."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor

from docpipe.engine.qwen2vl.attention import Layout
from docpipe.engine.qwen2vl.memory import Room

_PREFIXES_KEPT = 8


class KvPool:
    """Keys and values of all slots: per layer (slots, positions, kv heads, width), on that layer's device."""

    def __init__(self, text_model: Any, room: Room, dtype: torch.dtype) -> None:
        config = text_model.config
        width = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        shape = (room.slots, room.slot_tokens, config.num_key_value_heads, width)
        devices = [layer.input_layernorm.weight.device for layer in text_model.layers]  # never quantized
        # Zeros, not garbage: a masked position still meets the softmax, and NaN times nothing is NaN.
        self.keys = [torch.zeros(shape, dtype=dtype, device=device) for device in devices]
        self.values = [torch.zeros(shape, dtype=dtype, device=device) for device in devices]
        self.room = room

    def copy_out(self, slot: int, tokens: int) -> list[Tensor]:
        """The first `tokens` positions of a slot, keys then values, as tensors of their own."""
        return [layer[slot, :tokens].clone() for layer in (*self.keys, *self.values)]

    def copy_in(self, slot: int, kept: list[Tensor], tokens: int) -> None:
        """Writes the first `tokens` positions of what `copy_out` gave."""
        for layer, part in zip((*self.keys, *self.values), kept, strict=True):
            layer[slot, :tokens] = part[:tokens]


class StepCache:
    """The pool as transformers' layers see it for the length of one step."""

    is_compileable = False

    def __init__(self, pool: KvPool, layout: Layout) -> None:
        self._pool, self._layout = pool, layout

    def update(self, key: Tensor, value: Tensor, layer: int, *_: Any, **__: Any) -> tuple[Tensor, Tensor]:
        """Takes the packed tokens' (1, kv heads, tokens, width) and returns the whole pools."""
        keys, values = self._pool.keys[layer], self._pool.values[layer]
        places = self._layout.to(keys.device).places
        keys.flatten(0, 1).index_copy_(0, places, key[0].transpose(0, 1))
        values.flatten(0, 1).index_copy_(0, places, value[0].transpose(0, 1))
        return keys, values

    def get_seq_length(self, *_: Any) -> int:
        """Nothing is counted here: positions come with every step."""
        return 0


class Prefixes:
    """KV of beginnings that prompts share; the one longest unused gives way."""

    def __init__(self, pool: KvPool, *, on: bool) -> None:
        self._pool, self._on = pool, on
        self._kept: OrderedDict[tuple[int, ...], list[Tensor]] = OrderedDict()

    def knows(self, head: tuple[int, ...]) -> bool:
        """Whether there is nothing to wait for: the head is kept, or none ever is."""
        return not self._on or head in self._kept

    def restore(self, slot: int, head: tuple[int, ...]) -> int:
        """Copies the longest known beginning of `head` into a slot; returns its tokens."""
        lengths = {kept: _common(kept, head) for kept in self._kept}
        if not lengths:
            return 0
        best = max(lengths, key=lambda kept: lengths[kept])
        self._pool.copy_in(slot, self._kept[best], lengths[best])
        self._kept.move_to_end(best)
        return lengths[best]

    def keep(self, slot: int, head: tuple[int, ...]) -> None:
        """Keeps the KV of `head`, which the slot holds."""
        if self.knows(head):
            return
        if len(self._kept) == _PREFIXES_KEPT:
            self._kept.popitem(last=False)
        self._kept[head] = self._pool.copy_out(slot, len(head))


def _common(left: tuple[int, ...], other: tuple[int, ...]) -> int:
    """Tokens that both begin with."""
    shorter = min(len(left), len(other))
    return next((at for at in range(shorter) if left[at] != other[at]), shorter)
