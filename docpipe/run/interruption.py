"""SIGINT, SIGTERM and SIGHUP end a run in one way, whatever it is at: what was read is committed, nothing is left."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, Protocol, TypeVar

from docpipe.errors import Interrupted

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a scheduler's stop, a terminal that was closed."""

Handler = Callable[[int, FrameType | None], Any]


class Closeable(Protocol):
    def close(self) -> None: ...


Thing = TypeVar("Thing", bound=Closeable)


@contextmanager
def interruptible(*, ends_process: bool = False) -> Iterator[None]:
    """The first of the signals raises KeyboardInterrupt in the main thread, which leaves this as Interrupted.

    The others are ignored then, so that nothing disturbs the cleaning up; `ends_process`: until the process has ended,
    which says why it did. A signal that is ignored already (nohup, a shell's background) stays ignored. Does nothing in
    another thread than the main one, where no handler can be set.
    """
    came: list[int] = []
    before: dict[signal.Signals, Any] = {}
    interrupted = False

    def end(number: int, _: FrameType | None) -> None:
        if not came:
            came.append(number)
            raise KeyboardInterrupt

    try:
        _handle(end, before)  # a signal may come as soon as the first handler is set
        yield
    except Interrupted:
        interrupted = True
        raise
    except KeyboardInterrupt:
        interrupted = True
        name = signal.Signals(came[0]).name if came else "Ctrl-C"
        raise Interrupted(f"the run was interrupted by {name}; what was read is committed") from None
    finally:
        came.append(0)
        _restore(dict.fromkeys(before, signal.SIG_IGN) if interrupted and ends_process else before)


@contextmanager
def held_back() -> Iterator[None]:
    """The first signal waits until this is done; a second one raises KeyboardInterrupt at once."""
    came: list[int] = []

    def note(number: int, _: FrameType | None) -> None:
        came.append(number)
        if len(came) > 1:
            raise KeyboardInterrupt

    before: dict[signal.Signals, Any] = {}
    _handle(note, before)
    try:
        yield
    finally:
        _restore(before)
    if came:
        handler = before[signal.Signals(came[0])]
        if callable(handler):
            handler(came[0], None)
        else:
            raise KeyboardInterrupt


@contextmanager
def closing(thing: Thing) -> Iterator[Thing]:
    """`thing`, closed at the end; a signal waits until it is."""
    try:
        yield thing
    finally:
        with held_back():
            thing.close()


def _handle(handler: Handler, before: dict[signal.Signals, Any]) -> None:
    """Set `handler` where the signal is not ignored; what was set is kept in `before`, one by one."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in ENDING:
        if signal.getsignal(number) not in (signal.SIG_IGN, None):
            before[number] = signal.getsignal(number)
            signal.signal(number, handler)


def _restore(before: dict[signal.Signals, Any]) -> None:
    for number, handler in before.items():
        signal.signal(number, handler)
