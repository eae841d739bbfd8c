"""Which engine reads: the one that was named, or for `auto` the best that can run here."""

from __future__ import annotations

import importlib.util
import shutil
from dataclasses import dataclass

from docpipe.engine.base import Engine
from docpipe.errors import EngineUnavailable, UnknownEngine


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine by name, before it is built: what crosses to the process that will hold it.

    `model`: name or folder of a model, or a script's file. `embedded`: light enough to live inside
    every document worker; otherwise it gets actors of its own.
    """

    name: str
    model: str = ""
    embedded: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can run here, and if not why, in one line."""

    name: str
    runs: bool
    why: str


def availabilities() -> list[Availability]:
    """Every engine docpipe knows, best first."""
    return [_qwen2_vl(), Availability("layout", True, "no model weights needed"), _scripted()]


def _scripted() -> Availability:
    return Availability("scripted", True, "answers from a script (--model FILE); for tests")


def _qwen2_vl() -> Availability:
    if importlib.util.find_spec("torch") is None:
        return Availability("qwen2-vl", False, "torch is not installed: pip install docpipe[qwen2-vl]")
    gpu = shutil.which("nvidia-smi") is not None
    device = "a GPU is there" if gpu else "no GPU was found"
    return Availability("qwen2-vl", False, f"not part of this version yet ({device})")


def choose_engine(name: str, model: str = "") -> EngineSpec:
    """The spec for `name`; `auto` takes the first that can run. `why` explains the choice.

    Raises UnknownEngine for a name docpipe does not know, EngineUnavailable for one that cannot run.
    """
    known = {one.name: one for one in availabilities()}
    if name == "auto":
        missing = known["qwen2-vl"]
        return EngineSpec("layout", embedded=True, why=f"qwen2-vl cannot run here: {missing.why}")
    if name not in known:
        raise UnknownEngine(f"no engine named {name!r}; known: auto, {', '.join(known)}")
    if not known[name].runs:
        raise EngineUnavailable(f"engine {name} cannot run here: {known[name].why}")
    if name == "scripted":
        build_engine(EngineSpec(name, model)).close()  # a bad script is told before any work
    return EngineSpec(name, model, embedded=name == "layout", why="named by the user")


def engine_fingerprint(spec: EngineSpec) -> str:
    """The fingerprint that the built engine will have, without loading what it reads with."""
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
    raise UnknownEngine(f"no engine named {spec.name!r}")
