"""The seam between a run and whoever does its work: sources in, exactly one answer each, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from docpipe.engine.base import Engine
from docpipe.extract.document import extract
from docpipe.extract.reading import identified
from docpipe.extract.siblings import learnt, surveyed
from docpipe.extract.workbench import Workbench, workbench
from docpipe.records import Identify, Learn, Learnt, Outcome, Replay, Source, Survey, Surveyed, Template
from docpipe.run.backstop import beating
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

OVERDUE_S = 30.0  # silent for so long beyond a document's own time limit, whoever reads it counts as wedged

Work = Source | Replay | Identify | Survey | Learn
"""A source to be read and asked about, one whose replies are there already, one of which the hash is wanted, or
sketches of its pages; or pages that look alike, to be learnt from."""

Answer = Outcome | Source | Surveyed | Learnt


def source_of(work: Work) -> Source:
    """The source that a piece of work is about."""
    return work if isinstance(work, Source) else work.source


async def answered(work: Work, bench: Workbench) -> Answer:
    """The answer to a piece of work, in the process that has the bench."""
    match work:
        case Identify(source):
            return await identified(source, bench.settings.limits)
        case Survey():
            return await surveyed(work, bench)
        case Learn():
            return await learnt(work, bench)
    return await extract(work, bench)


class Pool(Protocol):
    """Turns sources into outcomes, holding no more in flight than its bounds.

    `marks` are the fingerprints of its outcomes, that of the engine at work among them. `workers`: how many processes
    read documents, 0 if it is this one. `shortfall` says in a sentence if they are fewer than were asked for, else it
    is "". `outcomes` never drops a source and never raises for one; it raises RunAborted if no work can be done at
    all. The answer to an Identify is the Source with its doc_id, or without where it cannot be read; a Survey and a
    Learn have their own. `equip` has documents read with what was learnt, from then on. A None among the
    sources says that the next one is not known yet: what is at work is seen to meanwhile.
    """

    marks: Mapping[str, str]
    workers: int
    shortfall: str

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Answer]: ...

    def equip(self, templates: Sequence[Template]) -> None: ...

    def close(self) -> None: ...


class LocalPool:
    """One document after another, in this process: no Ray, nothing to start.

    A document that keeps the process at work for OVERDUE_S beyond its own time limit, in one piece, has failed.
    `marks`: the run's fingerprints, where they are known. `shelf`: a folder for pages that are compared before they are
    read.
    """

    workers = 0
    shortfall = ""

    def __init__(
        self,
        schema: Schema,
        engine: Engine,
        settings: Settings,
        marks: Mapping[str, str] | None = None,
        shelf: str = "",
    ) -> None:
        self._bench = workbench(schema, engine, settings, marks, shelf)
        self.marks = self._bench.marks
        self._limit_s = settings.limits.document_timeout_s + OVERDUE_S
        self._runner = asyncio.Runner()

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Answer]:
        for work in sources:
            if work is not None:
                yield self._runner.run(self._watched(work))

    def equip(self, templates: Sequence[Template]) -> None:
        """Read with these from now on."""
        self._bench = self._bench.equipped(templates)

    async def _watched(self, work: Work) -> Answer:
        backstop = asyncio.create_task(beating(self._limit_s))
        try:
            return await answered(work, self._bench)
        finally:
            backstop.cancel()
            await asyncio.wait([backstop])

    def close(self) -> None:
        self._runner.close()
        self._bench.close()
