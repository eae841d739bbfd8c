"""An AWQ checkpoint made of a plain one, and a stand-in for the library that runs such: it computes what is stored."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import load_file

from docpipe.engine.qwen2vl.published import write_shards

GROUP, BITS, PACKED = 32, 4, 8  # values of a group, of one value, values of one int32

# The names that transformers asks gptqmodel for; the linear layer unpacks its weights at every call.
_LIBRARY = {
    "__init__.py": "",
    "quantization/__init__.py": "import enum\n\n\nclass METHOD(enum.Enum):\n    AWQ = 'awq'\n",
    "quantization/awq/__init__.py": "",
    "quantization/awq/modules/__init__.py": "",
    "quantization/awq/modules/act.py": "class ScaledActivation:\n    pass\n",
    "utils/__init__.py": "",
    "utils/model.py": "def hf_gptqmodel_post_init(model, use_act_order):\n    return model\n",
    "utils/importer.py": """
import torch


def unpacked(packed):
    shifts = torch.arange(0, 32, 4, device=packed.device)
    return ((packed[..., None] >> shifts) & 15).flatten(-2)


class Linear(torch.nn.Module):
    def __init__(self, *, group_size, in_features, out_features, bias, **_):
        super().__init__()
        self.group_size = group_size
        groups = in_features // group_size
        self.register_buffer("qweight", torch.zeros(in_features, out_features // 8, dtype=torch.int32))
        self.register_buffer("qzeros", torch.zeros(groups, out_features // 8, dtype=torch.int32))
        self.register_buffer("scales", torch.zeros(groups, out_features))
        self.register_buffer("bias", torch.zeros(out_features) if bias else None)

    def forward(self, x):
        zeros, scales = (one.repeat_interleave(self.group_size, 0) for one in (unpacked(self.qzeros), self.scales))
        weight = (unpacked(self.qweight) - zeros) * scales
        return torch.nn.functional.linear(x, weight.T.to(x.dtype), self.bias)


def hf_select_quant_linear_v2(**_):
    return Linear
""",
}


def write_library(folder: Path) -> None:
    """Writes a package gptqmodel into `folder`."""
    for name, text in _LIBRARY.items():
        path = folder / "gptqmodel" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def quantize(plain: Path, folder: Path, not_converted: list[str] | None) -> tuple[Path, Path]:
    """(AWQ checkpoint, plain checkpoint of the same values) of the one in `plain`: its text layers in four bits.

    `not_converted`: what the configuration says of modules that are not.
    """
    weights = {name: one for path in sorted(plain.glob("*.safetensors")) for name, one in load_file(path).items()}
    stored, known = dict[str, torch.Tensor](), dict[str, torch.Tensor]()
    for name, weight in weights.items():
        if name.startswith("model.layers.") and name.endswith("proj.weight"):
            module = name.removesuffix(".weight")
            packed, known[name] = _packed(weight.float())
            stored |= {f"{module}.{kind}": one for kind, one in packed.items()}
        else:
            stored[name] = known[name] = weight.float()
    settings = {"quant_method": "awq", "bits": BITS, "group_size": GROUP, "version": "gemm", "zero_point": True}
    told = {**settings, "modules_to_not_convert": not_converted}
    return (
        _checkpoint(plain, folder / "awq", stored, {"quantization_config": told}),
        _checkpoint(plain, folder / "dense", known, {}),
    )


def _packed(weight: torch.Tensor) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
    """The tensors that stand for a weight (out, in), and the values that they stand for."""
    grouped = weight.T.reshape(-1, GROUP, weight.shape[0])  # groups, inputs of one, outputs
    low, high = grouped.amin(1).clamp(max=0.0), grouped.amax(1).clamp(min=0.0)
    scales = (high - low) / (2**BITS - 1)
    zeros = (-low / scales).round()
    levels = (grouped / scales[:, None] + zeros[:, None]).round().clamp(0, 2**BITS - 1)
    values = ((levels - zeros[:, None]) * scales[:, None]).reshape(weight.shape[1], weight.shape[0]).T
    stored = {"qweight": _in_words(levels.flatten(0, 1)), "qzeros": _in_words(zeros), "scales": scales}
    return stored, values.contiguous()


def _in_words(levels: torch.Tensor) -> torch.Tensor:
    """(rows, columns) of four bits each -> (rows, columns / 8) int32."""
    shifts = torch.arange(0, 32, BITS)
    words = (levels.to(torch.int64).unflatten(-1, (-1, PACKED)) << shifts).sum(-1)
    return torch.where(words >= 2**31, words - 2**32, words).to(torch.int32)


def _checkpoint(plain: Path, folder: Path, weights: dict[str, torch.Tensor], more: dict[str, object]) -> Path:
    shutil.copytree(plain, folder, ignore=shutil.ignore_patterns("*.safetensors*"))
    config = json.loads((plain / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, **more}))
    write_shards(folder, weights)
    return folder
