"""A thread for an engine that computes in this process: the event loop stays free, and each request knows its own time.

One request is computed at a time. Cancelling one that waits takes it out of the queue; cancelling one that is
computed lets the next begin at once, and what the thread still finds out is dropped.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextvars import ContextVar
from typing import TypeVar
from weakref import WeakKeyDictionary

T = TypeVar("T")
_CPU_OF_THREAD = 6  # CPUCLOCK_SCHED | CPUCLOCK_PERTHREAD_MASK (linux/posix-timers.h), the bits below the thread's id


class Stint:
    """The CPU seconds that an engine's thread has spent on one request.

    `seconds` is None while the request is with no such thread: the engine computes elsewhere, in time that passes.
    """

    def __init__(self) -> None:
        self._taken = False
        self._thread: int | None = None
        self._spent_s = 0.0

    @property
    def seconds(self) -> float | None:
        if not self._taken:
            return None
        if self._thread is None:
            return self._spent_s
        try:
            return time.clock_gettime((~self._thread << 3) | _CPU_OF_THREAD)
        except OSError:  # it has just ended
            return self._spent_s

    def take(self) -> None:
        """The request is with an engine's thread from now on, if only in its queue."""
        self._taken = True

    def begin(self) -> None:
        """The calling thread works on it, and on nothing before it."""
        self._thread = threading.get_native_id()

    def end(self) -> None:
        """The calling thread has done its work."""
        self._spent_s, self._thread = time.thread_time(), None


_stint: ContextVar[Stint | None] = ContextVar("stint", default=None)


def watched() -> Stint:
    """The stint of the next request that is asked from this context."""
    stint = Stint()
    _stint.set(stint)
    return stint


class EngineThread:
    """Computes one thing after another, each in a thread that ends with it."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, or raises."""
        stint = _stint.get() or Stint()
        stint.take()
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            done = Future[T]()
            # A daemon: the process does not wait for work that nobody waits for.
            threading.Thread(target=_work, args=(work, stint, done), name=self._name, daemon=True).start()
            return await asyncio.wrap_future(done)


def _work(work: Callable[[], T], stint: Stint, done: Future[T]) -> None:
    if not done.set_running_or_notify_cancel():
        return
    stint.begin()
    try:
        value = work()
    except BaseException as error:  # noqa: BLE001  raised again where somebody waits
        stint.end()
        # asyncio hands on every error but this one
        done.set_exception(RuntimeError("StopIteration") if isinstance(error, StopIteration) else error)
    else:
        stint.end()
        done.set_result(value)
