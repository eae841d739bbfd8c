"""The driver's side: who has what in flight, who died, what is tried again."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import ray
from ray.exceptions import RayActorError, RayError

from docpipe.engine.choose import EngineSpec, reading_s, wants_gpu
from docpipe.errors import EngineUnavailable, WorkerCrash, WorkersLost
from docpipe.extract.failures import failed
from docpipe.records import Identify, Learn, Learnt, Outcome, Source, Survey, Surveyed, Template
from docpipe.render.stopwatch import Stopwatch
from docpipe.run.cluster.actors import DocumentWorker, EngineActor, RemoteEngine
from docpipe.run.cluster.session import Session, last_line
from docpipe.run.pool import OVERDUE_S, Answer, Work, source_of
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

START_TIMEOUT_S = 1_800.0  # a busy machine takes its time; what an engine reads comes on top
MORE_WORKERS_S = 10.0  # for those beyond the CPUs that are free, once all others are up
SETTLE_S = 1.0  # for one of those at work to end, before the workers are looked at
LOOK_AGAIN_S = 0.05  # the same while a worker is free and the next source is not known yet
UNSEEN_PATIENCE = 4.0  # times as long for a worker on another machine: nobody sees how busy that is
ENGINE_REQUESTS = 1_000  # that one actor holds at once, at work or waiting for a slot
DOCUMENTS_IN_FLIGHT = 4  # of a worker: rendering, resolving and asking overlap
EMBEDDED_IN_FLIGHT = 2  # where the worker answers itself: one renders while one is read; more only wait
SPARE_REQUESTS = 1.5  # in flight for each slot of the engines, so that a free slot finds one waiting


@dataclass(eq=False)
class _Worker:
    """The driver's view of one worker: what it has in flight, and whether it answers."""

    actor: Any
    in_flight: dict[Any, _Task] = field(default_factory=dict)
    pid: int | None = None  # if it runs on this machine
    asked: Any = None  # a question whether it is alive, that it has not answered yet
    watch: Stopwatch | None = None  # on its process since it was asked
    since: float = 0.0

    def takes(self, limit: int) -> bool:
        """Room for one more; a document under suspicion works alone."""
        alone = any(task.deaths for task in self.in_flight.values())
        return len(self.in_flight) < limit and not alone


@dataclass(slots=True)
class _Task:
    work: Work
    deaths: int = 0

    @property
    def source(self) -> Source:
        return source_of(self.work)


