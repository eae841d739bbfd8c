"""One run from its settings to its summary: plan, dispatch, commit."""

from __future__ import annotations

import datetime as dt
import os
import platform
import secrets
import signal
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from docpipe import __version__
from docpipe.engine.choose import (
    EngineSpec,
    build_engine,
    choose_engine,
    engine_fingerprint,
    left_to_validation,
    looked_for_by_name,
)
from docpipe.errors import Interrupted, NoInputs, OutputConflict, RunAborted
from docpipe.extract import fingerprints
from docpipe.intake.discover import discover
from docpipe.intake.names import public, shown, true_place
from docpipe.records import STATUSES, Outcome
from docpipe.run.listing import Listing
from docpipe.run.plan import RELY, Again, Plan
from docpipe.run.pool import LocalPool, Pool
from docpipe.run.progress import Progress
from docpipe.run.vanished import vanished
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings
from docpipe.store.commit import Store
from docpipe.store.ledger import LedgerRow, engines


@dataclass(slots=True)
class Summary:
    """What a run did. `outcomes` counts every input once, `already_done` those of an earlier run.

    `linked` are those whose bytes another source had, `replayed` those that were resolved anew from stored
    replies. `vanished` were flagged as gone since the last run, `pruned` removed; they are no inputs.
    While the run goes on, `inputs` are those that were looked at so far.
    """

    run_id: str
    out: str
    schema: str
    engine: str
    engine_why: str
    inputs: int = 0
    already_done: int = 0
    linked: int = 0
    replayed: int = 0
    kept_reviewed: int = 0
    vanished: int = 0
    pruned: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    failures: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    left_to_validation: tuple[str, ...] = ()
    looked_for_by_name: tuple[str, ...] = ()
    startup_s: float = 0.0
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> None:
        """Take in one outcome of this run."""
        self.tally(outcome.status, outcome.failure.code if outcome.failure else None)
        self.pages += len(outcome.pages)

    def tally(self, status: str, failure_code: str | None) -> None:
        """Count one input by what became of it, in this run or before."""
        self.outcomes[status] += 1
        if failure_code:
            self.failures[failure_code] = self.failures.get(failure_code, 0) + 1


def run(settings: Settings, progress: Progress, *, limit: int | None = None, again: Again = RELY) -> Summary:
    """Extract every input of `settings` into its output; returns when all of it is committed.

    Work begins with the first input that is found. Finished documents of earlier runs are not read again,
    unless `again` says so; the same bytes at two paths are asked about once.
    Raises UsageError before any work if something asked for cannot be done, RunAborted if the run had to
    stop: what was committed stays.
    """
    started = time.perf_counter()
    schema = load_schema(settings.schema)
    spec = choose_engine(settings.engine, settings.model, settings.qwen2vl)
    if true_place(settings.out) in map(true_place, settings.inputs):
        raise OutputConflict(f"{public(settings.out)} is an input and the output", remedy="Choose another --out.")
    with closing(_listing(settings, limit)) as listing:
        if listing.is_empty():
            raise NoInputs(f"nothing to read in {', '.join(shown(one) for one in _named(settings))}")
        summary = Summary(new_run_id(), public(settings.out), schema.name, spec.name, spec.why)
        summary.left_to_validation = left_to_validation(spec, schema.document)
        summary.looked_for_by_name = looked_for_by_name(spec, schema, shown(settings.schema))
        marks = fingerprints(schema, engine_fingerprint(spec), settings)
        expiry_s = settings.running.lease_expiry_s
        with Store.open(settings.out, schema, summary.run_id, lease_expiry_s=expiry_s) as store:
            _refuse_mixing(store.ledger, spec, settings, again.force)
            plan = Plan(store, marks, summary, again=again, settings=settings)
            todo = plan.work(listing)
            first = next((work for work in todo if work is not None), None)
            if first is not None:
                with closing(open_pool(schema, spec, settings)) as pool, closing(progress), _gentle_end():
                    summary.startup_s = time.perf_counter() - started
                    progress.begin(summary, listing)
                    marks = fingerprints(schema, pool.engine_fingerprint, settings)
                    plan.engaged(marks, first)
                    for outcome in commit_as_they_come(pool.outcomes(todo), store, settings):
                        summary.count(outcome)
                        plan.settle(outcome)
                        progress.advance(outcome)
            if limit is None:
                _note_vanished(store, plan, settings, summary)
            summary.seconds = time.perf_counter() - started
            store.finish(_run_document(summary, settings, marks))
    return summary


