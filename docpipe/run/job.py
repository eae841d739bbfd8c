"""One run from its settings to its summary: plan, dispatch, commit."""

from __future__ import annotations

import datetime as dt
import os
import platform
import secrets
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from itertools import chain, islice
from typing import Any

from docpipe import __version__
from docpipe.engine.choose import (
    EngineSpec,
    build_engine,
    choose_engine,
    engine_fingerprint,
    left_to_validation,
    looked_for_by_name,
    siblings_of,
)
from docpipe.errors import NoInputs, OutputConflict, RunAborted, ValueMisfit
from docpipe.extract.failures import failed
from docpipe.extract.fingerprints import fingerprints
from docpipe.intake.discover import discover
from docpipe.intake.names import public, shown, true_place
from docpipe.records import Outcome, Source
from docpipe.run.handful import hashed_here, look_ahead, may_stay
from docpipe.run.interruption import closing, held_back, interruptible
from docpipe.run.listing import Listing
from docpipe.run.plan import RELY, Again, Plan
from docpipe.run.pool import Answer, LocalPool, Pool, Work
from docpipe.run.progress import Progress
from docpipe.run.ray_address import keep_to_itself, ray_address
from docpipe.run.summary import Summary, now
from docpipe.run.survey import Siblinghood
from docpipe.run.vanished import vanished
from docpipe.schema.load import load_schema
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings
from docpipe.store.commit import Store
from docpipe.store.ledger import LedgerRow, engines
from docpipe.store.scratch import PAGES, Scratch


