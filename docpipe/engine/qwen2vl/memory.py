"""What fits: bytes of weights and of KV, the memory that is free, and the slots that come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.errors import EngineUnavailable

GIB = 1024**3
_SHARE_FOR_KV = 0.85  # of what is free once the weights are in and the working set is set aside
_WORKING_BYTES = {"cuda": 6 * GIB, "cpu": GIB}  # activations, logits and the vision tower's patches
_SLOTS = {"cuda": 64, "cpu": 8}
_SLOT_TOKENS = {"cuda": 16_384, "cpu": 4_096}


@dataclass(frozen=True, slots=True)
class Room:
    """The size of the KV pool: `slots` requests at once, `slot_tokens` positions each."""

    slots: int
    slot_tokens: int


def free_bytes(devices: Iterable[torch.device]) -> int:
    """Memory that can still be taken, summed over `devices`."""
    return sum(_free(device) for device in set(devices))


def _free(device: torch.device) -> int:
    if device.type == "cuda":
        held = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return torch.cuda.mem_get_info(device)[0] + held
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    raise EngineUnavailable("the free memory of this machine is not known", remedy="Set slots and slot_tokens.")


def kv_bytes(text_config: Any, dtype: torch.dtype) -> int:
    """Bytes of KV a token: keys and values of every layer's KV heads."""
    head = getattr(text_config, "head_dim", None) or text_config.hidden_size // text_config.num_attention_heads
    per_layer = 2 * text_config.num_key_value_heads * head
    return int(text_config.num_hidden_layers * per_layer * dtype.itemsize)


def plan_room(options: Qwen2VL, text_config: Any, dtype: torch.dtype, devices: set[torch.device]) -> Room:
    """The pool that the options ask for, or else that the free memory holds beside a working set.

    Raises EngineUnavailable where not even one slot fits, saying what would.
    """
    kind = next(iter(devices)).type
    wanted = Room(
        slots=options.slots or _SLOTS[kind],
        slot_tokens=min(options.slot_tokens or _SLOT_TOKENS[kind], text_config.max_position_embeddings),
    )
    slot_bytes = wanted.slot_tokens * kv_bytes(text_config, dtype)
    usable = int((free_bytes(devices) - _WORKING_BYTES[kind]) * _SHARE_FOR_KV)
    fitting = max(0, usable) // slot_bytes
    if fitting < (options.slots or 1):
        raise EngineUnavailable(
            f"{options.slots or 1} slots of {wanted.slot_tokens} tokens need "
            f"{(options.slots or 1) * slot_bytes / GIB:.1f} GiB for KV; {max(0, usable) / GIB:.1f} GiB are free for it",
            remedy=f"Set slots to {max(1, fitting)} or slot_tokens lower, or take a smaller or quantized checkpoint.",
        )
    return Room(min(wanted.slots, fitting), wanted.slot_tokens)


def check_weights_fit(name: str, needed: int, devices: set[torch.device]) -> None:
    """Raises EngineUnavailable if `needed` bytes of weights are more than is free, saying which option fits."""
    free = free_bytes(devices)
    if needed < free:
        return
    gpus = torch.cuda.device_count()
    spread = f"device=all spreads the layers over the {gpus} GPUs here; " if gpus > len(devices) else ""
    raise EngineUnavailable(
        f"the weights of {name} need {needed / GIB:.1f} GiB; {free / GIB:.1f} GiB are free "
        f"on {', '.join(sorted(str(device) for device in devices))}",
        remedy=f"{spread}a 4-bit (AWQ, GPTQ) checkpoint of it needs about {needed / 3.5 / GIB:.1f} GiB; "
        "Qwen2-VL-2B-Instruct needs 4.2 GiB in bfloat16.",
    )
