"""Quantized checkpoints: the libraries that they need, and which of their modules are stored as plain weights."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Collection, Iterable
from typing import Any

from docpipe.errors import EngineUnavailable

LIBRARIES = {"awq": ("gptqmodel",), "gptq": ("gptqmodel", "optimum")}  # transformers calls them, and asks nobody first

# Checkpoints keep the names that modules had before transformers 5 put the two towers side by side under "model".
_MOVED = ((re.compile(r"^visual(?=\.|$)"), "model.visual"),
          (re.compile(r"^model(?!\.(?:language_model|visual)(?:\.|$))(?=\.)"), "model.language_model"))  # fmt: skip


def check_libraries(name: str, method: str) -> None:
    """Raises EngineUnavailable for a checkpoint whose library is not installed, naming it. "" is not quantized."""
    missing = [library for library in LIBRARIES.get(method, ()) if importlib.util.find_spec(library) is None]
    if missing:
        raise EngineUnavailable(
            f"{name} is quantized by {method.upper()}, which needs {' and '.join(missing)}",
            remedy=f"pip install {' '.join(missing)}. Or take the checkpoint that is not quantized.",
        )


def with_plain_modules(config: dict[str, Any], tensors: Iterable[str]) -> dict[str, Any]:
    """`config` of an AWQ checkpoint with every module named that its files hold plain weights for.

    The published lists name "visual", by a name that it no longer has: the whole vision tower would be taken for
    quantized, and hold nothing.
    """
    settings = config.get("quantization_config") or {}
    if settings.get("quant_method") != "awq":
        return config
    return {**config, "quantization_config": {**settings, "modules_to_not_convert": plain_modules(tensors)}}


def plain_modules(tensors: Iterable[str]) -> list[str]:
    """The outermost modules with weights of which none are quantized, as transformers calls them.

    A quantized module has a `qweight` and no `weight`.
    """
    names = [*tensors]
    quantized = quantized_modules(names)
    above = {module[:dot] for module in quantized for dot in _dots(module)} | quantized
    plain = {module_of(name) for name in names if name.endswith(".weight")}
    return sorted({_outermost(module, above) for module in plain})


def quantized_modules(tensors: Iterable[str]) -> frozenset[str]:
    """The modules that a checkpoint holds in fewer bits, as transformers calls them."""
    return frozenset(module_of(name) for name in tensors if name.endswith(".qweight"))


def module_of(tensor: str) -> str:
    """The module that a tensor belongs to, as transformers calls it."""
    return _moved(tensor.rpartition(".")[0])


def _outermost(module: str, above: Collection[str]) -> str:
    return next((module[:dot] for dot in _dots(module) if module[:dot] not in above), module)


def _dots(module: str) -> list[int]:
    return [at for at, char in enumerate(module) if char == "."]


def _moved(name: str) -> str:
    for old, new in _MOVED:
        name = old.sub(new, name)
    return name
