"""How the Qwen2-VL engine is loaded and run. Sizes left None are taken from the free memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """
    revision           branch, tag or commit of a named checkpoint
    dtype              "auto" (as stored; float32 on a CPU), or a floating dtype of torch by name
    device             "auto" (a GPU if there is one), "cpu", "cuda:1", or "all" to spread the layers over every GPU
    download           fetch a named checkpoint that is not here; else only local files are read
    slots              requests that are read at once
    slot_tokens        positions of KV a slot owns: prompt and answer together
    step_tokens        tokens of one packed step; longer prompts enter in pieces
    vision_tokens      visual tokens of one call of the vision tower
    share_prefix       compute the text before the pages once and copy its KV into every slot
    force_tokens       feed what the grammar leaves no choice about without asking the model
    repetition_tokens  how much of the same in a row ends an answer; 0 lets it go on
    """

    revision: str = ""
    dtype: str = "auto"
    device: str = "auto"
    download: bool = False
    slots: int | None = None
    slot_tokens: int | None = None
    step_tokens: int = 8_192
    vision_tokens: int = 16_384
    share_prefix: bool = True
    force_tokens: bool = True
    repetition_tokens: int = 256
