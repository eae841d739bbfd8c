"""Time limits count what a child took, not what a busy machine kept from it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest

from docpipe.errors import RenderTimeout
from docpipe.render import sandbox
from docpipe.render.sandbox import Child, Meter
from docpipe.settings import Settings

pytestmark = pytest.mark.slow

LIMIT_S = 1.0


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "BACKSTOP_S", 0.5)


@pytest.fixture
def child() -> Iterator[Child]:
    made = Child("tests.faults.worker_of_jobs", 1024**3, Settings())
    yield made
    made.close()


async def ask(child: Child, meter: Meter | None = None, **job: Any) -> Any:
    answer, _ = await child.ask(job, None, document="d", timeout_s=LIMIT_S, meter=meter or Meter())
    return answer["done"]


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="starves a process by SCHED_IDLE, which is Linux's")
async def test_a_child_that_gets_no_cpu_is_not_ended_for_it(child: Child) -> None:
    """It shares one CPU with a busy loop that outranks it, for far longer than its limit and the backstop."""
    assert await ask(child)
    assert child._process is not None
    pid, cpu = child._process.pid, min(os.sched_getaffinity(0))
    meter = Meter()
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as busy:
        try:
            os.sched_setaffinity(busy.pid, {cpu})
            os.sched_setaffinity(pid, {cpu})
            os.sched_setscheduler(pid, os.SCHED_IDLE, os.sched_param(0))
            began_s = cpu_s(pid)
            task = asyncio.create_task(ask(child, meter, spin_s=0.6))
            await asyncio.sleep(5 * LIMIT_S)
            starved = cpu_s(pid) - began_s < 0.5
            waits = not task.done()
        finally:
            busy.kill()
    assert starved
    assert waits
    assert await task
    assert 0.5 < meter.seconds < 2


async def test_a_child_that_spins_is_ended_by_its_cpu_time(child: Child) -> None:
    meter = Meter()
    with pytest.raises(RenderTimeout, match="CPU time"):
        await ask(child, meter, spin_s=1e9)
    assert meter.seconds > LIMIT_S / 2  # the rest went before the meter looked, or after
    assert await ask(child)


async def test_a_child_that_puts_off_its_timer_is_ended_by_its_parent(child: Child) -> None:
    assert await ask(child)
    with pytest.raises(RenderTimeout, match="worked for more than"):
        await ask(child, spin_s=1e9, without_timer=True)


async def test_a_child_that_sleeps_is_ended_by_its_parent(child: Child) -> None:
    assert await ask(child)
    meter = Meter()
    with pytest.raises(RenderTimeout, match="slept for more than"):
        await ask(child, meter, sleep_s=1e9)
    assert meter.seconds > LIMIT_S
    assert await ask(child)


async def test_what_a_document_has_left_holds_for_sleep_and_work(child: Child) -> None:
    assert await ask(child)
    for job in ({"spin_s": 1e9}, {"sleep_s": 1e9}):
        meter = Meter(seconds=600, most_s=600.2)
        with pytest.raises(RenderTimeout, match=r"0\.2 s"):
            await ask(child, meter, **job)


async def test_threads_have_the_limit_each() -> None:
    child = Child("tests.faults.worker_of_jobs", 1024**3, Settings(), threads=3)
    meter = Meter()
    try:
        assert await ask(child, meter, spin_s=1.5 * LIMIT_S)
    finally:
        child.close()
    assert 0.5 * LIMIT_S <= meter.seconds < LIMIT_S + 1  # a third of the work, and of the start


def cpu_s(pid: int) -> float:
    return time.clock_gettime((~pid << 3) | 2)
