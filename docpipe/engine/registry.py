"""Engines by name: those of docpipe, and those that installed packages bring by an entry point "docpipe.engines".

An entry point is `name = "package.module:FACTORY"`: an instance of docpipe.engine.factory.EngineFactory of that name.
An engine's settings are a group of their own, under its name without hyphens: qwen2-vl has `qwen2vl.slots`.
Nothing is imported before it is asked for.
"""

from __future__ import annotations

import sys
from dataclasses import is_dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from docpipe.engine.factory import EngineFactory
from docpipe.errors import EngineUnavailable, UnknownEngine, did_you_mean

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

ENTRY_POINTS = "docpipe.engines"
SHIPPED = {
    "qwen2-vl": "docpipe.engine.qwen2vl.factory:FACTORY",
    "layout": "docpipe.engine.layout.factory:FACTORY",
    "scripted": "docpipe.engine.scripted:FACTORY",
}


def engine_names() -> tuple[str, ...]:
    """Every engine that is installed, docpipe's own first; a package cannot replace one of those."""
    return tuple(_entry_points(tuple(sys.path)))


def engine_factory(name: str) -> EngineFactory:
    """The factory of the engine of that name.

    Raises UnknownEngine if there is none, EngineUnavailable if its package cannot be loaded.
    """
    entry = _entry_points(tuple(sys.path)).get(name)
    if entry is None:
        known = ("auto", *engine_names())
        raise UnknownEngine(f"no engine named {name!r}; known: {', '.join(known)}{did_you_mean(name, known)}")
    try:
        factory = entry.load()
    except Exception as error:  # a stranger's module may do anything
        raise EngineUnavailable(
            f"engine {name}: {entry.value} cannot be loaded: {type(error).__name__}: {error}",
            remedy="Mend or uninstall the package that brings it.",
        ) from error
    if not isinstance(factory, EngineFactory) or factory.name != name:
        raise EngineUnavailable(f"engine {name}: {entry.value} is no EngineFactory of that name")
    if factory.settings is not None and not is_dataclass(factory.settings):
        raise EngineUnavailable(f"engine {name}: {entry.value} has settings that are no dataclass")
    return factory


def settings_groups() -> dict[str, type[Any]]:
    """The dataclass of settings of every engine that has some, by group. What cannot be loaded has none."""
    return dict(_settings_groups(tuple(sys.path)))


def settings_group(name: str) -> str:
    """The group of the settings of the engine of that name."""
    return name.replace("-", "")


@lru_cache(maxsize=8)  # a path or a set of engines is one a process, but in tests
def _settings_groups(path: tuple[str, ...]) -> dict[str, type[Any]]:
    groups = dict[str, type[Any]]()
    for name in _entry_points(path):
        try:
            kind = engine_factory(name).settings
        except EngineUnavailable:  # told to whoever names the engine
            continue
        if kind is not None:
            groups.setdefault(settings_group(name), kind)
    return groups


@lru_cache(maxsize=8)  # a path or a set of engines is one a process, but in tests
def _entry_points(path: tuple[str, ...]) -> dict[str, EntryPoint]:
    """Entry points by the engine's name, of the packages that are found along `path`."""
    from importlib.metadata import EntryPoint, distributions

    found = (entry for package in distributions(path=[*path]) for entry in package.entry_points)
    installed = {entry.name: entry for entry in found if entry.group == ENTRY_POINTS}
    shipped = {name: EntryPoint(name, value, ENTRY_POINTS) for name, value in SHIPPED.items()}
    return shipped | {name: entry for name, entry in installed.items() if name not in (*shipped, "auto")}
