"""Ray or a plain loop: exactly one outcome a source, the same outcome, and no failure spreads."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import ray

from docpipe.engine.choose import EngineSpec, build_engine
from docpipe.intake.discover import discover
from docpipe.records import Identify, Outcome, Source
from docpipe.run.cluster import RayPool, driver
from docpipe.run.cluster.actors import EngineActor
from docpipe.run.pool import LocalPool, Pool
from docpipe.schema.load import load_schema
from docpipe.settings import Running, Settings
from tests.conftest import BAD

INVOICE = load_schema("invoice")
SETTINGS = Settings(running=Running(workers=2))
LAYOUT = EngineSpec("layout", embedded=True)


@pytest.fixture(scope="module", autouse=True)
def _no_ray_stays() -> Iterator[None]:
    yield
    ray.shutdown()


def local(spec: EngineSpec, settings: Settings = SETTINGS) -> LocalPool:
    return LocalPool(INVOICE, build_engine(spec), settings)


def on_ray(spec: EngineSpec, settings: Settings = SETTINGS) -> RayPool:
    """On one Ray for the module: starting it takes seconds."""
    if not ray.is_initialized():
        ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
    return RayPool(INVOICE, spec, settings)


POOLS = [pytest.param(local, id="local"), pytest.param(on_ray, id="ray", marks=pytest.mark.slow)]


@pytest.fixture(params=POOLS)
def open_pool(request: pytest.FixtureRequest) -> Callable[..., Pool]:
    pool: Callable[..., Pool] = request.param
    return pool


@pytest.fixture
def script(tmp_path: Path) -> Callable[..., EngineSpec]:
    def write(*answers: Any, **more: Any) -> EngineSpec:
        path = tmp_path / "script.json"
        path.write_text(json.dumps({"answers": answers, "needs": ["words"], **more}))
        return EngineSpec("scripted", str(path))

    return write


def outcomes(pool: Pool, folder: Path) -> dict[str, Outcome]:
    with closing(pool):
        found = [answer for answer in pool.outcomes(discover([str(folder)])) if isinstance(answer, Outcome)]
    assert len({one.source.uri for one in found}) == len(found)
    return {Path(one.source.uri).name: one for one in found}


def test_every_source_has_exactly_one_outcome(open_pool: Callable[..., Pool], mixed: Path) -> None:
    found = outcomes(open_pool(LAYOUT), mixed)
    failures = {name: one.failure.code for name, one in found.items() if one.failure}
    assert failures == BAD
    assert set(found) == {path.name for path in mixed.iterdir()}
    assert all(one.failure is None or one.failure.remedy for one in found.values())


@pytest.mark.slow
def test_both_pools_say_the_same(invoices: Path) -> None:
    def plain(one: Outcome) -> Outcome:
        rows = tuple(replace(row, render_s=0.0) for row in one.pages)
        replies = tuple(replace(row, reply=replace(row.reply, seconds=0.0)) for row in one.replies)
        return replace(one, seconds=0.0, pages=rows, replies=replies)

    alone, spread = (outcomes(pool(LAYOUT), invoices) for pool in (local, on_ray))
    assert {name: plain(one) for name, one in alone.items()} == {name: plain(one) for name, one in spread.items()}


def test_a_second_engine_lives_where_the_documents_are(
    open_pool: Callable[..., Pool], invoices: Path, script: Callable[..., EngineSpec]
) -> None:
    found = outcomes(open_pool(script({"total": "a lot"}), replace(SETTINGS, second_engine="layout")), invoices)
    assert {tuple(row.reply.engine for row in one.replies) for one in found.values()} == {("scripted", "layout")}
    assert all(one.records[0].value["total"] for one in found.values())


def test_an_engines_error_costs_its_document_alone(
    open_pool: Callable[..., Pool], invoices: Path, script: Callable[..., EngineSpec]
) -> None:
    good = {"total": 1.0}
    found = outcomes(open_pool(script(good, {"fault": "error"}, good, {"fault": "garbage"}, good, good)), invoices)
    codes = sorted(one.failure.code for one in found.values() if one.failure)
    assert codes == ["DECODE_ERROR", "ENGINE_ERROR"]
    assert len(found) == 6


def test_a_failed_document_keeps_its_pages_and_replies(
    open_pool: Callable[..., Pool], invoices: Path, script: Callable[..., EngineSpec]
) -> None:
    found = outcomes(open_pool(script({"fault": "garbage"})), invoices)
    assert all(one.pages and one.replies and not one.records for one in found.values())


@pytest.mark.slow
def test_an_engine_that_dies_is_replaced_and_nothing_is_lost(invoices: Path, script: Callable[..., EngineSpec]) -> None:
    found = outcomes(on_ray(script({"total": 1.0}, {"total": 1.0}, {"fault": "crash"})), invoices)
    assert len(found) == 6
    codes = {one.failure.code for one in found.values() if one.failure}
    assert codes <= {"ENGINE_ERROR"}


@pytest.mark.slow
def test_an_engine_that_lost_its_device_ends_and_its_requests_run_elsewhere(
    invoices: Path, script: Callable[..., EngineSpec]
) -> None:
    found = outcomes(on_ray(script({"total": 1.0}, {"total": 1.0}, {"total": 1.0}, {"fault": "dead"})), invoices)
    assert [one.failure for one in found.values()] == [None] * 6


def test_the_first_outcome_does_not_wait_for_the_next_source(open_pool: Callable[..., Pool], invoices: Path) -> None:
    first, *others = discover([str(invoices)])
    done: list[Outcome] = []

    def slow() -> Iterator[Source | None]:
        yield first
        while not done:
            time.sleep(0.05)
            yield None
        yield from others

    with closing(open_pool(LAYOUT)) as pool:
        for outcome in pool.outcomes(slow()):
            assert isinstance(outcome, Outcome)
            done.append(outcome)
    assert done[0].source.uri == first.uri
    assert len({one.source.uri for one in done}) == len(done) == 1 + len(others)


def test_a_source_is_only_hashed_where_that_is_asked(
    open_pool: Callable[..., Pool], invoices: Path, tmp_path: Path
) -> None:
    first, second, *_ = discover([str(invoices)])
    gone = Source(str(tmp_path / "gone.pdf"), 1, 1)
    with closing(open_pool(LAYOUT)) as pool:
        answers = list(pool.outcomes([Identify(first), second, Identify(gone)]))
    hashed = {answer.uri: answer.doc_id for answer in answers if isinstance(answer, Source)}
    assert hashed == {first.uri: hashlib.sha256(Path(first.uri).read_bytes()).hexdigest(), gone.uri: None}
    assert [answer.source.uri for answer in answers if isinstance(answer, Outcome)] == [second.uri]


def test_no_sources_is_no_work(open_pool: Callable[..., Pool], tmp_path: Path) -> None:
    assert outcomes(open_pool(LAYOUT), tmp_path) == {}


@pytest.mark.slow
def test_workers_beyond_the_cpus_are_done_without_and_that_is_said(
    invoices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driver, "MORE_WORKERS_S", 1.0)
    pool = on_ray(LAYOUT, replace(SETTINGS, running=Running(workers=6)))
    assert 1 <= pool.workers <= 4
    assert pool.shortfall.startswith("6 workers asked for, ")
    assert pool.shortfall.endswith(f"{pool.workers} started")
    assert len(outcomes(pool, invoices)) == 6


@pytest.mark.slow
@pytest.mark.parametrize(("schema", "pixels"), [("invoice", False), ("form", True)])
async def test_an_actor_says_what_its_engine_needs_for_the_schema(schema: str, pixels: bool) -> None:
    info = await EngineActor(EngineSpec("layout")).describe(load_schema(schema))
    assert ("pixels" in info.needs) is pixels
