"""What runs inside Ray's processes: engines that answer, workers that extract, and the way between them."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from docpipe.engine.base import Engine, EngineInfo
from docpipe.engine.choose import EngineSpec, build_engine
from docpipe.extract.workbench import workbench
from docpipe.records import Reply, Request, Template
from docpipe.run.pool import Answer, Work, answered
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

ENGINE_ATTEMPTS = 3  # of one request, on engines that died under it
ENGINE_PAUSE_S = 1.0  # between looks whether Ray has started a dead engine anew
ENGINE_RETURN_S = 300.0  # for which a request waits while no engine is there: weights take time to load


class EngineActor:
    """Holds one engine; answers any number of requests at once."""

    def __init__(self, spec: EngineSpec) -> None:
        self._engine = build_engine(spec)

    async def describe(self, schema: Schema) -> EngineInfo:
        """What the engine is for a run under `schema`."""
        return replace(self._engine.info, needs=self._engine.needs_of(schema))

    async def ready(self) -> bool:
        return True

    async def answer(self, request: Request) -> Reply:
        reply = await self._engine.answer(request)
        if self._engine.dead:
            os._exit(1)  # the device is lost: Ray starts the actor anew, the request is asked again
        return reply

    async def measure(self) -> dict[str, float]:
        return dict(self._engine.measure())


class RemoteEngine(Engine):
    """The engine actors as one Engine: each request goes to the one with the fewest in flight.

    An actor that died gets nothing until Ray has started it anew and it answers again.
    """

    def __init__(self, actors: list[Any], info: EngineInfo) -> None:
        self.info = replace(info, slots=info.slots * len(actors))
        self._in_flight = dict.fromkeys(actors, 0)
        self._lost: dict[Any, asyncio.Task[None]] = {}

    async def answer(self, request: Request) -> Reply:
        """Asks again where an engine died under the request; one that outlives no engine is given up."""
        cause = "no engine is there"
        for _ in range(ENGINE_ATTEMPTS):
            actor = await self._free_actor()
            if actor is None:
                break
            self._in_flight[actor] += 1
            try:
                reply: Reply = await actor.answer.remote(request)
                return reply
            except RayActorError as error:
                cause = str(error).splitlines()[0]
                self._lose(actor)
            except RayError as error:
                cause = str(error).splitlines()[-1]
            finally:
                self._in_flight[actor] -= 1
        return Reply("", "error", self.info.name, error=f"engines died on this request: {cause}")

    async def _free_actor(self) -> Any | None:
        """The least busy actor that is there; None if none came back in time."""
        ends = time.monotonic() + ENGINE_RETURN_S
        while time.monotonic() < ends:
            there = [actor for actor in self._in_flight if actor not in self._lost]
            if there:
                return min(there, key=lambda actor: self._in_flight[actor])
            await asyncio.sleep(ENGINE_PAUSE_S)
        return None

    def _lose(self, actor: Any) -> None:
        if actor not in self._lost:
            self._lost[actor] = asyncio.create_task(self._await_return(actor))

    async def _await_return(self, actor: Any) -> None:
        while True:
            await asyncio.sleep(ENGINE_PAUSE_S)
            try:
                await actor.ready.remote()
            except RayActorError:
                continue
            del self._lost[actor]
            return

    def close(self) -> None:
        """The actors belong to the driver."""


class DocumentWorker:
    """Reads, renders and extracts; many documents in flight, so that rendering and asking overlap."""

    def __init__(
        self,
        schema: Schema,
        spec: EngineSpec,
        settings: Settings,
        remote: RemoteEngine | None,
        marks: Mapping[str, str] | None,
        shelf: str = "",
        templates: Sequence[Template] = (),
    ) -> None:
        engine: Engine = remote or build_engine(spec)
        self._bench = workbench(schema, engine, settings, marks, shelf)
        if templates:
            self._bench = self._bench.equipped(templates)

    async def ready(self) -> Mapping[str, str]:
        """The fingerprints of its outcomes."""
        return self._bench.marks

    async def where(self) -> tuple[str, int]:
        """The node that this worker runs on, and its process."""
        return ray.get_runtime_context().get_node_id(), os.getpid()

    async def equip(self, templates: Sequence[Template]) -> None:
        """Read with these from now on."""
        self._bench = self._bench.equipped(templates)

    async def answer(self, work: Work) -> Answer:
        return await answered(work, self._bench)
