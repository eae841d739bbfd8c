"""The engine: pages of words in, an answer under any schema out. No model, no weights, no network."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from functools import partial
from typing import TypeVar

from docpipe.engine.base import Engine, EngineInfo, Need
from docpipe.engine.layout.compiled import CompiledSchema, compile_schema
from docpipe.engine.layout.keys.proposals import proposals
from docpipe.engine.layout.reader import read_request
from docpipe.engine.layout.templates.siblings import siblings
from docpipe.engine.siblings import Siblings
from docpipe.engine.thread import EngineThread
from docpipe.errors import DocpipeError
from docpipe.records import Reply, Request
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

VERSION = "13"  # of the method: raise it with every change that may change an answer
T = TypeVar("T")

NEEDS_OF_ROLE: dict[str, Need] = {"checkboxes": "pixels", "chart_series": "pixels", "tables": "tables"}
SCHEMAS_KEPT = 16  # label indexes kept; a run has one schema or a few
_KEEPING = threading.Lock()  # an answer that was given up may still be computed beside the next


class LayoutEngine(Engine):
    """Pure computation on words and geometry, off the event loop; any number may be in flight."""

    info = EngineInfo("layout", f"layout/{VERSION}", frozenset({"words", "geometry"}))

    def __init__(self) -> None:
        self._thread = EngineThread("docpipe-layout")
        self._compiled: OrderedDict[str, CompiledSchema] = OrderedDict()
        self._needs: OrderedDict[str, frozenset[Need]] = OrderedDict()  # reading a schema's labels costs milliseconds

    def needs_of(self, schema: Schema) -> frozenset[Need]:
        """Words and geometry; pixels too for checkboxes, whose state is ink, and for charts; tables for tables."""
        needs = self._needs.get(schema.fingerprint)
        if needs is None:
            roles = {array.role for _, array in schema.root.arrays()} | {
                proposal.value for proposal in proposals(schema)
            }
            needs = self.info.needs | {need for role, need in NEEDS_OF_ROLE.items() if role in roles}
        return _kept(self._needs, schema.fingerprint, needs)

    def siblings_of(self, schema: Schema) -> Siblings | None:
        """Forms are read with what their copies have in common."""
        return siblings(schema)

    async def answer(self, request: Request) -> Reply:
        """The reply to `request`; a schema that cannot be used is an error reply, never a raise."""
        return await self._thread.run(partial(self._reply, request))

    def close(self) -> None:
        """Forgets the prepared schemas, ends the thread."""
        self._thread.close()
        self._compiled.clear()
        self._needs.clear()

    def _reply(self, request: Request) -> Reply:
        started = time.perf_counter()
        try:
            schema = self._schema(request)
        except DocpipeError as error:
            return Reply("", "error", self.info.name, error=error.message)
        text, spans = read_request(schema, request)
        return Reply(text, "stop", self.info.name, spans=spans, seconds=time.perf_counter() - started)

    def _schema(self, request: Request) -> CompiledSchema:
        """What is prepared once a schema, the least recently used forgotten."""
        key = request.schema_fingerprint
        return _kept(
            self._compiled, key, self._compiled.get(key) or compile_schema(parse_schema(request.schema, "schema"))
        )


def _kept(things: OrderedDict[str, T], key: str, thing: T) -> T:
    """The thing, kept under its key (nothing is kept under ""); the least recently used one is forgotten."""
    with _KEEPING:
        if key:
            things[key] = thing
            things.move_to_end(key)
        while len(things) > SCHEMAS_KEPT:
            things.popitem(last=False)
    return thing
