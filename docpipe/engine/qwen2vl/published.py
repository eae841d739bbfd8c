"""Checkpoints in the layout of the published ones: their files, configuration keys, weight names and shards; small.

What differs between families stands in their public repositories: Qwen/Qwen2-VL-2B-Instruct, Qwen/Qwen2-VL-7B-Instruct,
Qwen/Qwen2.5-VL-3B-Instruct, Qwen/Qwen3-VL-8B-Instruct.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from docpipe.engine.qwen2vl.checkpoint import Shape, chat_template, new_model, preprocessor, randomize
from docpipe.engine.qwen2vl.tokens import END_OF_TEXT, PAGE_END, PAGE_PAD, PAGE_START, SPECIAL_IDS, TURN_END
from docpipe.engine.qwen2vl.vocabulary import write_tokenizer

_SHARDS = 2
_OLD_NAMES = (("model.visual.", "visual."), ("model.language_model.", "model."))  # transformers 5 -> as published


@dataclass(frozen=True, slots=True)
class Published:
    """A published checkpoint made small: `architecture` as its config.json has it, `repetition_penalty` as its
    generation_config.json.

    Three of the four have the flat configuration and the old weight names; `nested`: config.json has both towers apart.
    """

    shape: Shape
    architecture: str
    repetition_penalty: float = 1.0
    nested: bool = False


_SECOND = Shape(128, 2, 2, 1, 192, (8, 12, 12), 2, 160, 2)
_THIRD = Shape(
    96, 4, 2, 1, 192, (24, 20, 20), 4, 144, 2,
    context=262_144, family="qwen3_vl", head_width=128, vision_mlp=538, patch=16, deepstack=(0, 1, 2),
)  # fmt: skip

PUBLISHED = {
    "Qwen2-VL-2B": Published(replace(_SECOND, tied=True), "Qwen2VLForConditionalGeneration"),
    "Qwen2-VL-7B": Published(replace(_SECOND, vocabulary=152_064), "Qwen2VLForConditionalGeneration"),
    "Qwen2.5-VL-3B": Published(
        replace(_SECOND, tied=True, family="qwen2_5_vl", vision_layers=3, vision_mlp=428, context=128_000),
        "Qwen2_5_VLForConditionalGeneration",
        repetition_penalty=1.05,
    ),
    "Qwen3-VL-8B": Published(_THIRD, "Qwen3VLForConditionalGeneration", nested=True),
}


def make_published(folder: Path, name: str, *, seed: int = 0) -> Path:
    """Writes a small checkpoint laid out as the published `name`, a key of PUBLISHED, and returns its folder.

    Weights are random, in bfloat16 and in two shards. Equal arguments give equal files on one version of torch.
    """
    published = PUBLISHED[name]
    folder.mkdir(parents=True, exist_ok=True)
    template = chat_template(published.shape)
    _write_tokenizer_files(folder, template)
    files = {
        "config.json": _nested(published) if published.nested else _flat(published),
        "generation_config.json": _generation(published),
        "preprocessor_config.json": _preprocessor(published.shape),
        "chat_template.json": {"chat_template": template},
    }
    for file, content in files.items():
        (folder / file).write_text(json.dumps(content, indent=2))
    _write_weights(folder, published, seed)
    return folder


def _write_tokenizer_files(folder: Path, template: str) -> None:
    """As the published ones, the vocabulary twice: whole, and as the two files of slow tokenizers."""
    write_tokenizer(folder)
    whole = json.loads((folder / "tokenizer.json").read_text())
    (folder / "vocab.json").write_text(json.dumps(whole["model"]["vocab"], ensure_ascii=False))
    merges = "\n".join(" ".join(pair) for pair in whole["model"]["merges"])
    (folder / "merges.txt").write_text(f"#version: 0.2\n{merges}\n")
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    added = {str(token.pop("id")): token for token in whole["added_tokens"]}
    more = {"added_tokens_decoder": added, "chat_template": template, "bos_token": None, "errors": "replace"}
    (folder / "tokenizer_config.json").write_text(json.dumps({**settings, **more}, indent=2))


def _flat(published: Published) -> dict[str, Any]:
    """Text sizes at the top, as before transformers 5."""
    shape = published.shape
    return {
        "architectures": [published.architecture],
        "model_type": shape.family,
        **_text(shape),
        **_ids(),
        "vision_token_id": SPECIAL_IDS["<|vision_pad|>"],
        "max_window_layers": shape.layers,
        "sliding_window": 32_768,
        "use_sliding_window": False,
        "rope_scaling": {"type": "mrope", "mrope_section": list(shape.rope_sections)},
        "tie_word_embeddings": shape.tied,
        "torch_dtype": "bfloat16",
        "transformers_version": "4.41.2",
        "use_cache": True,
        "vision_config": _vision(shape),
    }


def _nested(published: Published) -> dict[str, Any]:
    shape = published.shape
    rope = {"mrope_interleaved": True, "mrope_section": list(shape.rope_sections), "rope_type": "default"}
    text = {**_text(shape), "head_dim": shape.head, "dtype": "bfloat16", "model_type": f"{shape.family}_text"}
    ids = _ids()
    ends = {name: ids.pop(name) for name in ("bos_token_id", "eos_token_id")}
    return {
        "architectures": [published.architecture],
        "model_type": shape.family,
        "text_config": {**text, **ends, "attention_bias": False, "rope_scaling": rope},
        "vision_config": {**_vision(shape), "model_type": shape.family},
        **ids,
        "tie_word_embeddings": shape.tied,
        "transformers_version": "4.57.0",
    }


def _text(shape: Shape) -> dict[str, Any]:
    return {
        "attention_dropout": 0.0,
        "hidden_act": "silu",
        "hidden_size": shape.hidden,
        "initializer_range": 0.02,
        "intermediate_size": shape.mlp,
        "max_position_embeddings": shape.context,
        "num_attention_heads": shape.heads,
        "num_hidden_layers": shape.layers,
        "num_key_value_heads": shape.kv_heads,
        "rms_norm_eps": 1e-06,
        "rope_theta": shape.rope_theta,
        "vocab_size": shape.vocabulary,
    }


def _ids() -> dict[str, int]:
    return {
        "bos_token_id": SPECIAL_IDS[END_OF_TEXT],
        "eos_token_id": SPECIAL_IDS[TURN_END],
        "image_token_id": SPECIAL_IDS[PAGE_PAD],
        "video_token_id": SPECIAL_IDS["<|video_pad|>"],
        "vision_start_token_id": SPECIAL_IDS[PAGE_START],
        "vision_end_token_id": SPECIAL_IDS[PAGE_END],
    }


def _vision(shape: Shape) -> dict[str, Any]:
    """Every family names the widths of its tower in another way."""
    common: dict[str, Any] = {
        "depth": shape.vision_layers,
        "num_heads": shape.vision_heads,
        "patch_size": shape.patch,
        "spatial_merge_size": 2,
        "temporal_patch_size": 2,
    }
    if shape.family == "qwen2_vl":
        own = {"embed_dim": shape.vision_hidden, "hidden_size": shape.hidden, "mlp_ratio": 4}
        return {**common, **own, "in_chans": 3, "spatial_patch_size": shape.patch}
    common |= {"hidden_size": shape.vision_hidden, "intermediate_size": shape.vision_mlp}
    common |= {"out_hidden_size": shape.hidden}
    if shape.family == "qwen2_5_vl":
        windows = {"fullatt_block_indexes": [shape.vision_layers - 1], "window_size": 112, "tokens_per_second": 2}
        return {**common, **windows, "hidden_act": "silu", "in_chans": 3, "spatial_patch_size": shape.patch}
    deep = {"deepstack_visual_indexes": list(shape.deepstack), "num_position_embeddings": 2_304}
    return {**common, **deep, "hidden_act": "gelu_pytorch_tanh", "in_channels": 3}


def _generation(published: Published) -> dict[str, Any]:
    """Two ids end an answer, and chat is sampled: of no effect where a grammar and greedy choices rule."""
    return {
        "bos_token_id": SPECIAL_IDS[END_OF_TEXT],
        "pad_token_id": SPECIAL_IDS[END_OF_TEXT],
        "eos_token_id": [SPECIAL_IDS[TURN_END], SPECIAL_IDS[END_OF_TEXT]],
        "do_sample": True,
        "temperature": 0.01,
        "repetition_penalty": published.repetition_penalty,
    }


def _preprocessor(shape: Shape) -> dict[str, Any]:
    """The third family says the least and the most of a page as `size`, and the least is 64 tokens and not 4."""
    said = preprocessor(shape)
    if shape.family == "qwen3_vl":
        said["size"] = {"shortest_edge": 16 * said.pop("min_pixels"), "longest_edge": said.pop("max_pixels")}
    return said


def _write_weights(folder: Path, published: Published, seed: int) -> None:
    model = new_model(published.shape, dtype=torch.float32)
    randomize(model, seed)
    weights = {name: weight.to(torch.bfloat16).contiguous() for name, weight in model.state_dict().items()}
    if published.shape.tied:
        del weights["lm_head.weight"]
    if not published.nested:
        weights = {_old_name(name): weight for name, weight in weights.items()}
    write_shards(folder, weights)


def _old_name(name: str) -> str:
    return next((old + name.removeprefix(new) for new, old in _OLD_NAMES if name.startswith(new)), name)


def write_shards(folder: Path, weights: Mapping[str, torch.Tensor]) -> None:
    """Writes `weights` into _SHARDS safetensors files with an index."""
    names, place = sorted(weights), dict[str, str]()
    for at in range(_SHARDS):
        file = f"model-{at + 1:05d}-of-{_SHARDS:05d}.safetensors"
        part = {name: weights[name] for name in names[at::_SHARDS]}
        save_file(part, folder / file, metadata={"format": "pt"})
        place |= dict.fromkeys(part, file)
    size = sum(weight.numel() * weight.element_size() for weight in weights.values())
    index = {"metadata": {"total_size": size}, "weight_map": place}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2))
