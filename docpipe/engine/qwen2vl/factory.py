"""The Qwen2-VL engine before it is built. Imports nothing heavy: `doctor` asks here too."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docpipe.engine.factory import Availability, EngineFactory
from docpipe.engine.qwen2vl.families import installed_families
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.errors import EngineUnavailable, install_extra

if TYPE_CHECKING:
    from docpipe.engine.qwen2vl.engine import Qwen2VLEngine

_SLOW_DISK_BYTES_PER_S = 50e6  # of a network disk that others read from, too: a 72B takes 48 minutes
_LIBRARIES = ("torch", "torchvision", "transformers", "llguidance")


class Qwen2VLFactory(EngineFactory):
    """Models of the Qwen2-VL family; as the first engine only."""

    name = "qwen2-vl"
    settings = Qwen2VL
    takes_model = True
    default_model = "Qwen/Qwen2-VL-2B-Instruct"

    def availability(self, model: str) -> Availability:
        model, missing = model or self.default_model, _missing()
        if missing:
            return Availability(self.name, False, f"{', '.join(missing)} missing. {install_extra('qwen2-vl')}")
        families = ", ".join(family.name for family in installed_families())
        if not _at_hand(model):
            return Availability(self.name, False, f"the weights of {model} are not here; runs {families}")
        gpus = _gpu_count()
        if not gpus:
            return Availability(self.name, False, f"no GPU was found; named outright it runs on the CPU; {families}")
        return Availability(self.name, True, f"{model} on {gpus} GPUs; runs {families}")

    def build(self, model: str, settings: Qwen2VL) -> Qwen2VLEngine:
        _need_libraries()
        from docpipe.engine.qwen2vl.engine import Qwen2VLEngine

        return Qwen2VLEngine(model, settings)

    def fingerprint(self, model: str, settings: Qwen2VL) -> str:
        _need_libraries()
        from docpipe.engine.qwen2vl.engine import fingerprint
        from docpipe.engine.qwen2vl.load import find_checkpoint

        return fingerprint(find_checkpoint(model, settings), settings)

    def offline(self, settings: Qwen2VL) -> Qwen2VL:
        return replace(settings, download=False)

    def wants_gpu(self, settings: Qwen2VL) -> bool:
        return settings.device != "cpu"

    def reading_s(self, model: str, settings: Qwen2VL) -> float:
        folder = _folder(model or self.default_model, settings.revision)
        weights = folder.glob("*.safetensors") if folder is not None else ()
        return sum(path.stat().st_size for path in weights) / _SLOW_DISK_BYTES_PER_S

    def left_to_validation(self, document: Mapping[str, Any]) -> tuple[str, ...]:
        from docpipe.engine.grammar import json_grammar

        return json_grammar(document).unenforced


def _missing() -> list[str]:
    return [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]


def _need_libraries() -> None:
    missing = _missing()
    if missing:
        remedy = f"{install_extra('qwen2-vl')} Or --engine layout."
        raise EngineUnavailable(f"qwen2-vl needs {', '.join(missing)}", remedy=remedy)


def _gpu_count() -> int:
    """NVIDIA GPUs that this machine shows, without asking a library."""
    return len(list(Path("/dev").glob("nvidia[0-9]*")))


def _at_hand(model: str) -> bool:
    """Whether the weights are on this machine: a folder, or in the hub's local cache."""
    return _folder(model) is not None


def _folder(model: str, revision: str = "") -> Path | None:
    """Where the weights are on this machine; None if they are not."""
    if Path(model).is_dir():
        return Path(model)
    if importlib.util.find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        config = try_to_load_from_cache(model, "config.json", revision=revision or None)
    except HFValidationError:
        return None
    return Path(config).parent if isinstance(config, str) else None


FACTORY = Qwen2VLFactory()
