"""The seam between a run and whoever does its work: sources in, exactly one outcome each, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Protocol

from docpipe.engine.base import Engine
from docpipe.extract import extract, workbench
from docpipe.records import Outcome, Replay, Source
from docpipe.run.backstop import beating
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

OVERDUE_S = 30.0  # silent for so long beyond a document's own time limit, whoever reads it counts as wedged

Work = Source | Replay
"""A source to be read and asked about, or one whose replies are there already."""


class Pool(Protocol):
    """Turns sources into outcomes, holding no more in flight than its bounds.

    `engine_fingerprint` is that of the engine at work, `workers` how many processes read documents: 0 if it is this
    one. `shortfall` says in a sentence if they are fewer than were asked for, else it is "". `outcomes` never drops
    a source and never raises for one; it raises RunAborted if no work can be done at all. A None among the sources
    says that the next one is not known yet: what is at work is seen to meanwhile.
    """

    engine_fingerprint: str
    workers: int
    shortfall: str

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Outcome]: ...

    def close(self) -> None: ...


class LocalPool:
    """One document after another, in this process: no Ray, nothing to start.

    A document that keeps the process at work for OVERDUE_S beyond its own time limit, in one piece, has failed.
    """

    workers = 0
    shortfall = ""

    def __init__(self, schema: Schema, engine: Engine, settings: Settings) -> None:
        self.engine_fingerprint = engine.info.fingerprint
        self._bench = workbench(schema, engine, settings)
        self._limit_s = settings.limits.document_timeout_s + OVERDUE_S
        self._runner = asyncio.Runner()

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Outcome]:
        for work in sources:
            if work is not None:
                yield self._runner.run(self._extract(work))

    async def _extract(self, work: Work) -> Outcome:
        backstop = asyncio.create_task(beating(self._limit_s))
        try:
            return await extract(work, self._bench)
        finally:
            backstop.cancel()
            await asyncio.wait([backstop])

    def close(self) -> None:
        self._runner.close()
        self._bench.close()