def _listing(settings: Settings, limit: int | None) -> Listing:
    return Listing(lambda: discover(settings.inputs, settings.out, settings.manifests, settings.limits), limit)


def _note_vanished(store: Store, plan: Plan, settings: Settings, summary: Summary) -> None:
    """Flag or prune the sources that a whole listing did not bring and that are gone."""
    for uri in list(vanished(store.ledger, plan.seen, settings.inputs)):
        if plan.again.prune:
            store.remove(uri)
            summary.pruned += 1
        elif not store.ledger[uri].vanished:
            store.mark_vanished(uri)
            summary.vanished += 1


def _named(settings: Settings) -> list[str]:
    """What the user named, without the credentials that may stand in it."""
    return [*map(public, settings.inputs), *settings.manifests]


def commit_as_they_come(outcomes: Iterable[Outcome], store: Store, settings: Settings) -> Iterator[Outcome]:
    """Every outcome, once the store has taken it in; a batch is committed by size, by time, at the end.

    An interruption commits what was taken in before it goes on. A commit that failed is not the reason
    that is told where there was one before.
    """
    last = time.monotonic()
    try:
        for outcome in outcomes:
            store.add(outcome)
            yield outcome
            overdue = time.monotonic() - last >= settings.running.commit_interval_s
            if overdue or store.pending >= settings.running.commit_documents:
                _commit(store)
                last = time.monotonic()
    except RunAborted:
        with suppress(RunAborted):
            _commit(store)
        raise
    except BaseException:
        _commit(store)
        raise
    _commit(store)


def _commit(store: Store) -> None:
    """Commit what the store has; an interruption waits until it is done, a second one does not.

    Nothing would be lost by half a commit, but only the next run would put it right.
    """
    came: list[int] = []

    def note(number: int, _: object) -> None:
        if came:
            raise KeyboardInterrupt
        came.append(number)

    ours = [one for one in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(one))]
    before = {one: signal.signal(one, note) for one in ours}
    try:
        store.commit()
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def _gentle_end() -> Iterator[None]:
    """SIGTERM ends the work as Ctrl-C does, so that a scheduler's stop commits too.

    Set once the pool is up: Ray sets a handler of its own, which would end the process at once.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted("the run was interrupted; what was read is committed") from None
    finally:
        signal.signal(signal.SIGTERM, before)


def open_pool(schema: Schema, spec: EngineSpec, settings: Settings) -> Pool:
    """Who does the work: this process for `running.workers` = 0, else Ray."""
    if settings.running.workers == 0:
        return LocalPool(schema, build_engine(spec), settings)
    from docpipe.run.cluster import RayPool

    return RayPool(schema, spec, settings)


def new_run_id() -> str:
    """Sortable by time, unique by chance: 20260131T020000-1a2b3c4d."""
    return f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


def _refuse_mixing(ledger: Mapping[str, LedgerRow], spec: EngineSpec, settings: Settings, force: bool) -> None:
    """`auto` never mixes its choice into what another engine made (design, section 8)."""
    others = engines(ledger) - {spec.name}
    if others and settings.engine == "auto" and not force:
        raise OutputConflict(
            f"{settings.out} was made by {', '.join(sorted(others))}; auto would use {spec.name}",
            remedy="Name the engine with --engine, use another --out, or --force to replace the rows.",
        )


def _run_document(summary: Summary, settings: Settings, marks: Any) -> dict[str, Any]:
    return {
        **asdict(summary),
        "fingerprints": dict(marks),
        "settings": asdict(replace(settings, inputs=tuple(map(public, settings.inputs)), out=public(settings.out))),
        "versions": {"docpipe": __version__, "python": platform.python_version()},
        "cpus": os.cpu_count(),
    }
