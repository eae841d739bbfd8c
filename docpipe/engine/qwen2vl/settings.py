"""How the Qwen2-VL engine is loaded and run. Imports nothing heavy: every command reads its settings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from docpipe.bounds import bounded


@dataclass(frozen=True, slots=True)
class Qwen2VL:
    """How the Qwen2-VL engine is loaded and run; sizes left None are taken from the free memory.

    revision           branch, tag or commit of a named checkpoint
    dtype              "auto" (as stored; float32 on a CPU), or a floating dtype of torch by name
    device             "auto" (a GPU if there is one), "cpu", "cuda:1", or "all" to spread over every GPU
    download           fetch a named checkpoint that is not on this machine
    slots              requests that are read at once
    slot_tokens        positions of KV a slot owns: prompt and answer together
    step_tokens        tokens of one packed step; longer prompts enter in pieces
    vision_tokens      visual tokens of one call of the vision tower
    share_prefix       compute the text before the pages once and copy its KV into every slot
    force_tokens       feed what the grammar leaves no choice about without asking the model
    repetition_tokens  how much of the same in a row ends an answer; 0 lets it go on
    page_text          show the model the page's words too, marked as untrusted
    """

    revision: str = ""
    dtype: Literal["auto", "float64", "float32", "float16", "bfloat16"] = "auto"
    device: str = "auto"
    download: bool = True
    slots: int | None = bounded(None, 1, 100_000)
    slot_tokens: int | None = bounded(None, 1, 100_000_000)
    step_tokens: int = bounded(8_192, 1, 100_000_000)
    vision_tokens: int = bounded(16_384, 1, 100_000_000)
    share_prefix: bool = True
    force_tokens: bool = True
    repetition_tokens: int = bounded(256, 0, 100_000_000)
    page_text: bool = False
