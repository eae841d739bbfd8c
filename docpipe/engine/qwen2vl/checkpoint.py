"""Checkpoints of the true architectures with random weights: what tests and benchmarks load, without a download."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForImageTextToText

from docpipe.engine.qwen2vl.tokens import END_OF_TEXT, PAGE_END, PAGE_PAD, PAGE_START, SPECIAL_IDS, TURN_END
from docpipe.engine.qwen2vl.vocabulary import write_tokenizer


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a model of `family`, a `model_type` of transformers.

    rope_sections  (time, height, width) sum to half the width of a head
    head_width     of a text head; None: hidden / heads
    vision_mlp     None: four times the tower's hidden size
    patch          pixels along its side; the tower merges two by two
    deepstack      layers of the tower whose features go to the first text layers, one to each
    experts        of each text layer, two of which see a token; 0: a dense model
    """

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
    family: str = "qwen2_vl"
    head_width: int | None = None
    vision_mlp: int | None = None
    patch: int = 14
    deepstack: tuple[int, ...] = ()
    experts: int = 0

    @property
    def head(self) -> int:
        """Width of a text head."""
        return self.head_width or self.hidden // self.heads

    @property
    def grid(self) -> int:
        """Pixels along the side of one visual token."""
        return 2 * self.patch

    @property
    def rope_theta(self) -> float:
        """Base of the rotary embedding."""
        return 5e6 if _is_third(self) else 1e6


_TINY = Shape(64, 2, 4, 2, 128, (2, 3, 3), 2, 64, 4)
_TINY_3 = replace(  # heads are not hidden / heads wide and layers outnumber deepstack levels, as in the true ones
    _TINY, layers=3, rope_sections=(6, 5, 5), head_width=32, vision_layers=3, patch=16, deepstack=(0, 2)
)

# "2b", "7b" and "3-8b" are the published sizes of Qwen2-VL-2B-Instruct, Qwen2-VL-7B-Instruct and
# Qwen3-VL-8B-Instruct (their config.json).
SHAPES = {
    "tiny": _TINY,
    "tiny-2.5": replace(_TINY, family="qwen2_5_vl", vision_mlp=128),
    "tiny-3": replace(_TINY_3, family="qwen3_vl"),
    "tiny-3-moe": replace(_TINY_3, family="qwen3_vl_moe", experts=4),
    "cpu-bench": Shape(512, 8, 8, 2, 1_536, (8, 12, 12), 2, 128, 4),
    "2b": Shape(1_536, 28, 12, 2, 8_960, (16, 24, 24), 32, 1_280, 16, tied=True),
    "7b": Shape(3_584, 28, 28, 4, 18_944, (16, 24, 24), 32, 1_280, 16, vocabulary=152_064),
    "3-8b": Shape(
        4_096, 36, 32, 8, 12_288, (24, 20, 20), 27, 1_152, 16,
        context=262_144, family="qwen3_vl", head_width=128, vision_mlp=4_304, patch=16, deepstack=(8, 16, 24),
    ),
}  # fmt: skip

_SYSTEM_TURN = (
    "{% if loop.first and turn.role != 'system' %}"
    "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n{% endif %}"
)
_TURN = (
    "<|im_start|>{{ turn.role }}\n"
    "{% if turn.content is string %}{{ turn.content }}{% else %}"
    "{% for part in turn.content %}"
    "{% if part.type == 'image' %}<|vision_start|><|image_pad|><|vision_end|>{% else %}{{ part.text }}{% endif %}"
    "{% endfor %}{% endif %}<|im_end|>\n"
)
_ANSWER = "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"


def make_checkpoint(
    folder: Path, shape: str = "tiny", *, seed: int = 0, dtype: torch.dtype = torch.float32, device: str = "cpu"
) -> Path:
    """Writes a whole checkpoint of random weights into `folder` (made if missing), and returns it.

    `shape`: a name of SHAPES. Equal arguments give equal files on one version of torch.
    """
    sizes = SHAPES[shape]
    folder.mkdir(parents=True, exist_ok=True)
    write_tokenizer(folder)
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor(sizes), indent=2))
    (folder / "chat_template.jinja").write_text(chat_template(sizes))
    model = new_model(sizes, dtype=dtype, device=device)
    randomize(model, seed)
    model.save_pretrained(folder)
    return folder


