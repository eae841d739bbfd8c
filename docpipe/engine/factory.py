"""An engine before it is built: its name, its settings, whether it can run here, and how it is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from docpipe.engine.base import Engine
from docpipe.engine.siblings import Siblings
from docpipe.schema.nodes import Schema

REVIEW_CONFIDENCE = 0.5  # of an engine that nobody measured


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an engine can run here, and if not why, in one line."""

    name: str
    runs: bool
    why: str


class EngineFactory(ABC):
    """What docpipe knows of an engine by its name. The module that holds it imports nothing heavy.

    name           what --engine takes
    settings       a frozen dataclass of the engine's own settings, each with a default (numbers by
                   docpipe.bounds.bounded); None where it has none
    takes_model    whether --model names what it reads with
    default_model  the model where none is named
    embedded       whether every document worker has an engine of its own; else engines get actors
    light          whether it may be the second engine: one in every document worker, beside the first
    """

    name: ClassVar[str]
    settings: ClassVar[type[Any] | None] = None
    takes_model: ClassVar[bool] = False
    default_model: ClassVar[str] = ""
    embedded: ClassVar[bool] = False
    light: ClassVar[bool] = False

    @abstractmethod
    def availability(self, model: str) -> Availability:
        """Whether it can run here with `model` ("" is the default one). Imports none of what it asks about."""

    @abstractmethod
    def build(self, model: str, settings: Any) -> Engine:
        """The engine, in the process that will hold it. Raises EngineUnavailable where it cannot run."""

    def fingerprint(self, model: str, settings: Any) -> str:
        """The fingerprint that the built engine will have; to be had without loading weights.

        Raises EngineUnavailable where it can be seen already that the engine cannot run.
        """
        engine = self.build(model, settings)
        engine.close()
        return engine.info.fingerprint

    def offline(self, settings: Any) -> Any:
        """The settings under which nothing is downloaded."""
        return settings

    def wants_gpu(self, settings: Any) -> bool:  # noqa: ARG002  an engine that reads on the CPU has nothing to look at
        """Whether an actor with this engine takes a GPU where there is one."""
        return False

    def reading_s(self, model: str, settings: Any) -> float:  # noqa: ARG002  most read nothing that is large
        """Seconds that `build` may take, on a slow disk, to read what the engine reads with."""
        return 0.0

    def review_confidence(self, schema: Schema) -> float:  # noqa: ARG002  most engines were never measured
        """The confidence under which a record of `schema` needs review, where the settings name none."""
        return REVIEW_CONFIDENCE

    def measured(self) -> tuple[str, ...]:
        """What records that passed held on documents with known truth, a line for each kind of document."""
        return ()

    def left_to_validation(self, document: Mapping[str, Any]) -> tuple[str, ...]:  # noqa: ARG002  see below
        """What of a JSON Schema the engine's answers are not held to, a sentence each; validation finds it later."""
        return ()

    def siblings_of(self, schema: Schema) -> Siblings | None:  # noqa: ARG002  most read each document alone
        """What the built engine will learn from documents that are alike (Engine.siblings_of)."""
        return None

    def looked_for_by_name(self, schema: Schema, reference: str) -> tuple[str, ...]:  # noqa: ARG002  most are told
        """What the engine says of fields whose labels it was not told: one line at most.

        `reference` names the schema.
        """
        return ()
