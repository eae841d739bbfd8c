"""The model families that run in slots. Imports nothing heavy: `doctor` asks here too."""

from __future__ import annotations

import importlib.metadata
import importlib.util
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Family:
    """`kind` is `model_type` in config.json and transformers' folder, `name` what its makers call it.

    All have a text tower that takes packed steps through one attention function, M-RoPE positions from
    `get_rope_index` and a vision tower behind `get_image_features`; what else they differ in is read from the model.
    """

    kind: str
    name: str
    architecture: str  # transformers' class


FAMILIES = {
    family.kind: family
    for family in (
        Family("qwen2_vl", "Qwen2-VL", "Qwen2VLForConditionalGeneration"),
        Family("qwen2_5_vl", "Qwen2.5-VL", "Qwen2_5_VLForConditionalGeneration"),
        Family("qwen3_vl", "Qwen3-VL", "Qwen3VLForConditionalGeneration"),
        Family("qwen3_vl_moe", "Qwen3-VL-MoE", "Qwen3VLMoeForConditionalGeneration"),
    )
}


def installed_families() -> list[Family]:
    """Those of which the installed transformers has the code; only looked for, not imported."""
    found = importlib.util.find_spec("transformers")
    if found is None or not found.origin:
        return []
    models = Path(found.origin).parent / "models"
    return [family for family in FAMILIES.values() if (models / family.kind).is_dir()]


def transformers_version() -> str:
    """As its package says."""
    return importlib.metadata.version("transformers")
