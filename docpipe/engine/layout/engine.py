"""The engine: pages of words in, an answer under any schema out. No model, no weights, no network."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import TypeVar

from docpipe.engine.base import GRID_PX, Need
from docpipe.engine.layout.plan import Plan
from docpipe.engine.layout.proposals import proposals
from docpipe.errors import DocpipeError
from docpipe.records import Reply, Request
from docpipe.schema.nodes import Schema

VERSION = "5"  # of the method: raise it with every change that may change an answer
T = TypeVar("T")

SCHEMAS_KEPT = 16  # label indexes kept; a run has one schema or a few


class LayoutEngine:
    """Implements `Engine`. Pure computation on words and geometry; safe for any number in flight."""

    name = "layout"
    needs: frozenset[Need] = frozenset({"words", "geometry"})
    fingerprint = f"layout/{VERSION}"
    grid_px: int = GRID_PX
    max_visual_tokens: int | None = None
    slots: int = 1

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._needs: OrderedDict[str, frozenset[Need]] = OrderedDict()  # reading a schema's labels costs milliseconds

    def needs_of(self, schema: Schema) -> frozenset[Need]:
        """Words and geometry; pixels too where the schema asks for tick boxes, whose state is ink."""
        needs = self._needs.get(schema.fingerprint)
        if needs is None:
            roles = {array.role for _, array in schema.root.arrays()} | {one.value for one in proposals(schema)}
            needs = self.needs | {"pixels"} if "checkboxes" in roles else self.needs
        return _kept(self._needs, schema.fingerprint, needs)

    async def answer(self, request: Request) -> Reply:
        """The reply to `request`; a schema that cannot be used is an error reply, never a raise."""
        await asyncio.sleep(0)  # lets a cancelled request go before its work begins
        started = time.perf_counter()
        try:
            plan = self._plan(request)
        except DocpipeError as error:
            return Reply("", "error", self.name, error=error.message)
        text, spans = plan.read(request)
        return Reply(text, "stop", self.name, spans=spans, seconds=time.perf_counter() - started)

    def close(self) -> None:
        """Forgets the prepared schemas."""
        self._plans.clear()
        self._needs.clear()

    def _plan(self, request: Request) -> Plan:
        """What is prepared once a schema, the least recently used forgotten."""
        key = request.schema_fingerprint
        return _kept(self._plans, key, self._plans.get(key) or Plan.of(request.schema))


def _kept(things: OrderedDict[str, T], key: str, thing: T) -> T:
    """The thing, kept under its key (nothing is kept under ""); the least recently used one is forgotten."""
    if key:
        things[key] = thing
        things.move_to_end(key)
    while len(things) > SCHEMAS_KEPT:
        things.popitem(last=False)
    return thing
