"""Attention of packed tokens over the slots' KV, as functions that transformers' own layers call by name."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import accumulate
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import AttentionInterface

SLOTS_ATTENTION = "docpipe_slots"
PAGES_ATTENTION = "docpipe_flash_pages"  # transformers hands whole batches to names that hold "flash"
SHORT = 16  # tokens of a piece that still runs beside the other slots' in one call


@cache
def _varlen() -> Any:
    """torch's variable-length attention if it can do what slots need, else None."""
    try:
        from torch.nn.attention.varlen import varlen_attn
    except ImportError:
        return None
    return varlen_attn if {"seqused_k", "enable_gqa"} <= set(inspect.signature(varlen_attn).parameters) else None


def has_varlen(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether attention can run as one kernel over sequences of any length: on a GPU in half precision."""
    return device.type == "cuda" and dtype in (torch.float16, torch.bfloat16) and _varlen() is not None


@dataclass(frozen=True, slots=True)
class Piece:
    """`count` tokens of one slot that follow the `start` tokens whose KV is there already."""

    slot: int
    start: int
    count: int

    @property
    def stop(self) -> int:
        return self.start + self.count


@dataclass(frozen=True, eq=False)
class Layout:
    """Where a step's packed tokens belong. Pieces stand in the order of their slots.

    places   (tokens,) int64 index into the pool's positions, slot by slot
    offsets  (slots + 1,) int32 first packed token of each slot; a slot without a piece has none
    used     (slots,) int32 positions of each slot that hold KV after this step
    """

    pieces: tuple[Piece, ...]
    places: Tensor
    offsets: Tensor
    used: Tensor
    varlen: bool

    @classmethod
    def of(cls, pieces: Sequence[Piece], slots: int, slot_tokens: int, device: torch.device, *, varlen: bool) -> Layout:
        counts, used = [0] * slots, [0] * slots
        places: list[int] = []
        for piece in pieces:
            counts[piece.slot], used[piece.slot] = piece.count, piece.stop
            first = piece.slot * slot_tokens
            places += range(first + piece.start, first + piece.stop)
        offsets = torch.tensor([0, *accumulate(counts)], dtype=torch.int32)
        held = torch.tensor(used, dtype=torch.int32)
        return cls(tuple(pieces), torch.tensor(places).to(device), offsets.to(device), held.to(device), varlen)

    def to(self, device: torch.device, **_: Any) -> Layout:
        """The same on another device: how accelerate hands it to layers on a second GPU."""
        if device == self.places.device:
            return self
        moved = {name: getattr(self, name).to(device) for name in ("places", "offsets", "used")}
        return replace(self, **moved)

    @cached_property
    def longest(self) -> int:
        return max(piece.count for piece in self.pieces)

    @cached_property
    def reach(self) -> int:
        return max(piece.stop for piece in self.pieces)

    @cached_property
    def first(self) -> dict[int, int]:
        """Slot -> its first packed token."""
        starts, at = {}, 0
        for piece in self.pieces:
            starts[piece.slot] = at
            at += piece.count
        return starts

    @cached_property
    def short(self) -> Short | None:
        pieces = [piece for piece in self.pieces if piece.count <= SHORT]
        return Short.of(pieces, self.first, self.places.device) if pieces else None


@dataclass(frozen=True, slots=True, eq=False)
class Short:
    """The short pieces of a step as one padded batch over a run of neighbouring slots.

    slots   first and last + 1 of the run;   reach: positions of KV that any of them looks at
    rows    (slots, longest) packed token of each place of the batch, 0 where padded
    seen    (slots, 1, longest, reach) which positions each place may look at; padded places see the first
    packed, batch  (tokens,) packed token and flat place of every true token
    """

    slots: tuple[int, int]
    reach: int
    rows: Tensor
    seen: Tensor
    packed: Tensor
    batch: Tensor

    @classmethod
    def of(cls, pieces: Sequence[Piece], first: dict[int, int], device: torch.device) -> Short:
        low, high = pieces[0].slot, pieces[-1].slot + 1
        longest, reach = max(piece.count for piece in pieces), max(piece.stop for piece in pieces)
        rows = torch.zeros((high - low, longest), dtype=torch.int64)
        limit = torch.zeros((high - low, longest), dtype=torch.int64)  # the last position that a place sees
        true = torch.zeros((high - low, longest), dtype=torch.bool)
        for piece in pieces:
            at = piece.slot - low
            rows[at, : piece.count] = torch.arange(piece.count) + first[piece.slot]
            limit[at, : piece.count] = torch.arange(piece.start, piece.stop)
            true[at, : piece.count] = True
        seen = torch.arange(reach) <= limit[:, None, :, None]
        batch = true.flatten().nonzero()[:, 0]
        return cls(
            (low, high), reach, rows.to(device), seen.to(device), rows.flatten()[batch].to(device), batch.to(device)
        )


def attend_slots(
    _: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, _mask: None, *, scaling: float, **more: Any
) -> tuple[Tensor, None]:
    """query (1, heads, tokens, width) over pools (slots, positions, kv heads, width) -> (1, tokens, heads, width)."""
    layout: Layout = more["layout"]
    packed = query[0].transpose(0, 1)
    if layout.varlen:
        return _attend_varlen(packed, key, value, layout, scaling)[None], None
    out = torch.empty_like(packed, memory_format=torch.contiguous_format)
    if layout.short is not None:
        out[layout.short.packed] = _attend_short(packed, key, value, layout.short, scaling)
    for piece in layout.pieces:
        if piece.count > SHORT:
            at = layout.first[piece.slot]
            out[at : at + piece.count] = _attend_long(packed[at : at + piece.count], key, value, piece, scaling)
    return out[None], None


def _attend_varlen(packed: Tensor, key: Tensor, value: Tensor, layout: Layout, scaling: float) -> Tensor:
    slots, positions = key.shape[:2]
    bounds = torch.arange(0, (slots + 1) * positions, positions, dtype=torch.int32, device=key.device)
    out: Tensor = _varlen()(
        packed,
        key.flatten(0, 1),
        value.flatten(0, 1),
        layout.offsets,
        bounds,
        layout.longest,
        layout.reach,
        scale=scaling,
        window_size=(-1, 0),
        enable_gqa=True,
        seqused_k=layout.used,
    )
    return out


def _attend_short(packed: Tensor, key: Tensor, value: Tensor, short: Short, scaling: float) -> Tensor:
    """One call for all: the query heads of a KV head stand beside each other as more queries of it.

    So KV is neither copied nor repeated: it is read where it lies.
    """
    low, high = short.slots
    slots, longest = short.rows.shape
    kv_heads, width = key.shape[2:]
    query = packed[short.rows].view(slots, longest, kv_heads, -1, width).permute(0, 2, 3, 1, 4)
    group = query.shape[2]
    out = scaled_dot_product_attention(
        query.reshape(slots, kv_heads, group * longest, width),
        key[low:high, : short.reach].transpose(1, 2),
        value[low:high, : short.reach].transpose(1, 2),
        attn_mask=short.seen.repeat(1, 1, group, 1),
        scale=scaling,
    )
    ordered = out.view(slots, kv_heads, group, longest, width).permute(0, 3, 1, 2, 4)
    return ordered.reshape(slots * longest, kv_heads * group, width)[short.batch]


def _attend_long(packed: Tensor, key: Tensor, value: Tensor, piece: Piece, scaling: float) -> Tensor:
    whole = piece.start == 0
    seen = None
    if not whole:
        limit = torch.arange(piece.start, piece.stop, device=packed.device)
        seen = torch.arange(piece.stop, device=packed.device) <= limit[:, None]
    out = scaled_dot_product_attention(
        packed.transpose(0, 1)[None],
        key[piece.slot, : piece.stop].transpose(0, 1)[None],
        value[piece.slot, : piece.stop].transpose(0, 1)[None],
        attn_mask=seen,
        is_causal=whole,
        scale=scaling,
        enable_gqa=True,
    )
    return out[0].transpose(0, 1)


def attend_pages(_: torch.nn.Module, query: Tensor, key: Tensor, value: Tensor, **more: Any) -> tuple[Tensor, None]:
    """Every page over itself, all pages in one kernel: (1, heads, patches, width) -> (1, patches, heads, width)."""
    bounds = more["cu_seq_lens_q"].to(torch.int32)
    longest = int(more["max_length_q"])
    packed = [tensor[0].transpose(0, 1).contiguous() for tensor in (query, key, value)]
    return _varlen()(*packed, bounds, bounds, longest, longest, scale=more["scaling"])[None], None


AttentionInterface.register(SLOTS_ATTENTION, attend_slots)
AttentionInterface.register(PAGES_ATTENTION, attend_pages)
