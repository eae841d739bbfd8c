"""The special tokens of the Qwen2-VL family, by their text and by the ids that its checkpoints share.

Source: tokenizer_config.json of Qwen/Qwen2-VL-2B-Instruct.
"""

from __future__ import annotations

END_OF_TEXT = "<|endoftext|>"
TURN_START = "<|im_start|>"
TURN_END = "<|im_end|>"
PAGE_START = "<|vision_start|>"
PAGE_END = "<|vision_end|>"
PAGE_PAD = "<|image_pad|>"

FIRST_SPECIAL_ID = 151_643
SPECIAL_TOKENS = (
    END_OF_TEXT,
    TURN_START,
    TURN_END,
    "<|object_ref_start|>",
    "<|object_ref_end|>",
    "<|box_start|>",
    "<|box_end|>",
    "<|quad_start|>",
    "<|quad_end|>",
    PAGE_START,
    PAGE_END,
    "<|vision_pad|>",
    PAGE_PAD,
    "<|video_pad|>",
)
SPECIAL_IDS = {text: FIRST_SPECIAL_ID + index for index, text in enumerate(SPECIAL_TOKENS)}