def new_model(shape: Shape, *, dtype: torch.dtype, device: str = "cpu") -> Any:
    """A model of that shape, its weights as transformers leaves them."""
    new: Any = AutoModelForImageTextToText.from_config
    with torch.device(device):
        return new(_config(shape), dtype=dtype)


def _is_third(shape: Shape) -> bool:
    return shape.family.startswith("qwen3")


def chat_template(shape: Shape) -> str:
    """The turns of the chat; Qwen3-VL's puts nothing into the system's turn by itself."""
    return "{% for turn in messages %}" + ("" if _is_third(shape) else _SYSTEM_TURN) + _TURN + "{% endfor %}" + _ANSWER


def preprocessor(shape: Shape) -> dict[str, Any]:
    """How pages are shown. Mean and deviation a channel are CLIP's (OpenAI) up to Qwen2.5-VL, halves since."""
    third = _is_third(shape)
    return {
        "image_processor_type": "Qwen2VLImageProcessor",
        "processor_class": "Qwen3VLProcessor" if third else "Qwen2VLProcessor",
        "patch_size": shape.patch,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "min_pixels": 4 * shape.grid**2,
        "max_pixels": 16_384 * shape.grid**2,
        "image_mean": [0.5] * 3 if third else [0.48145466, 0.4578275, 0.40821073],
        "image_std": [0.5] * 3 if third else [0.26862954, 0.26130258, 0.27577711],
    }


def _config(shape: Shape) -> Any:
    return AutoConfig.for_model(
        shape.family,
        text_config=_text(shape),
        vision_config=_vision(shape),
        tie_word_embeddings=shape.tied,
        image_token_id=SPECIAL_IDS[PAGE_PAD],
        video_token_id=SPECIAL_IDS["<|video_pad|>"],
        vision_start_token_id=SPECIAL_IDS[PAGE_START],
        vision_end_token_id=SPECIAL_IDS[PAGE_END],
    )


def _text(shape: Shape) -> dict[str, Any]:
    interleaved = {"mrope_interleaved": True} if _is_third(shape) else {}
    settings: dict[str, Any] = {
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
            "rope_theta": shape.rope_theta,
            "mrope_section": list(shape.rope_sections),
            **interleaved,
        },
        "bos_token_id": SPECIAL_IDS[END_OF_TEXT],
        "eos_token_id": SPECIAL_IDS[TURN_END],
        "pad_token_id": SPECIAL_IDS[END_OF_TEXT],
    }
    if shape.head_width:
        settings["head_dim"] = shape.head_width
    if shape.experts:
        settings |= {"num_experts": shape.experts, "num_experts_per_tok": 2, "moe_intermediate_size": shape.mlp}
    return settings


def _vision(shape: Shape) -> dict[str, Any]:
    settings: dict[str, Any] = {"depth": shape.vision_layers, "num_heads": shape.vision_heads}
    if shape.family == "qwen2_vl":
        return settings | {"embed_dim": shape.vision_hidden, "hidden_size": shape.hidden}
    settings |= {
        "hidden_size": shape.vision_hidden,
        "intermediate_size": shape.vision_mlp or 4 * shape.vision_hidden,
        "out_hidden_size": shape.hidden,
        "patch_size": shape.patch,
    }
    if shape.deepstack:
        return settings | {"deepstack_visual_indexes": list(shape.deepstack)}
    return settings | {"fullatt_block_indexes": [shape.vision_layers - 1], "window_size": 112}


@torch.no_grad()
def randomize(model: torch.nn.Module, seed: int) -> None:
    """Weights wide enough that logits differ by whole numbers: greedy choices then do not hang on rounding."""
    torch.manual_seed(seed)
    for name, weight in model.named_parameters():
        if weight.ndim > 1:
            gain = 3.0 if name.startswith("lm_head") else 1.5
            inputs = weight.shape[2] if ".experts." in name else weight[0].numel()
            weight.normal_(std=gain * inputs**-0.5)
        elif name.endswith("bias"):
            weight.normal_(std=0.02)
