"""Which engine reads: the one that was named, or for `auto` the best that can run here."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from docpipe.engine.base import Engine
from docpipe.engine.qwen2vl.families import installed_families
from docpipe.errors import EngineUnavailable, UnknownEngine, did_you_mean, install_extra
from docpipe.schema.nodes import Schema
from docpipe.settings import Qwen2VL

DEFAULT_MODEL = "Qwen/Qwen2-VL-2B-Instruct"
_LIBRARIES = ("torch", "torchvision", "transformers", "llguidance")


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine by name, before it is built: what crosses to the process that will hold it.

    `model`: name or folder of a model, or a script's file. `embedded`: light enough to live inside
    every document worker; otherwise it gets actors of its own. `why` explains the choice.
    """

    name: str
    model: str = ""
    embedded: bool = False
    why: str = ""
    options: Qwen2VL = field(default=Qwen2VL())


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can run here, and if not why, in one line."""

    name: str
    runs: bool
    why: str


def availabilities(model: str = "") -> list[Availability]:
    """Every engine docpipe knows, best first. Imports none of what it asks about."""
    return [
        _qwen2_vl(model or DEFAULT_MODEL),
        Availability("layout", True, "no model weights needed"),
        Availability("scripted", True, "answers from a script (--model FILE); for tests"),
    ]


def gpu_count() -> int:
    """NVIDIA GPUs that this machine shows, without asking a library."""
    return len(list(Path("/dev").glob("nvidia[0-9]*")))


def _qwen2_vl(model: str) -> Availability:
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        what = f"{', '.join(missing)} missing. {install_extra('qwen2-vl')}"
        return Availability("qwen2-vl", False, what)
    families = ", ".join(family.name for family in installed_families())
    if not _at_hand(model):
        return Availability("qwen2-vl", False, f"the weights of {model} are not here; runs {families}")
    if not gpu_count():
        return Availability("qwen2-vl", False, f"no GPU was found; named outright it runs on the CPU; {families}")
    return Availability("qwen2-vl", True, f"{model} on {gpu_count()} GPUs; runs {families}")


def _at_hand(model: str) -> bool:
    """Whether the weights are on this machine: a folder, or in the hub's local cache."""
    if Path(model).is_dir():
        return True
    if importlib.util.find_spec("huggingface_hub") is None:
        return False
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        return isinstance(try_to_load_from_cache(model, "config.json"), str)
    except HFValidationError:
        return False


def choose_engine(name: str, model: str = "", options: Qwen2VL | None = None) -> EngineSpec:
    """The spec for `name`; `auto` takes the first that can run and downloads nothing.

    Raises UnknownEngine for a name docpipe does not know, EngineUnavailable for one that cannot run.
    """
    options = options or Qwen2VL()
    known = {one.name: one for one in availabilities(model)}
    if name == "auto":
        best = known["qwen2-vl"]
        if best.runs:
            local = replace(options, download=False)
            return EngineSpec("qwen2-vl", model or DEFAULT_MODEL, why=best.why, options=local)
        return EngineSpec("layout", embedded=True, why=f"qwen2-vl cannot run here: {best.why}")
    if name not in known:
        guess = did_you_mean(name, ("auto", *known))
        raise UnknownEngine(f"no engine named {name!r}; known: auto, {', '.join(known)}{guess}")
    why = "named by the user"
    if name == "layout":
        return EngineSpec(name, embedded=True, why=why)
    spec = EngineSpec(name, model or (DEFAULT_MODEL if name == "qwen2-vl" else ""), why=why, options=options)
    engine_fingerprint(spec)  # a bad script, a missing checkpoint: told before any work
    return spec


def choose_second(name: str) -> EngineSpec | None:
    """The spec of a second engine, "layout" or "scripted:FILE"; None for "".

    Only engines light enough to live in every document worker: it is asked about few documents and must not cost
    the others anything. Raises UnknownEngine, EngineUnavailable.
    """
    if not name:
        return None
    name, _, file = name.partition(":")
    if name == "qwen2-vl":
        raise EngineUnavailable(
            "qwen2-vl is too heavy for a second engine", remedy="Take it as the first, with --second-engine layout."
        )
    if name not in ("layout", "scripted"):
        raise UnknownEngine(f"no second engine named {name!r}; known: layout")
    return EngineSpec(name, file, embedded=True, why="the second engine")


def left_to_validation(spec: EngineSpec, document: Mapping[str, Any]) -> tuple[str, ...]:
    """What the engine's grammar cannot hold its answers to, a sentence each; validation finds it later."""
    if spec.name != "qwen2-vl":
        return ()
    from docpipe.engine.grammar import json_grammar

    return json_grammar(document).unenforced


def looked_for_by_name(spec: EngineSpec, schema: Schema, reference: str) -> tuple[str, ...]:
    """What the engine says of fields whose captions it was not told: one line at most. `reference` names the schema."""
    if spec.name != "layout":
        return ()
    from docpipe.engine.layout.findable import by_name_only

    return by_name_only(schema, reference)


def engine_fingerprint(spec: EngineSpec) -> str:
    """The fingerprint that the built engine will have, without loading what it reads with.

    Raises EngineUnavailable where it can be seen already that the engine cannot run.
    """
    if spec.name == "qwen2-vl":
        _need_libraries()
        from docpipe.engine.qwen2vl.engine import fingerprint
        from docpipe.engine.qwen2vl.load import find_checkpoint

        return fingerprint(find_checkpoint(spec.model, spec.options), spec.options)
    engine = build_engine(spec)
    engine.close()
    return engine.fingerprint


def build_engine(spec: EngineSpec) -> Engine:
    """The engine itself, in the process that will hold it. Heavy imports happen here and not before."""
    if spec.name == "layout":
        from docpipe.engine.layout.engine import LayoutEngine

        return LayoutEngine()
    if spec.name == "scripted":
        from docpipe.engine.scripted import read_script

        return read_script(spec.model)
    if spec.name == "qwen2-vl":
        _need_libraries()
        from docpipe.engine.qwen2vl.engine import Qwen2VLEngine

        return Qwen2VLEngine(spec.model, spec.options)
    raise UnknownEngine(f"no engine named {spec.name!r}")


def _need_libraries() -> None:
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        remedy = f"{install_extra('qwen2-vl')} Or --engine layout."
        raise EngineUnavailable(f"qwen2-vl needs {', '.join(missing)}", remedy=remedy)
