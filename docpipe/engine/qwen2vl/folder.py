"""The small files of a model folder: somebody else's, so read within bounds and held to what this engine runs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docpipe.errors import EngineUnavailable

MAX_JSON_BYTES = 64 * 1024**2  # the index of a checkpoint's shards, the largest of these files, has a few MB
MAX_TEMPLATE_BYTES = 4 * 1024**2

# What names code that transformers, or a library that it calls, would fetch or import.
_CODE = {
    "auto_map",
    "trust_remote_code",
    "custom_pipelines",
    "custom_generate",
    "use_kernels",
    "kernel_config",
    "_type",
}
_IMPLEMENTATION = re.compile(r"_?(?:attn|experts)_implementation(?:_internal|_autoset)?\Z")
_BUILT_IN = {  # of transformers; ours takes their place
    "eager", "sdpa", "flash_attention_2", "flash_attention_3", "flash_attention_4", "flex_attention", "grouped_mm",
    "batched_mm", "",
}  # fmt: skip
_QUANTIZATIONS = ("awq", "gptq")
_SIZES = {  # key of a size -> the most that is believed; the largest of these families, 235B, is far below
    "vocab_size": 2_000_000, "hidden_size": 65_536, "intermediate_size": 1_000_000, "num_hidden_layers": 1_000,
    "num_attention_heads": 1_024, "num_key_value_heads": 1_024, "head_dim": 4_096, "num_experts": 4_096,
    "num_experts_per_tok": 4_096, "moe_intermediate_size": 1_000_000, "max_position_embeddings": 100_000_000,
    "depth": 1_000, "embed_dim": 65_536, "num_heads": 1_024, "out_hidden_size": 65_536, "patch_size": 256,
    "temporal_patch_size": 64, "spatial_patch_size": 256, "spatial_merge_size": 64, "in_channels": 64, "in_chans": 64,
    "num_position_embeddings": 1_000_000,
}  # fmt: skip


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file of a model folder. Raises EngineUnavailable for anything else."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_JSON_BYTES + 1)
        found = json.loads(content.decode("utf-8")) if len(content) <= MAX_JSON_BYTES else None
    except RecursionError:
        raise _unread(path, "it is nested too deep") from None
    except (OSError, ValueError) as error:
        raise _unread(path, str(error)) from error
    if not isinstance(found, dict):
        raise _unread(path, "it is no JSON object, or too large")
    return found


def read_template(path: Path) -> str:
    """The text of a file in which a chat template may stand, "" if there is none; it need not be UTF-8."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_TEMPLATE_BYTES).decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unread(path, str(error)) from error


def read_config(folder: Path, name: str) -> dict[str, Any]:
    """config.json of the checkpoint that the user calls `name`, without what says how attention is computed.

    Raises EngineUnavailable for one that names code, an unknown quantization, or sizes that no model has.
    """
    config = read_json(folder / "config.json")
    for path, key, value in _members(config):
        if key in _CODE and value not in (None, False):
            raise _refused(name, f"{path} names code, and none of a model's is run", f"Take {path} out of config.json")
        if _IMPLEMENTATION.match(key) and not _is_built_in(value):
            raise _refused(name, f"{path} names code: {str(value)[:80]!r}", f"Take {path} out of config.json")
        if key in _SIZES and not _is_size(value, _SIZES[key]):
            raise _refused(name, f"{path} is {str(value)[:40]}, which is no size of a model", "Fetch config.json again")
    for part in ("text_config", "vision_config", "quantization_config"):
        if not isinstance(config.get(part) or {}, dict):
            raise _refused(name, f"{part} in config.json is no object", "Fetch config.json again")
    method = (config.get("quantization_config") or {}).get("quant_method", "awq")
    if method not in _QUANTIZATIONS:
        raise _refused(
            name, f"it is quantized by {str(method)[:40]!r}", f"This engine runs {', '.join(_QUANTIZATIONS)}"
        )
    if (folder / "adapter_config.json").exists():
        raise _refused(name, "adapter_config.json makes it an adapter", "Merge it into its model, and give that")
    kept: dict[str, Any] = _without_implementations(config)
    return kept


def _members(config: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    """(path, key, value) of every member at any depth."""
    open_members: list[tuple[str, Any]] = [("", config)]
    while open_members:
        at, value = open_members.pop()
        if isinstance(value, dict):
            for key, below in value.items():
                path = f"{at}.{key}" if at else str(key)
                yield path, key, below
                open_members.append((path, below))
        elif isinstance(value, list):
            open_members += [(at, below) for below in value]


def _is_built_in(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_built_in(below) for below in value.values())
    return value is None or isinstance(value, bool) or (isinstance(value, str) and value in _BUILT_IN)


def _is_size(value: Any, most: int) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most)


def _without_implementations(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_implementations(below) for key, below in value.items() if not _IMPLEMENTATION.match(key)}
    return value


def _unread(path: Path, why: str) -> EngineUnavailable:
    return EngineUnavailable(
        f"{path} cannot be read: {why}"[:500], remedy="The checkpoint is not whole; fetch it again."
    )


def _refused(name: str, why: str, remedy: str) -> EngineUnavailable:
    return EngineUnavailable(f"{name} cannot run: {why}", remedy=f"{remedy}.")
