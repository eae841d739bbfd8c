"""The seam between docpipe and whatever reads the pages: what an engine says of itself, and its answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

from docpipe.engine.siblings import Siblings
from docpipe.records import Reply, Request
from docpipe.schema.nodes import Schema

Need = Literal["pixels", "words", "geometry", "tables"]

GRID_PX = 28  # Qwen2-VL: patches of 14 pixels, merged two by two


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """What an engine that was built is and can do; plain data, which crosses to processes that do not hold it.

    name               short and stable: "layout", "qwen2-vl"
    fingerprint        model, revision, quantization, decoding and prompt version: all that changes an answer
    needs              what render must bring; nothing else is computed
    grid_px            pages come at multiples of it, and one visual token is a square of it
    max_visual_tokens  of all pages of one request; None where there is no such limit
    slots              requests that it works on at once; more may be in flight and wait
    slot_tokens        most tokens of a request and its answer together; None where nobody can say
    writes_tokens      it writes an answer token by token, as far as a request's `max_tokens`: windows of pages are as
                       long as its answers
    looks_again        asked again, about less or from closer, it may answer otherwise; no other is asked twice
    is_model           what it says comes of a model's weights, and not of rules
    """

    name: str
    fingerprint: str
    needs: frozenset[Need]
    grid_px: int = GRID_PX
    max_visual_tokens: int | None = None
    slots: int = 1
    slot_tokens: int | None = None
    writes_tokens: bool = False
    looks_again: bool = False
    is_model: bool = False


@runtime_checkable
class Engine(Protocol):
    """Answers requests; any number may be in flight, cancelling one frees its place.

    An engine is a subclass: what it does not say is as it is for most. `info` stays the same once it is built.
    `dead` says why the engine can answer nothing more, if that is so: its process is then replaced.
    `answer` never raises for a bad page or a failed request: it returns a Reply with finish="error".
    """

    info: EngineInfo
    dead: str = ""

    def needs_of(self, schema: Schema) -> frozenset[Need]:  # noqa: ARG002  most need the same for every schema
        """What render must bring for `schema`: an engine may need more for some schemas than for others."""
        return self.info.needs

    def siblings_of(self, schema: Schema) -> Siblings | None:  # noqa: ARG002  most read each document alone
        """What it learns from documents that are alike before it reads them; None where it reads each alone."""
        return None

    async def answer(self, request: Request) -> Reply: ...

    def measure(self) -> Mapping[str, float]:
        """`busy_s` and `span_s` (first to last moment of work), of an engine that keeps count; else nothing."""
        return {}

    def close(self) -> None: ...
