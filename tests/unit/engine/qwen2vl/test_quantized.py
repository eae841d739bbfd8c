"""Quantized checkpoints: what is stored plainly is loaded plainly, and a library that is missing is named."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers.quantizers.quantizers_utils import should_convert_module
from transformers.utils import import_utils

from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.load import dtype_of, find_checkpoint, load
from docpipe.engine.qwen2vl.quantized import check_libraries, module_of, plain_modules, with_plain_modules
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.engine.qwen2vl.weights import check_loaded
from docpipe.errors import EngineUnavailable
from tests.unit.engine.qwen2vl.awq import quantize, write_library
from tests.unit.engine.qwen2vl.conftest import MakeEngine, answers, ask, page

CPU = Qwen2VL(device="cpu", slots=2, slot_tokens=256)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package gptqmodel that can be imported for the length of a test."""
    write_library(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    import_utils.is_gptqmodel_available.cache_clear()
    yield
    import_utils.is_gptqmodel_available.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0] == "gptqmodel"]:
        del sys.modules[name]  # or the next test finds it there


@pytest.mark.slow
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", ["Qwen2-VL-2B", "Qwen2.5-VL-3B"])
@pytest.mark.parametrize("not_converted", [["visual"], None, []], ids=str)
def test_an_awq_checkpoint_answers_as_the_plain_one_of_the_same_values(
    checkpoints: Callable[[str], Path], make_engine: MakeEngine, tmp_path: Path, name: str, not_converted: Any
) -> None:
    quantized, dense = quantize(checkpoints(name), tmp_path, not_converted)
    requests = [ask(page(3, 4)), ask(page(2, 5), page(3, 3, number=2)), ask()]
    said = [[(one.text, one.finish) for one in answers(make_engine(one), *requests)] for one in (quantized, dense)]
    assert said[0] == said[1]
    assert {finish for _, finish in said[0]} == {"stop"}


@pytest.mark.usefixtures("library")
def test_the_vision_tower_of_an_awq_checkpoint_is_plain_and_the_layers_are_not(
    checkpoints: Callable[[str], Path], tmp_path: Path
) -> None:
    quantized, _ = quantize(checkpoints("Qwen2-VL-2B"), tmp_path, ["visual"])
    model = load(find_checkpoint(str(quantized), CPU), CPU).model
    vision = [one for one in model.model.visual.modules() if isinstance(one, torch.nn.Linear)]
    assert len(vision) > 8
    layer = model.model.language_model.layers[0]
    assert not isinstance(layer.self_attn.k_proj, torch.nn.Linear)
    assert not hasattr(layer.self_attn.k_proj, "weight")
    assert layer.mlp.up_proj.qweight.any()


