"""The seam between docpipe and whatever reads the pages: one method and a close."""

from __future__ import annotations

from typing import Literal, Protocol, runtime_checkable

from docpipe.records import Reply, Request
from docpipe.schema.nodes import Schema

Need = Literal["pixels", "words", "geometry"]

GRID_PX = 28  # Qwen2-VL: patches of 14 pixels, merged two by two


def looks_again(engine: Engine) -> bool:
    """Whether asking `engine` a second time may help."""
    return bool(getattr(engine, "looks_again", False))


def needs_for(engine: Engine, schema: Schema) -> frozenset[Need]:
    """What render must bring for `schema`: an engine may need more for some schemas than for others.

    Such an engine has a method `needs_of(schema)`; for all others it is `engine.needs`.
    """
    needs_of = getattr(engine, "needs_of", None)
    return frozenset(needs_of(schema)) if needs_of is not None else engine.needs


@runtime_checkable
class Engine(Protocol):
    """Answers requests; any number may be in flight, cancelling one frees its place.

    name         short and stable: "layout", "qwen2-vl"
    needs        what render must bring; nothing else is computed
    fingerprint  model, revision, quantization, decoding and prompt version: all that changes an answer
    grid_px      pages come at multiples of it, and one visual token is a square of it
    max_visual_tokens  of all pages of one request; None where there is no such limit
    slots        requests that it works on at once; more may be in flight and wait

    An engine that writes an answer token by token, as far as a request's `max_tokens`, and may answer otherwise
    when it is asked again, about less or from closer, says so by an attribute `looks_again = True`: windows of
    pages are as long as its answers, and no other is asked twice.

    `answer` never raises for a bad page or a failed request: it returns a Reply with finish="error".
    """

    name: str
    needs: frozenset[Need]
    fingerprint: str
    grid_px: int
    max_visual_tokens: int | None
    slots: int

    async def answer(self, request: Request) -> Reply: ...

    def close(self) -> None: ...
