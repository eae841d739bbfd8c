"""What an outcome depends on besides the bytes: computed once a run, by the process that plans it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from operator import attrgetter
from typing import Any

from docpipe import __version__
from docpipe.engine.choose import choose_second, engine_fingerprint
from docpipe.engine.registry import settings_groups
from docpipe.errors import DocumentError, EngineError
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

RESOLVE_VERSION = "14"  # raise it when resolve gives other records for the same replies
JUDGING = frozenset({"schema", "resolve", "second"})  # fingerprints on which no first reply depends


def fingerprints(schema: Schema, engine: str, settings: Settings) -> Mapping[str, str]:
    """What an outcome depends on besides the bytes; equal ones mean that the work is done.

    A second engine that is the first (`engine` is its fingerprint) would say the same: there is none then.
    """
    seen = replace(settings.render, ocr_threads=1)  # how fast, not what
    rendering = hashlib.sha256(repr((seen, settings.extraction)).encode()).hexdigest()[:16]
    spec = choose_second(settings.second_engine)
    second = engine_fingerprint(spec) if spec else engine
    return {
        "schema": schema.fingerprint,
        "question": schema.question_fingerprint,
        "engine": engine,
        "render": rendering,
        "resolve": f"{__version__}/{RESOLVE_VERSION}",
        **({"second": second} if second != engine else {}),
    }


def with_engine(marks: Mapping[str, str], engine: str) -> Mapping[str, str]:
    """`marks` of a run whose engine turned out to have the fingerprint `engine`: it may compute otherwise elsewhere."""
    return {**marks, "engine": engine}


def failure_fingerprints(code: str | None, settings: Settings) -> Mapping[str, str]:
    """The settings that a failure with this code depends on besides, under "limits"; {} if on none."""
    kinds = [*DocumentError.__subclasses__(), *EngineError.__subclasses__()]
    names = next((kind.depends_on for kind in kinds if kind.code == code), ())
    return {"limits": " ".join(f"{name}={setting(settings, name)}" for name in names)} if names else {}


def setting(settings: Settings, name: str) -> Any:
    """The value of a setting by its dotted name; None for one of an engine whose settings are not there.

    Raises AttributeError for a name that is none.
    """
    group, _, last = name.partition(".")
    if group in settings_groups():
        return getattr(settings.engines[group], last) if group in settings.engines else None
    return attrgetter(name)(settings)
