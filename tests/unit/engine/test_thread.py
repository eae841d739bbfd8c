"""An engine's thread leaves the event loop free, and knows whose time it spends."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from docpipe.engine.thread import EngineThread, watched


def burn(cpu_s: float) -> str:
    ends = time.thread_time() + cpu_s
    while time.thread_time() < ends:
        pass
    return "done"


async def test_the_loop_runs_on_while_the_thread_works() -> None:
    free = threading.Event()
    asyncio.get_running_loop().call_later(0.01, free.set)
    assert await EngineThread("test").run(lambda: free.wait(60)) is True


async def test_what_the_work_raises_is_raised() -> None:
    thread = EngineThread("test")

    def fails(error: BaseException) -> None:
        raise error

    with pytest.raises(ValueError, match="why"):
        await thread.run(lambda: fails(ValueError("why")))
    with pytest.raises(RuntimeError, match="StopIteration"):
        await asyncio.wait_for(thread.run(lambda: fails(StopIteration())), 60)


async def test_one_piece_of_work_at_a_time() -> None:
    thread, working, most = EngineThread("test"), 0, 0

    def work() -> None:
        nonlocal working, most
        working += 1
        most = max(most, working)
        time.sleep(0.005)
        working -= 1

    await asyncio.gather(*(thread.run(work) for _ in range(10)))
    assert most == 1


async def test_cancelled_work_frees_its_place() -> None:
    thread, begun, end = EngineThread("test"), threading.Event(), threading.Event()

    def stuck() -> None:
        begun.set()
        end.wait(60)

    working, waiting = (asyncio.create_task(thread.run(stuck)) for _ in range(2))
    await asyncio.to_thread(begun.wait, 60)
    waiting.cancel()
    working.cancel()
    assert await asyncio.wait_for(thread.run(lambda: burn(0.0)), 60) == "done"
    end.set()
    assert all(
        isinstance(error, asyncio.CancelledError)
        for error in await asyncio.gather(working, waiting, return_exceptions=True)
    )


async def test_a_request_spends_its_own_time_and_none_of_its_neighbours() -> None:
    thread = EngineThread("test")

    async def spent_s(cpu_s: float) -> float:
        stint = watched()
        assert stint.seconds is None
        await thread.run(lambda: burn(cpu_s))
        return stint.seconds or 0.0

    long_s, short_s = await asyncio.gather(spent_s(0.5), spent_s(0.05))
    assert 0.5 <= long_s < 0.6
    assert 0.05 <= short_s < 0.15


async def test_the_time_is_known_while_the_thread_works() -> None:
    thread, stint, end = EngineThread("test"), watched(), threading.Event()

    def work() -> None:
        burn(0.1)
        end.wait(60)

    working = asyncio.create_task(thread.run(work))
    while (stint.seconds or 0.0) < 0.1:
        await asyncio.sleep(0.01)
    end.set()
    await working
    assert 0.1 <= (stint.seconds or 0.0) < 0.2
