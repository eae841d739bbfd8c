"""A model folder is somebody else's: what names code, lies about sizes or is no file of a model is refused in words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from docpipe.engine.qwen2vl.chat import read_system
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.engine.qwen2vl.load import find_checkpoint, load
from docpipe.engine.qwen2vl.pixels import read_pixel_format
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.engine.qwen2vl.weights import read_header
from docpipe.errors import EngineUnavailable

CPU = Qwen2VL(device="cpu", slots=1, slot_tokens=256)


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint to break; its files are linked."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in checkpoint.iterdir():
        (copy / path.name).symlink_to(path)
    return copy


def put(folder: Path, name: str, content: str | bytes) -> None:
    (folder / name).unlink(missing_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def change(folder: Path, **values: Any) -> None:
    put(folder, "config.json", json.dumps({**json.loads((folder / "config.json").read_text()), **values}))


def refusal(folder: Path, work: Callable[[Path], object] | None = None) -> str:
    with pytest.raises(EngineUnavailable) as caught:
        (work or (lambda path: find_checkpoint(str(path), CPU).fingerprint))(folder)
    assert caught.value.what_to_do
    return caught.value.message


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"auto_map": {"AutoModel": "modeling_evil.M"}}, "auto_map"),
        ({"trust_remote_code": True}, "trust_remote_code"),
        ({"attn_implementation": "evil/kernel"}, "attn_implementation"),
        ({"_attn_implementation": "evil/kernel"}, "_attn_implementation"),
        ({"_attn_implementation_internal": "evil/kernel"}, "_attn_implementation_internal"),
        ({"_attn_implementation": {"text_config": "evil/kernel@main:f"}}, "_attn_implementation"),
        ({"text_config": {"_attn_implementation": "paged|evil/kernel"}}, "text_config._attn_implementation"),
        ({"_experts_implementation": "evil/kernel"}, "_experts_implementation"),
        ({"use_kernels": True}, "use_kernels"),
        ({"vision_config": {"kernel_config": {"RMSNorm": "evil/repo:K"}}}, "vision_config.kernel_config"),
        ({"quantization_config": {"quant_method": "torchao"}}, "torchao"),
        ({"quantization_config": {"quant_method": "awq", "q": {"_type": "os.system"}}}, "quantization_config.q._type"),
        ({"quantization_config": {"quant_method": "evil"}}, "evil"),
        ({"quantization_config": ["awq"]}, "quantization_config"),
        ({"text_config": 5}, "text_config"),
        ({"vocab_size": 2**31}, "vocab_size"),
        ({"text_config": {"hidden_size": 2**20}}, "text_config.hidden_size"),
        ({"vision_config": {"depth": -1}}, "vision_config.depth"),
        ({"num_hidden_layers": "28"}, "num_hidden_layers"),
        ({"model_type": ["qwen2_vl"]}, "type"),
    ],
    ids=lambda one: str(one)[:40],
)
def test_what_a_configuration_must_not_say_is_named(folder: Path, values: dict[str, Any], named: str) -> None:
    change(folder, **values)
    assert named in refusal(folder)


def test_an_implementation_of_transformers_own_is_not_taken_over(folder: Path) -> None:
    told = {"_attn_implementation": "flash_attention_2", "_attn_implementation_autoset": True, "use_kernels": False}
    change(folder, **told, auto_map=None)
    config = find_checkpoint(str(folder), CPU).config
    assert not [key for key in config if "implementation" in key]


@pytest.mark.parametrize("text", ["[]", "5", "{", "\xff", '{"a":' * 5_000, "[" * 100_000, ""])
@pytest.mark.parametrize("name", ["config.json", "preprocessor_config.json", "model.safetensors.index.json"])
def test_a_file_that_is_no_object_is_named(folder: Path, name: str, text: str) -> None:
    put(folder, name, text.encode("latin-1"))
    assert name in refusal(folder)


def test_an_index_that_names_no_files_is_refused(folder: Path) -> None:
    put(folder, "model.safetensors.index.json", '{"weight_map": ["../../x"]}')
    assert "weight_map" in refusal(folder)
    put(folder, "model.safetensors.index.json", '{"weight_map": {"a": "../../x.safetensors"}}')
    assert "../../x.safetensors" in refusal(folder)


def test_an_adapter_is_refused(folder: Path) -> None:
    put(folder, "adapter_config.json", '{"base_model_name_or_path": "evil/base"}')
    assert "adapter_config.json" in refusal(folder)


def header_of(tensor: Any) -> bytes:
    text = json.dumps({"a": tensor}).encode()
    return len(text).to_bytes(8, "little") + text


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff" * 8 + b"x",
        (10**9).to_bytes(8, "little") + b"{}",
        (6_002).to_bytes(8, "little") + b'{"a":' + b"[" * 3_000 + b"]" * 2_997,
        (4).to_bytes(8, "little") + b"[ 1]",
        header_of(5),
        header_of({"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 4]}),
        header_of({"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}),
        header_of({"dtype": "F32", "shape": [1], "data_offsets": [0, 10**15]}),
        header_of({"dtype": ["F32"], "shape": [1], "data_offsets": [0, 4]}),
    ],
    ids=range(10),
)
def test_a_damaged_header_of_weights_is_named(folder: Path, content: bytes) -> None:
    put(folder, "model.safetensors", content)
    assert "model.safetensors" in refusal(folder)


@pytest.mark.parametrize(
    "said",
    [
        {"patch_size": 0}, {"patch_size": 2**31}, {"merge_size": "2"}, {"temporal_patch_size": 1e9},
        {"min_pixels": 0, "max_pixels": 10}, {"min_pixels": 2**40}, {"max_pixels": "many"}, {"min_pixels": 10**6,
        "max_pixels": 10**5}, {"size": [1]}, {"max_pixels": None, "size": {"longest_edge": 1.5}},
        {"image_std": [0, 1, 1]}, {"image_mean": [float("nan")] * 3}, {"image_mean": [0.5]}, {"image_mean": 5},
    ],
    ids=str,
)  # fmt: skip
def test_pages_of_no_size_or_colour_are_refused(folder: Path, said: dict[str, Any]) -> None:
    stored = json.loads((folder / "preprocessor_config.json").read_text())
    put(folder, "preprocessor_config.json", json.dumps({**stored, **said}))
    assert "preprocessor_config.json" in refusal(folder)


def test_the_processor_that_transformers_5_saves_is_read_as_well(folder: Path) -> None:
    form = read_pixel_format(folder)
    stored = json.loads((folder / "preprocessor_config.json").read_text())
    (folder / "preprocessor_config.json").unlink()
    put(folder, "processor_config.json", json.dumps({"image_processor": stored, "processor_class": "Qwen2VLProcessor"}))
    assert find_checkpoint(str(folder), CPU).fingerprint
    assert read_pixel_format(folder) == form


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ({"min_pixels": 3_136, "max_pixels": 12_845_056}, 3_136, 12_845_056),
        ({"size": {"shortest_edge": 65_536, "longest_edge": 16_777_216}}, 65_536, 16_777_216),
        ({"min_pixels": None, "max_pixels": None, "size": {"min_pixels": 4_096, "max_pixels": 8_192}}, 4_096, 8_192),
        ({}, 4 * 28**2, 16_384 * 28**2),
    ],
)
def test_the_least_and_the_most_of_a_page_are_those_of_the_checkpoint(
    folder: Path, said: dict[str, Any], least: int, most: int
) -> None:
    stored = json.loads((folder / "preprocessor_config.json").read_text())
    del stored["min_pixels"], stored["max_pixels"]
    put(folder, "preprocessor_config.json", json.dumps({**stored, **said}))
    form = read_pixel_format(folder)
    assert (form.min_pixels, form.max_pixels) == (least, most)


@pytest.mark.parametrize("name", ["tiny", "Qwen2-VL-2B", "Qwen3-VL-8B"])
def test_what_transformers_5_saves_of_a_checkpoint_is_the_same_engine(
    checkpoints: Callable[[str], Path], tmp_path: Path, name: str
) -> None:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    before, saved = checkpoints(name), tmp_path / "saved"
    AutoModelForImageTextToText.from_pretrained(before, dtype="auto").save_pretrained(saved)
    AutoProcessor.from_pretrained(before).save_pretrained(saved)
    assert (saved / "processor_config.json").exists()
    assert not (saved / "preprocessor_config.json").exists()
    assert read_pixel_format(saved) == read_pixel_format(before)
    assert read_system(saved) == read_system(before)
    ours, theirs = (load(find_checkpoint(str(path), CPU), CPU).model.state_dict() for path in (saved, before))
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[key], theirs[key]) for key in ours)


def test_weights_that_the_model_does_not_take_are_refused(checkpoint: Path, folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(checkpoint / "model.safetensors")
    (folder / "model.safetensors").unlink()
    save_file({**weights, "custom_text_proj.weight": torch.zeros(3, 3)}, folder / "model.safetensors")
    assert "does not take: custom_text_proj.weight" in refusal(folder, lambda path: Qwen2VLEngine(str(path), CPU))


def test_a_model_that_was_taught_another_chat_is_refused(folder: Path) -> None:
    put(folder, "chat_template.jinja", "[INST] {{ messages[0].content }} [/INST]")
    assert "chat template" in refusal(folder)


def test_a_chat_template_is_never_run(folder: Path) -> None:
    put(folder, "chat_template.jinja", b"{{ ''.__class__ }}{% for i in range(10**9) %}x{% endfor %}\xff")
    assert read_system(folder) == ""


def test_weights_of_the_same_size_have_another_fingerprint(checkpoint: Path, folder: Path) -> None:
    before = find_checkpoint(str(folder), CPU).fingerprint
    weights = bytearray((checkpoint / "model.safetensors").read_bytes())
    one = list(read_header(checkpoint / "model.safetensors").values())[7]
    middle = (one.start + one.end) // 2
    weights[middle : middle + 4] = bytes(byte ^ 1 for byte in weights[middle : middle + 4])
    put(folder, "model.safetensors", bytes(weights))
    assert find_checkpoint(str(folder), CPU).fingerprint != before


@pytest.mark.parametrize("text", ["{", "[" * 5_000, "{}", '{"version": "1.0", "model": {"type": "BPE"}}', "\x00"])
def test_a_tokenizer_that_is_none_is_refused(folder: Path, text: str) -> None:
    put(folder, "tokenizer.json", text)
    assert "tokenizer.json" in refusal(folder, lambda path: load(find_checkpoint(str(path), CPU), CPU))


def test_a_tokenizer_without_the_marks_of_a_chat_is_refused(folder: Path) -> None:
    stored = json.loads((folder / "tokenizer.json").read_text())
    stored["added_tokens"] = [one for one in stored["added_tokens"] if one["content"] != "<|im_end|>"]
    put(folder, "tokenizer.json", json.dumps(stored))
    assert "<|im_end|>" in refusal(folder, lambda path: load(find_checkpoint(str(path), CPU), CPU))


def test_missing_weights_are_named_and_nothing_answers_at_random(checkpoint: Path, folder: Path) -> None:
    from safetensors.torch import load_file, save_file

    weights = load_file(checkpoint / "model.safetensors")
    gone = next(name for name in weights if name.endswith("layers.0.self_attn.q_proj.weight"))
    (folder / "model.safetensors").unlink()
    save_file({name: one for name, one in weights.items() if name != gone}, folder / "model.safetensors")
    assert "layers.0.self_attn.q_proj.weight" in refusal(folder, lambda path: Qwen2VLEngine(str(path), CPU))
    save_file({**weights, gone: torch.zeros(3, 3)}, folder / "model.safetensors")
    assert "q_proj" in refusal(folder, lambda path: Qwen2VLEngine(str(path), CPU))


def test_sizes_that_the_weights_do_not_have_are_refused_before_memory_is_taken(folder: Path) -> None:
    stored = json.loads((folder / "config.json").read_text())
    change(folder, text_config={**stored["text_config"], "intermediate_size": 900_000})
    assert "is not whole" in refusal(folder, lambda path: Qwen2VLEngine(str(path), CPU))


def test_a_tied_checkpoint_without_a_head_of_its_own_loads(checkpoints: Callable[[str], Path], tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    copy = tmp_path / "tied"
    shutil.copytree(checkpoints("tiny"), copy)
    weights = load_file(copy / "model.safetensors")
    save_file({name: one for name, one in weights.items() if name != "lm_head.weight"}, copy / "model.safetensors")
    stored = json.loads((copy / "config.json").read_text())
    tied = {"tie_word_embeddings": True}
    change(copy, **tied, text_config={**stored["text_config"], **tied})
    model = load(find_checkpoint(str(copy), CPU), CPU).model
    assert model.lm_head.weight.data_ptr() == model.get_input_embeddings().weight.data_ptr()


def test_a_grammar_library_that_forbids_negative_amounts_is_refused(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    Vocabulary(tokenizer, 151_936, 1)
    positive = {"type": "object", "properties": {"a": {"type": "number", "minimum": 0}}, "required": ["a"]}
    monkeypatch.setattr("docpipe.engine.qwen2vl.grammar._NEGATIVE", positive)
    with pytest.raises(EngineUnavailable, match="negative amount") as caught:
        Vocabulary(tokenizer, 151_936, 1)
    assert "llguidance>=1.9" in caught.value.what_to_do
