"""Checkpoints of the true architecture with random weights: what tests and benchmarks load, without a download."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import Qwen2VLConfig, Qwen2VLForConditionalGeneration

from docpipe.engine.qwen2vl.tokens import END_OF_TEXT, PAGE_END, PAGE_PAD, PAGE_START, SPECIAL_IDS, TURN_END
from docpipe.engine.qwen2vl.vocabulary import write_tokenizer


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model. `rope_sections` (time, height, width) sum to half the width of a head."""

    hidden: int
    layers: int
    heads: int
    kv_heads: int
    mlp: int
    rope_sections: tuple[int, int, int]
    vision_layers: int
    vision_hidden: int
    vision_heads: int
    vocabulary: int = 151_936
    context: int = 32_768
    tied: bool = False


# "2b" and "7b" are the published sizes of Qwen2-VL-2B-Instruct and Qwen2-VL-7B-Instruct (their config.json).
SHAPES = {
    "tiny": Shape(64, 2, 4, 2, 128, (2, 3, 3), 2, 64, 4, context=32_768),
    "cpu-bench": Shape(512, 8, 8, 2, 1_536, (8, 12, 12), 2, 128, 4),
    "2b": Shape(1_536, 28, 12, 2, 8_960, (16, 24, 24), 32, 1_280, 16, tied=True),
    "7b": Shape(3_584, 28, 28, 4, 18_944, (16, 24, 24), 32, 1_280, 16, vocabulary=152_064),
}

# CLIP's mean and deviation a channel (OpenAI), which Qwen2-VL's image processor uses.
_PREPROCESSOR = {
    "image_processor_type": "Qwen2VLImageProcessor",
    "processor_class": "Qwen2VLProcessor",
    "patch_size": 14,
    "temporal_patch_size": 2,
    "merge_size": 2,
    "min_pixels": 4 * 28 * 28,
    "max_pixels": 16_384 * 28 * 28,
    "image_mean": [0.48145466, 0.4578275, 0.40821073],
    "image_std": [0.26862954, 0.26130258, 0.27577711],
}

_CHAT_TEMPLATE = (
    "{% for turn in messages %}"
    "{% if loop.first and turn.role != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
    "<|im_start|>{{ turn.role }}\n"
    "{% if turn.content is string %}{{ turn.content }}{% else %}"
    "{% for part in turn.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
    "{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)


def make_checkpoint(
    folder: Path, shape: str = "tiny", *, seed: int = 0, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Path:
    """Writes a whole Qwen2-VL checkpoint of random weights into `folder` (made if missing), and returns it.

    `shape`: a name of SHAPES. Equal arguments give equal files on one version of torch.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(_PREPROCESSOR, indent=2))
    (folder / "chat_template.jinja").write_text(_CHAT_TEMPLATE)
    with torch.device(device):
        model = _new(_config(shape), dtype=dtype)
    randomize(model, seed)
    model.save_pretrained(folder)
    return folder


_new: Any = Qwen2VLForConditionalGeneration._from_config


def text_settings(name: str) -> dict[str, Any]:
    """The text model's configuration for a name of SHAPES: the same in Qwen2-VL and Qwen2.5-VL."""
    shape = SHAPES[name]
    return {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.mlp,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "max_position_embeddings": shape.context,
        "rms_norm_eps": 1e-6,
        "rope_parameters": {
            "rope_type": "default",
            "rope_theta": 1e6,
            "mrope_section": list(shape.rope_sections),
        },
        "bos_token_id": SPECIAL_IDS[END_OF_TEXT],
        "eos_token_id": SPECIAL_IDS[TURN_END],
        "pad_token_id": SPECIAL_IDS[END_OF_TEXT],
    }


def _config(name: str) -> Qwen2VLConfig:
    shape = SHAPES[name]
    vision: dict[str, Any] = {
        "depth": shape.vision_layers,
        "embed_dim": shape.vision_hidden,
        "num_heads": shape.vision_heads,
        "hidden_size": shape.hidden,
    }
    return Qwen2VLConfig(
        text_config=text_settings(name),
        vision_config=vision,
        tie_word_embeddings=shape.tied,
        image_token_id=SPECIAL_IDS[PAGE_PAD],
        video_token_id=SPECIAL_IDS["<|video_pad|>"],
        vision_start_token_id=SPECIAL_IDS[PAGE_START],
        vision_end_token_id=SPECIAL_IDS[PAGE_END],
    )


@torch.no_grad()
def randomize(model: torch.nn.Module, seed: int) -> None:
    """Weights wide enough that logits differ by whole numbers: greedy choices then do not hang on rounding."""
    torch.manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim > 1:
            gain = 3.0 if name.startswith("lm_head") else 1.5
            weight.normal_(std=gain * (weight.shape[0] / weight.numel()) ** 0.5)
        elif name.endswith("bias"):
            weight.normal_(std=0.02)
