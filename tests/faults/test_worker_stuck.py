"""A worker that answers nothing any more is replaced; one that is only busy is left alone."""

from __future__ import annotations

import os
import signal
import threading
import time
from contextlib import closing
from pathlib import Path
from random import Random

import psutil
import pytest

from docpipe.engine.choose import EngineSpec
from docpipe.records import Outcome, Source
from docpipe.run.cluster import RayPool, driver
from docpipe.schema.load import load_schema
from docpipe.settings import Limits, Running, Settings
from tests.faults.hostile.pdfs import clean, hanging

LIMITS = Limits(page_timeout_s=2.0, document_timeout_s=4.0, max_page_timeouts=2)


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> RayPool:
    monkeypatch.setattr(driver, "OVERDUE_S", 0.0)
    settings = Settings(running=Running(workers=1, documents_in_flight=6), limits=LIMITS)
    return RayPool(load_schema("invoice"), EngineSpec("layout", embedded=True), settings)


def source(folder: Path, name: str, data: bytes) -> Source:
    (folder / name).write_bytes(data)
    return Source(str(folder / name))


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def workers() -> set[int]:
    children = psutil.Process().children(recursive=True)
    return {child.pid for child in children if is_alive(child.pid) and "DocumentWorker" in "".join(child.cmdline())}


@pytest.mark.slow
def test_a_stopped_worker_is_replaced_and_its_documents_are_done(pool: RayPool, tmp_path: Path) -> None:
    sources = [source(tmp_path, "hang.pdf", hanging(1)(Random(1))), source(tmp_path, "good.pdf", clean(Random(1)))]
    (stopped,) = workers()
    threading.Timer(0.5, os.kill, (stopped, signal.SIGSTOP)).start()
    with closing(pool):
        outcomes = by_name(list(pool.outcomes(sources)))
        assert workers() - {stopped}
    assert not is_alive(stopped)
    assert outcomes["hang.pdf"].failure is not None
    assert outcomes["hang.pdf"].failure.code == "RENDER_TIMEOUT"
    assert outcomes["good.pdf"].failure is None


@pytest.mark.slow
def test_documents_that_wait_for_a_hanging_neighbour_cost_no_worker(pool: RayPool, tmp_path: Path) -> None:
    hang = [source(tmp_path, f"hang-{number}.pdf", hanging(2)(Random(number))) for number in range(3)]
    good = [source(tmp_path, f"good-{number}.pdf", clean(Random(number))) for number in range(3)]
    before, started = workers(), time.monotonic()
    with closing(pool):
        outcomes = by_name(list(pool.outcomes([*hang, *good])))
        assert workers() == before
    assert time.monotonic() - started > 2 * LIMITS.document_timeout_s
    assert [outcomes[f"good-{number}.pdf"].failure for number in range(3)] == [None] * 3
    codes = {failure.code for name, one in outcomes.items() if "hang" in name and (failure := one.failure)}
    assert codes == {"RENDER_TIMEOUT"}


def by_name(outcomes: list[Outcome]) -> dict[str, Outcome]:
    return {Path(one.source.uri).name: one for one in outcomes}