@pytest.mark.usefixtures("library")
def test_a_quantized_tensor_that_is_missing_is_named(checkpoints: Callable[[str], Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    quantized, _ = quantize(checkpoints("Qwen2-VL-2B"), tmp_path, ["visual"])
    for path in quantized.glob("*.safetensors"):
        kept = {name: one for name, one in load_file(path).items() if not name.endswith("layers.1.mlp.up_proj.scales")}
        save_file(kept, path)
    with pytest.raises(EngineUnavailable, match=r"layers\.1\.mlp\.up_proj\.scales"):
        Qwen2VLEngine(str(quantized), CPU)


NAMES = [
    "visual.patch_embed.proj.weight", "visual.blocks.0.attn.qkv.weight", "visual.blocks.0.attn.qkv.bias",
    "visual.merger.mlp.0.weight", "model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
    *(f"model.layers.{layer}.{part}.{kind}" for layer in (1, 11) for kind in ("qweight", "qzeros", "scales")
      for part in ("self_attn.q_proj", "mlp.gate_proj")),
    "model.layers.1.input_layernorm.weight", "model.layers.1.mlp.down_proj.weight",
    "model.layers.0.self_attn.q_proj.weight", "model.layers.0.mlp.gate_proj.weight",
]  # fmt: skip


def test_the_outermost_modules_without_quantized_weights_are_named() -> None:
    assert plain_modules(NAMES) == [
        "lm_head",
        "model.language_model.embed_tokens",
        "model.language_model.layers.0",
        "model.language_model.layers.1.input_layernorm",
        "model.language_model.layers.1.mlp.down_proj",
        "model.language_model.norm",
        "model.visual",
    ]


@pytest.mark.parametrize("nested", [False, True], ids=["old names", "new names"])
def test_transformers_converts_what_is_stored_quantized_and_nothing_else(nested: bool) -> None:
    names = [f"{module_of(name)}.{name.rpartition('.')[2]}" for name in NAMES] if nested else NAMES
    skipped = plain_modules(names)
    for name in names:
        stored = name.rpartition(".")[2] == "qweight"
        if stored or name.endswith(".weight"):
            assert should_convert_module(module_of(name), skipped) is stored, name


def test_only_the_list_of_an_awq_checkpoint_is_written_anew() -> None:
    plain, gptq = {"model_type": "x"}, {"quantization_config": {"quant_method": "gptq"}}
    assert with_plain_modules(plain, NAMES) is plain
    assert with_plain_modules(gptq, NAMES) is gptq
    awq = {"quantization_config": {"quant_method": "awq", "bits": 4, "modules_to_not_convert": ["visual"]}}
    settings = with_plain_modules(awq, NAMES)["quantization_config"]
    assert (settings["bits"], "model.visual" in settings["modules_to_not_convert"]) == (4, True)
    assert awq["quantization_config"]["modules_to_not_convert"] == ["visual"], "the checkpoint stays as it is"


@pytest.mark.parametrize(
    ("method", "installed", "named"),
    [
        ("awq", (), "gptqmodel"),
        ("gptq", (), "gptqmodel optimum"),
        ("gptq", ("gptqmodel",), "optimum"),
        ("gptq", ("optimum",), "gptqmodel"),
        ("gptq", ("gptqmodel", "optimum"), ""),
        ("awq", ("gptqmodel",), ""),
        ("", (), ""),
    ],
)
def test_the_library_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, method: str, installed: tuple[str, ...], named: str
) -> None:
    found = {name: ModuleSpec(name, None) for name in installed}
    monkeypatch.setattr(importlib.util, "find_spec", found.get)
    if not named:
        check_libraries("it", method)
        return
    with pytest.raises(EngineUnavailable) as caught:
        check_libraries("it", method)
    assert f"pip install {named}." in caught.value.what_to_do
    assert method.upper() in caught.value.message


def test_awq_is_computed_in_half_precision_on_a_gpu(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_checkpoint(str(checkpoint), CPU)
    found.config.pop("dtype", None)
    found.config["text_config"]["dtype"] = "bfloat16"
    assert dtype_of(found, Qwen2VL(device="cuda:0")) == torch.bfloat16
    found.config["quantization_config"] = {"quant_method": "awq"}
    for dtype in ("auto", "bfloat16"):
        assert dtype_of(found, Qwen2VL(device="cuda:0", dtype=dtype)) == torch.float16
    assert dtype_of(found, Qwen2VL(device="cpu")) == torch.float32


HEAD = "lm_head.weight"
LAYER = "model.language_model.layers.0.mlp.up_proj"


@pytest.mark.parametrize(
    ("told", "tied", "named"),
    [
        ({}, False, ""),
        ({"missing_keys": {HEAD}}, True, ""),
        ({"missing_keys": {HEAD}}, False, HEAD),
        ({"unexpected_keys": {HEAD}}, True, ""),
        ({"unexpected_keys": {HEAD}}, False, HEAD),
        ({"unexpected_keys": {"head.proj.weight"}}, True, "head.proj.weight"),
        ({"unexpected_keys": {f"{LAYER}.bias", "model.layers.0.mlp.up_proj.g_idx"}}, False, ""),
        ({"unexpected_keys": {"model.layers.0.mlp.down_proj.bias"}}, False, "down_proj.bias"),
        ({"mismatched_keys": {("a", (1,), (2,))}}, True, "a"),
        ({"missing_keys": {"a", "b", "c", "d", "e"}}, True, "a, b, c and 2 more"),
    ],
)
def test_weights_that_are_not_those_of_the_model_are_named(told: Any, tied: bool, named: str) -> None:
    if not named:
        check_loaded("it", told, tied=tied, quantized=frozenset((LAYER,)))
        return
    with pytest.raises(EngineUnavailable) as caught:
        check_loaded("it", told, tied=tied, quantized=frozenset((LAYER,)))
    assert named in caught.value.message


def test_a_gptq_checkpoint_is_refused_before_its_weights_are_read(
    checkpoints: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = tmp_path / "gptq"
    folder.mkdir()
    for path in checkpoints("tiny").iterdir():
        (folder / path.name).symlink_to(path)
    config = {**json.loads((folder / "config.json").read_text()), "quantization_config": {"quant_method": "gptq"}}
    (folder / "config.json").unlink()
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(EngineUnavailable, match="GPTQ"):
        Qwen2VLEngine(str(folder), CPU)