class RayPool:
    """A run's workers and engines on Ray; a started cluster is used if RAY_ADDRESS names one.

    `marks`: the run's fingerprints, where they are known. `shelf`: a folder of this machine for pages that are compared
    before they are read.
    Raises InvalidSettings for a RAY_ADDRESS that is none, ClusterUnreachable, WorkersLost, EngineUnavailable.
    """

    def __init__(
        self,
        schema: Schema,
        spec: EngineSpec,
        settings: Settings,
        marks: Mapping[str, str] | None = None,
        shelf: str = "",
    ) -> None:
        self._schema, self._spec, self._settings, self._shelf = schema, spec, settings, shelf
        self._templates: Sequence[Template] = ()
        self._session = None if ray.is_initialized() else Session(settings.running)
        self._engines: list[Any] = []
        self._workers: list[_Worker] = []
        self.shortfall = ""
        try:
            self._engines = self._start_engines()
            self._remote = self._describe_engines()
            count = self._worker_count()
            self._in_flight = self._in_flight_each(count)
            self.marks = self._start_workers(count, marks)
        except RayError as error:
            self.close()
            raise WorkersLost(f"no worker could be started: {last_line(error)}") from error
        except BaseException:
            self.close()
            raise
        self.workers = len(self._workers)

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Answer]:
        waiting, suspects = iter(sources), deque[_Task]()
        exhausted = False
        while True:
            patience_s = SETTLE_S
            while not exhausted and (worker := self._free_worker()) is not None:
                try:
                    source = next(waiting)
                except StopIteration:
                    exhausted = True
                    break
                if source is None:
                    patience_s = LOOK_AGAIN_S
                    break
                self._submit(worker, _Task(source))
            while suspects and (worker := self._idle_worker()) is not None:
                self._submit(worker, suspects.popleft())
            references = [reference for worker in self._workers for reference in worker.in_flight]
            if not references:
                if exhausted and not suspects:
                    return
                continue
            done, _ = ray.wait(references, num_returns=1, timeout=patience_s)
            for reference in done:
                answer = self._settle(reference, suspects)
                if answer is not None:
                    yield answer
            self._end_overdue()

    def equip(self, templates: Sequence[Template]) -> None:
        """Read with these from now on; so does a worker that takes the place of one that died."""
        self._templates = templates
        shared = ray.put(templates)
        for told in [worker.actor.equip.remote(shared) for worker in self._workers]:
            with suppress(RayError):  # it died: who takes its place is told
                ray.get(told)

    def measure_engines(self) -> list[dict[str, float]]:
        """What each engine actor counted (see EngineActor.measure)."""
        found: list[dict[str, float]] = ray.get([actor.measure.remote() for actor in self._engines])
        return found

    def close(self) -> None:
        """Ends every actor, and Ray itself if it was started here."""
        actors = [*(worker.actor for worker in self._workers), *self._engines]
        if self._session is not None:
            self._session.close(actors)
            return
        for actor in actors:
            ray.kill(actor)

    def _worker_count(self) -> int:
        if self._settings.running.workers:
            return self._settings.running.workers
        return max(1, int(ray.cluster_resources().get("CPU", 1)))

    def _start_engines(self) -> list[Any]:
        if self._spec.embedded:
            return []
        running, there = self._settings.running, int(ray.cluster_resources().get("GPU", 0))
        wanted = float(there > 0 and wants_gpu(self._spec))
        gpus = running.engine_gpus if running.engine_gpus is not None else wanted
        count = running.engine_actors or (int(there // gpus) if gpus else 1)
        if gpus * count > there:
            raise EngineUnavailable(
                f"{count} engine actors of {gpus:g} GPUs do not fit: Ray knows of {there}",
                remedy="Set running.engine_actors and running.engine_gpus, or name a device: --device cpu.",
            )
        actor = ray.remote(EngineActor).options(
            num_cpus=0, num_gpus=gpus, max_restarts=-1, max_concurrency=ENGINE_REQUESTS
        )
        return [actor.remote(self._spec) for _ in range(count)]

    def _in_flight_each(self, workers: int) -> int:
        """Documents in flight of each worker: enough to keep every slot of the engines at work."""
        if self._settings.running.documents_in_flight is not None:
            return self._settings.running.documents_in_flight
        if self._remote is None:
            return EMBEDDED_IN_FLIGHT
        return max(DOCUMENTS_IN_FLIGHT, math.ceil(self._remote.info.slots * SPARE_REQUESTS / workers))

    def _describe_engines(self) -> RemoteEngine | None:
        if not self._engines:
            return None
        timeout_s = START_TIMEOUT_S + reading_s(self._spec) * len(self._engines)  # they may share a disk
        described = ray.get(self._engines[0].describe.remote(self._schema), timeout=timeout_s)
        return RemoteEngine(self._engines, described)

    def _start_worker(self, marks: Mapping[str, str] | None) -> Any:
        actor = ray.remote(DocumentWorker).options(num_cpus=1, max_restarts=0, max_concurrency=self._in_flight + 2)
        return actor.remote(self._schema, self._spec, self._settings, self._remote, marks, self._shelf, self._templates)

    def _start_workers(self, count: int, marks: Mapping[str, str] | None) -> Mapping[str, str]:
        """Start `count` workers, or as many as there are CPUs for; the fingerprints of their outcomes.

        Where CPUs are missing, the others have MORE_WORKERS_S for the case that some become free. Raises RayError
        if none comes up.
        """
        cpus = int(ray.available_resources().get("CPU", 0))
        self._workers = [_Worker(self._start_worker(marks)) for _ in range(count)]
        asked = {worker.actor.ready.remote(): worker for worker in self._workers}
        ray.wait([*asked], num_returns=max(1, min(count, cpus)), timeout=START_TIMEOUT_S)
        up, late = ray.wait([*asked], num_returns=count, timeout=MORE_WORKERS_S)
        for reference in late:
            ray.kill(asked[reference].actor)
        ready, error = dict[_Worker, Mapping[str, str]](), RayError(f"none was up after {START_TIMEOUT_S:.0f} s")
        for reference in up:
            try:
                ready[asked[reference]] = ray.get(reference)
            except RayError as died:
                error = died
        self._workers = [*ready]
        if not ready:
            raise error
        if len(ready) < count:
            self.shortfall = f"{count} workers asked for, {cpus} CPUs free: {len(ready)} started"
        return next(iter(ready.values()))

    def _free_worker(self) -> _Worker | None:
        free = [worker for worker in self._workers if worker.takes(self._in_flight)]
        return min(free, key=lambda worker: len(worker.in_flight), default=None)

    def _idle_worker(self) -> _Worker | None:
        return next((worker for worker in self._workers if not worker.in_flight), None)

    def _submit(self, worker: _Worker, task: _Task) -> None:
        worker.in_flight[worker.actor.answer.remote(task.work)] = task

    def _settle(self, reference: Any, suspects: deque[_Task]) -> Answer | None:
        """The answer behind `reference`; None if its worker died and the document waits again."""
        worker = next((worker for worker in self._workers if reference in worker.in_flight), None)
        if worker is None:  # its worker was replaced while this reference waited in the same batch
            return None
        task = worker.in_flight.pop(reference)
        try:
            answer: Answer = ray.get(reference)
            return answer
        except RayActorError as error:
            return self._bury(worker, task, suspects, error)
        except RayError as error:
            return self._gave_up(task, error)

    def _bury(self, worker: _Worker, task: _Task, suspects: deque[_Task], error: RayError) -> Answer | None:
        """Replace a dead worker; its documents come again, one at a time, to find which one kills."""
        lost = [task, *worker.in_flight.values()]
        worker.in_flight.clear()
        worker.pid = worker.asked = worker.watch = None
        worker.actor = self._start_worker(self.marks)
        try:
            ray.get(worker.actor.ready.remote(), timeout=START_TIMEOUT_S)
        except RayError as again:
            raise WorkersLost(f"a lost worker could not be replaced: {last_line(again)}") from again
        for dead in lost:
            dead.deaths += 1
        suspects.extend(other for other in lost if other is not task)
        if task.deaths < self._settings.running.attempts:
            suspects.append(task)
            return None
        return self._gave_up(task, error)

    def _gave_up(self, task: _Task, error: RayError) -> Answer:
        match task.work:
            case Identify(source):
                return source  # nobody knows its bytes: extracting it says why
            case Survey(source):
                return Surveyed(source)
            case Learn():
                return Learnt()
        empty = Outcome(task.source, self._schema.name, self._spec.name, self.marks, "failed")
        return failed(empty, WorkerCrash(f"{task.deaths} workers died: {last_line(error)}"), self._settings)

    def _end_overdue(self) -> None:
        """Kill a worker that is silent for longer than a document may take: its own clock must be stuck.

        The worker sees to the limits of its documents: it alone knows how long one waited for others. Its silence
        is counted without what a busy machine kept from it; where it cannot be seen, it is given more.
        """
        limit_s = self._settings.limits.document_timeout_s + OVERDUE_S
        for worker in self._workers:
            if worker.asked is None and worker.in_flight:
                worker.asked, worker.since = worker.actor.where.remote(), time.monotonic()
                worker.watch = Stopwatch(worker.pid, every_s=SETTLE_S) if worker.pid is not None else None
            elif worker.asked is not None and ray.wait([worker.asked], timeout=0)[0]:
                worker.pid, worker.asked = self._pid_here(worker.asked), None
            elif worker.asked is not None and _silence_s(worker) > limit_s:
                ray.kill(worker.actor)

    def _pid_here(self, answer: Any) -> int | None:
        """The process of a worker that has said where it is; None if it is elsewhere, or dead by now."""
        try:
            node, pid = ray.get(answer)
        except RayError:
            return None
        return int(pid) if node == ray.get_runtime_context().get_node_id() else None


def _silence_s(worker: _Worker) -> float:
    """Seconds of its own for which a worker has not answered; of one that cannot be seen a part of all seconds."""
    if worker.watch is None:
        return (time.monotonic() - worker.since) / UNSEEN_PATIENCE
    return worker.watch.look() if worker.watch.is_due() else worker.watch.seconds
