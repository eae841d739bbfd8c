"""Which engine reads: the one that was named, or for `auto` the best that can run here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from docpipe.engine.base import Engine
from docpipe.engine.factory import REVIEW_CONFIDENCE, Availability
from docpipe.engine.registry import engine_factory, engine_names, settings_group
from docpipe.engine.siblings import Siblings
from docpipe.errors import EngineUnavailable, UnknownEngine
from docpipe.schema.nodes import Schema

BEST, FALLBACK = "qwen2-vl", "layout"  # what `auto` takes if it can run and downloads nothing, and else


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """An engine by name, before it is built: what crosses to the process that will hold it.

    `model`: name or folder of a model, or a script's file. `embedded`: every document worker has one of its own;
    otherwise it gets actors. `why` explains the choice. `options`: the engine's settings, None for its defaults.
    """

    name: str
    model: str = ""
    embedded: bool = False
    why: str = ""
    options: Any = None


def availabilities(model: str = "") -> list[Availability]:
    """Every engine that is installed, best first. Imports none of what it asks about."""
    return [_availability(name, model) for name in engine_names()]


def _availability(name: str, model: str) -> Availability:
    try:
        return engine_factory(name).availability(model)
    except EngineUnavailable as error:
        return Availability(name, False, error.message)


def choose_engine(name: str, model: str = "", engines: Mapping[str, Any] | None = None) -> EngineSpec:
    """The spec for `name`; `auto` takes the first that can run and downloads nothing.

    `engines`: settings of engines, by group. Raises UnknownEngine for a name that no engine has, EngineUnavailable
    for one that cannot run.
    """
    if name == "auto":
        return _best(model, engines or {})
    factory = engine_factory(name)
    model = (model or factory.default_model) if factory.takes_model else ""
    spec = EngineSpec(name, model, factory.embedded, "named by the user", _options(name, engines or {}))
    engine_fingerprint(spec)  # a bad script, a missing checkpoint: told before any work
    return spec


def _best(model: str, engines: Mapping[str, Any]) -> EngineSpec:
    factory, found = engine_factory(BEST), _availability(BEST, model)
    if not found.runs:
        return EngineSpec(FALLBACK, embedded=True, why=f"{BEST} cannot run here: {found.why}")
    options = factory.offline(_options(BEST, engines))
    return EngineSpec(BEST, model or factory.default_model, factory.embedded, found.why, options)


def _options(name: str, engines: Mapping[str, Any]) -> Any:
    """The settings of an engine: what was given, or its defaults; None where it has none."""
    kind = engine_factory(name).settings
    return engines.get(settings_group(name), kind()) if kind is not None else None


def review_confidence(name: str, schema: Schema) -> float:
    """The confidence under which a record of `schema` that the engine of that name read needs review.

    For an engine that is not installed here it is that of one which nobody measured.
    """
    try:
        return engine_factory(name).review_confidence(schema)
    except (UnknownEngine, EngineUnavailable):
        return REVIEW_CONFIDENCE


def measured(name: str) -> tuple[str, ...]:
    """What the engine of that name was seen to do on documents with known truth, a line for each kind of document."""
    try:
        return engine_factory(name).measured()
    except (UnknownEngine, EngineUnavailable):
        return ()


def choose_second(name: str) -> EngineSpec | None:
    """The spec of a second engine, "layout" or "scripted:FILE"; None for "".

    Only engines light enough to live in every document worker: it is asked about few documents and must not cost
    the others anything. Raises UnknownEngine, EngineUnavailable.
    """
    if not name:
        return None
    name, _, model = name.partition(":")
    if name not in engine_names():
        raise UnknownEngine(f"no second engine named {name!r}; known: layout")
    if not engine_factory(name).light:
        raise EngineUnavailable(
            f"{name} is too heavy for a second engine", remedy="Take it as the first, with --second-engine layout."
        )
    return EngineSpec(name, model, embedded=True, why="the second engine")


def left_to_validation(spec: EngineSpec, document: Mapping[str, Any]) -> tuple[str, ...]:
    """What the engine's grammar cannot hold its answers to, a sentence each; validation finds it later."""
    return engine_factory(spec.name).left_to_validation(document)


def looked_for_by_name(spec: EngineSpec, schema: Schema, reference: str) -> tuple[str, ...]:
    """What the engine says of fields whose labels it was not told: one line at most. `reference` names the schema."""
    return engine_factory(spec.name).looked_for_by_name(schema, reference)


def siblings_of(spec: EngineSpec, schema: Schema) -> Siblings | None:
    """What the engine learns from documents that are alike before it reads them; None where it reads each alone."""
    return engine_factory(spec.name).siblings_of(schema)


def wants_gpu(spec: EngineSpec) -> bool:
    """Whether an actor with the engine takes a GPU where there is one."""
    return engine_factory(spec.name).wants_gpu(_given(spec))


def reading_s(spec: EngineSpec) -> float:
    """Seconds that building the engine may take, on a slow disk, to read what it reads with."""
    return engine_factory(spec.name).reading_s(spec.model, _given(spec))


def engine_fingerprint(spec: EngineSpec) -> str:
    """The fingerprint that the built engine will have, without loading what it reads with.

    Raises EngineUnavailable where it can be seen already that the engine cannot run.
    """
    return engine_factory(spec.name).fingerprint(spec.model, _given(spec))


def build_engine(spec: EngineSpec) -> Engine:
    """The engine itself, in the process that will hold it. Heavy imports happen here and not before."""
    return engine_factory(spec.name).build(spec.model, _given(spec))


def _given(spec: EngineSpec) -> Any:
    return spec.options if spec.options is not None else _options(spec.name, {})
