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
from functools import partial
from queue import SimpleQueue
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
        self._began_s = self._spent_s = 0.0

    @property
    def seconds(self) -> float | None:
        if not self._taken:
            return None
        if self._thread is None:
            return self._spent_s
        try:
            return time.clock_gettime((~self._thread << 3) | _CPU_OF_THREAD) - self._began_s
        except OSError:  # it has just ended
            return self._spent_s

    def take(self) -> None:
        """The request is with an engine's thread from now on, if only in its queue."""
        self._taken = True

    def begin(self) -> None:
        """The calling thread works on it from now on."""
        self._began_s, self._thread = time.thread_time(), threading.get_native_id()

    def end(self) -> None:
        """The calling thread has done its work."""
        self._spent_s, self._thread = time.thread_time() - self._began_s, None


_stint: ContextVar[Stint | None] = ContextVar("stint", default=None)


def watched() -> Stint:
    """The stint of the next request that is asked from this context."""
    stint = Stint()
    _stint.set(stint)
    return stint


class EngineThread:
    """Computes one thing after another. What is given up keeps its thread until it is done; the next gets a new one."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: SimpleQueue[Callable[[], None] | None] | None = None  # of the thread that is there
        self._turns: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns, or raises."""
        stint = _stint.get() or Stint()
        stint.take()
        async with self._turns.setdefault(asyncio.get_running_loop(), asyncio.Lock()):
            done = Future[T]()
            if self._jobs is None:
                self._jobs = _started(self._name)
            self._jobs.put(partial(_work, work, stint, done))
            try:
                return await asyncio.wrap_future(done)
            finally:
                if not done.done():
                    self.close()

    def close(self) -> None:
        """The thread ends when its work is done; nobody waits for it. The next `run` starts another."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None


def _started(name: str) -> SimpleQueue[Callable[[], None] | None]:
    """The queue of a new thread. It is a daemon: a process does not wait for work that nobody waits for."""
    jobs: SimpleQueue[Callable[[], None] | None] = SimpleQueue()

    def serve() -> None:
        while (job := jobs.get()) is not None:
            job()

    threading.Thread(target=serve, name=name, daemon=True).start()
    return jobs


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
