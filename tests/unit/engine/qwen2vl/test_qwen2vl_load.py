"""A checkpoint is whole, of a known kind and small enough, or the user is told what would fit."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
import torch

from docpipe.engine.choose import EngineSpec, build_engine, engine_fingerprint
from docpipe.engine.qwen2vl import memory
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine, fingerprint
from docpipe.engine.qwen2vl.load import find_checkpoint, weight_bytes
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.errors import EngineUnavailable

CPU = Qwen2VL(device="cpu", slots=2, slot_tokens=256)


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint to break; weights are linked."""
    copy = tmp_path / "copy"
    copy.mkdir()
    for path in checkpoint.iterdir():
        (copy / path.name).symlink_to(path)
    return copy


def change(folder: Path, **values: object) -> None:
    path = folder / "config.json"
    config = {**json.loads(path.read_text()), **values}
    path.unlink()
    path.write_text(json.dumps(config))


def refusal(folder: str | Path, options: Qwen2VL = CPU) -> EngineUnavailable:
    with pytest.raises(EngineUnavailable) as caught:
        Qwen2VLEngine(str(folder), options).close()
    return caught.value


def test_no_model_named() -> None:
    assert "--model" in refusal("").what_to_do


def test_a_name_that_is_not_here_is_not_fetched(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert "nobody/nothing" in refusal("nobody/nothing").message


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json", "preprocessor_config.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert name in refusal(folder).message


def test_pickled_weights_are_not_read(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    assert "safetensors" in refusal(folder).what_to_do


def test_a_lost_shard_is_named(folder: Path) -> None:
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"weight_map": {"a": "model.safetensors", "b": "model-00002.safetensors"}})
    )
    assert "model-00002" in refusal(folder).message


def test_another_architecture_is_refused_and_those_that_run_are_named(folder: Path) -> None:
    change(folder, model_type="llama")
    error = refusal(folder)
    assert "'llama'" in error.message
    assert "Qwen2-VL, Qwen2.5-VL, Qwen3-VL" in error.what_to_do


def test_a_family_that_the_installed_transformers_lacks_is_refused_before_any_work(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(folder, model_type="qwen3_vl")
    find_checkpoint(str(folder), CPU)
    for kind in ("qwen2_vl", "qwen2_5_vl"):
        (tmp_path / "models" / kind).mkdir(parents=True)
    older = ModuleSpec("transformers", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: older)
    with pytest.raises(EngineUnavailable, match=r"is Qwen3-VL, which transformers [\d.]+ does not have") as caught:
        find_checkpoint(str(folder), CPU)
    assert "--upgrade transformers" in caught.value.what_to_do


@pytest.mark.parametrize("text", ["{", "[]", '{"patch_size": 14}'])
def test_a_preprocessor_that_does_not_say_how_pages_are_shown_is_named(folder: Path, text: str) -> None:
    (folder / "preprocessor_config.json").unlink()
    (folder / "preprocessor_config.json").write_text(text)
    assert "preprocessor_config.json" in refusal(folder).message


def test_a_sliding_window_is_refused(folder: Path) -> None:
    change(folder, text_config={"use_sliding_window": True})
    assert "sliding window" in refusal(folder).message


def test_a_quantized_checkpoint_names_the_library_it_needs(folder: Path) -> None:
    change(folder, quantization_config={"quant_method": "awq", "bits": 4})
    assert "gptqmodel" in refusal(folder).what_to_do


def test_weights_that_do_not_fit_say_what_would(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_free", lambda device: 1_000_000)
    error = refusal(checkpoint)
    assert "GiB are free on cpu" in error.message
    assert "4-bit" in error.what_to_do


def test_slots_that_do_not_fit_say_how_many_do(checkpoint: Path) -> None:
    error = refusal(checkpoint, Qwen2VL(device="cpu", slots=1_000_000, slot_tokens=4_096))
    assert "1000000 slots" in error.message
    assert "Set slots to" in error.what_to_do


@pytest.mark.parametrize("options", [Qwen2VL(device="cuda:9"), Qwen2VL(device="moon"), Qwen2VL(dtype="int8")])
def test_a_device_or_dtype_that_is_not_there(checkpoint: Path, options: Qwen2VL) -> None:
    assert refusal(checkpoint, options).what_to_do.startswith("Try ")


def test_bytes_are_counted_from_the_headers(checkpoint: Path) -> None:
    found = find_checkpoint(str(checkpoint), CPU)
    assert weight_bytes(found, torch.bfloat16) * 2 == weight_bytes(found, torch.float32) > 2 * 151_936 * 64 * 4


def test_the_fingerprint_changes_with_what_changes_answers(checkpoint: Path, folder: Path) -> None:
    marks = {
        fingerprint(find_checkpoint(str(checkpoint), options), options)
        for options in (CPU, Qwen2VL(device="cpu", dtype="bfloat16"), Qwen2VL(device="cpu", force_tokens=False))
    }
    change(folder, initializer_range=0.5)
    marks.add(fingerprint(find_checkpoint(str(folder), CPU), CPU))
    assert len(marks) == 4
    same = Qwen2VL(device="cpu", slots=5)
    assert fingerprint(find_checkpoint(str(checkpoint), same), same) in marks


def test_the_fingerprint_names_the_dtype_that_is_computed_in(checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = find_checkpoint(str(checkpoint), CPU)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    def marks(**options: str) -> str:
        return fingerprint(found, Qwen2VL(**options))

    on_cpu = marks(device="cpu", dtype="float32")
    assert "float32" in on_cpu
    assert marks(device="cpu") == marks(device="auto") == marks(device="all") == on_cpu
    found.config["text_config"]["dtype"] = "bfloat16"
    found.config.pop("dtype", None)
    stored = marks(device="cuda:0")
    assert "bfloat16" in stored
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert marks(device="auto") == marks(device="all") == stored
    assert "float32" in marks(device="cpu")


def test_the_built_engine_has_the_fingerprint_that_was_told_before(checkpoint: Path) -> None:
    spec = EngineSpec("qwen2-vl", str(checkpoint), options=Qwen2VL(slots=2, slot_tokens=256))
    engine = build_engine(spec)
    engine.close()
    assert engine.info.fingerprint == engine_fingerprint(spec)


@pytest.mark.parametrize("name", ["preprocessor_config.json", "chat_template.jinja", "tokenizer.json"])
def test_the_fingerprint_changes_with_how_a_model_sees_and_is_spoken_to(folder: Path, name: str) -> None:
    before = find_checkpoint(str(folder), CPU).fingerprint
    text = (folder / name).read_text()
    (folder / name).unlink()
    (folder / name).write_text(text.replace("0.48145466", "0.5").replace("You are a helpful assistant.", "") + "\n")
    assert find_checkpoint(str(folder), CPU).fingerprint != before


def test_a_checkpoint_may_be_moved(checkpoint: Path, tmp_path: Path) -> None:
    moved = shutil.copytree(checkpoint, tmp_path / "moved")
    marks = [find_checkpoint(str(folder), CPU).fingerprint for folder in (checkpoint, moved)]
    assert marks[0] == marks[1]


@pytest.mark.slow
def test_the_room_needs_no_ray_mupdf_or_pydantic() -> None:
    blocked = "import sys; sys.modules.update(dict.fromkeys(('ray', 'pymupdf', 'pydantic')))"
    script = f"{blocked}; import docpipe.engine.qwen2vl.engine, docpipe.engine.qwen2vl.checkpoint"
    subprocess.run([sys.executable, "-c", script], check=True)