def run(
    settings: Settings,
    progress: Progress,
    *,
    limit: int | None = None,
    again: Again = RELY,
    require_input: bool = False,
) -> Summary:
    """Extract every input of `settings` into its output; returns when all of it is committed.

    Work begins with the first input that is found. Finished documents of earlier runs are not read again,
    unless `again` says so; the same bytes at two paths are asked about once. Where there is no input, nothing is
    touched or made, and no source is taken for gone: an empty folder may be a disk that is not mounted.
    Raises UsageError before any work if something asked for cannot be done (`require_input`: NoInputs, if there is
    none), RunAborted if the run had to stop or was interrupted: what was committed stays.
    """
    with interruptible():
        started, schema = time.perf_counter(), load_schema(settings.schema)
        spec = choose_engine(settings.engine, settings.model, settings.engines)
        if settings.running.workers != 0:
            ray_address(os.environ)  # a mistake in it is told before any work
        if true_place(settings.out) in map(true_place, settings.inputs):
            raise OutputConflict(f"{public(settings.out)} is an input and the output", remedy="Choose another --out.")
        asked = _Asked(settings, schema, spec, again, limit, started)
        summary = Summary(new_run_id(), public(settings.out), schema.name, spec.name, spec.why)
        with closing(_listing(settings, limit)) as listing:
            if not listing.is_empty():
                _read(listing, asked, summary, progress)
            elif require_input:
                raise NoInputs(f"nothing to read in {', '.join(shown(name) for name in _named(settings))}")
            else:
                _end(summary, asked)
    return summary


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a run was asked for. `started`: by time.perf_counter."""

    settings: Settings
    schema: Schema
    spec: EngineSpec
    again: Again
    limit: int | None
    started: float


def _read(listing: Listing, asked: _Asked, summary: Summary, progress: Progress) -> None:
    """Read what `listing` brings, as far as it is not done, into the output; fills in `summary`."""
    settings, schema, spec = asked.settings, asked.schema, asked.spec
    summary.left_to_validation = left_to_validation(spec, schema.document)
    summary.looked_for_by_name = looked_for_by_name(spec, schema, shown(settings.schema))
    marks = fingerprints(schema, engine_fingerprint(spec), settings)
    expiry_s = settings.running.lease_expiry_s
    with closing(Store.open(settings.out, schema, summary.run_id, lease_expiry_s=expiry_s)) as store:
        _refuse_mixing(store.ledger, spec, settings, asked.again.force)
        plan = Plan(store, marks, summary, again=asked.again, settings=settings)
        todo = plan.work(listing)
        ahead = hashed_here(todo, plan.identified, settings.limits)
        if may_stay(spec, settings.running):
            first, few = look_ahead(ahead, listing)
        else:
            first, few = list(islice((work for work in ahead if work is not None), 1)), False
        if first:
            siblings = siblings_of(spec, schema)
            shared = Siblinghood(siblings, store.out, marks, asked.again.force) if siblings is not None else None
            with (
                closing(Scratch(PAGES)) as shelf,
                closing(
                    open_pool(schema, spec, settings, marks, here=few, shelf=str(shelf.folder) if shared else "")
                ) as pool,
                closing(progress),
            ):
                summary.startup_s = time.perf_counter() - asked.started
                summary.workers = pool.workers
                progress.begin(summary, listing, pool.shortfall)
                marks = pool.marks
                plan.engaged(marks, first)
                work: Iterator[Work | None] = chain(todo, plan.work(()))
                if shared is not None:
                    shared.marks = marks
                    work = shared.work(work, listing, plan, pool, progress)
                found = _outcomes(pool.outcomes(work), plan)
                with closing(commit_as_they_come(found, store, settings)) as outcomes:
                    for outcome in outcomes:
                        summary.count(outcome)
                        plan.settle(outcome)
                        progress.advance(outcome)
                if shared is not None:
                    shared.settle()
        if asked.limit is None:
            _note_vanished(store, plan, settings, summary)
        _end(summary, asked)
        store.finish(_run_document(summary, settings, marks))


def _outcomes(answers: Iterable[Answer], plan: Plan) -> Iterator[Outcome]:
    """The outcomes among the answers of a pool; hashes go to `plan`, which decides what comes of them."""
    for answer in answers:
        if isinstance(answer, Source):
            plan.identified(answer)
        elif isinstance(answer, Outcome):
            yield answer


def _end(summary: Summary, asked: _Asked) -> None:
    summary.finished_at = now()
    summary.seconds = time.perf_counter() - asked.started


def _listing(settings: Settings, limit: int | None) -> Listing:
    return Listing(lambda: discover(settings.inputs, settings.out, settings.manifests, settings.limits), limit)


def _note_vanished(store: Store, plan: Plan, settings: Settings, summary: Summary) -> None:
    """Flag or prune the sources that a whole listing did not bring and that are gone."""
    for uri in list(vanished(store.ledger, plan.seen, settings.inputs)):
        with held_back():
            if plan.again.prune:
                store.remove(uri)
                summary.pruned += 1
            elif not store.ledger[uri].vanished:
                store.mark_vanished(uri)
                summary.vanished += 1


def _named(settings: Settings) -> list[str]:
    """What the user named, without the credentials that may stand in it."""
    return [*map(public, settings.inputs), *settings.manifests]


def commit_as_they_come(
    outcomes: Iterable[Outcome], store: Store, settings: Settings
) -> Generator[Outcome, None, None]:
    """Every outcome, once the store has taken it in; a batch is committed by size, by time, at the end.

    One with a value that fits no column is taken in, and given, as failed with VALUE_MISFIT. An interruption,
    or closing this early, commits what was taken in before it goes on. A commit that failed is not the reason
    that is told where there was one before.
    """
    last = time.monotonic()
    try:
        for outcome in outcomes:
            yield _taken_in(outcome, store, settings)
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


def _taken_in(outcome: Outcome, store: Store, settings: Settings) -> Outcome:
    """The outcome that the store took in: `outcome`, or its failure if a value of it fits no column."""
    with held_back():  # half of it would be committed
        try:
            store.add(outcome)
        except ValueMisfit as error:
            outcome = failed(outcome, error, settings)
            store.add(outcome)
    return outcome


def _commit(store: Store) -> None:
    """Commit what the store has; an interruption waits until it is done, a second one does not.

    Nothing would be lost by half a commit, but only the next run would put it right.
    """
    with held_back():
        store.commit()


def open_pool(
    schema: Schema, spec: EngineSpec, settings: Settings, marks: Mapping[str, str], *, here: bool, shelf: str = ""
) -> Pool:
    """Who does the work: this process for `running.workers` = 0 or if it may be done `here`, else Ray."""
    if here or settings.running.workers == 0:
        return LocalPool(schema, build_engine(spec), settings, marks, shelf)
    keep_to_itself(os.environ)
    with held_back():  # a library that is half imported may take the process with it
        from docpipe.run.cluster import RayPool

    return RayPool(schema, spec, settings, marks, shelf)


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
        "settings": replace(settings, inputs=tuple(map(public, settings.inputs)), out=public(settings.out)).as_tree(),
        "versions": {"docpipe": __version__, "python": platform.python_version()},
        "cpus": os.cpu_count(),
    }
