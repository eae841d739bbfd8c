"""Inputs found in a thread of their own: work begins with the first and never waits for the last."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from queue import Empty, Full, Queue

from docpipe.records import Source

LOOK_AHEAD = 10_000  # sources found before anybody asks for them
WAIT_S = 0.05  # for the next source, before the one who asks may see to something else
_LEAVE_S = 0.5  # between looks whether anybody still asks


class Listing:
    """The Sources that `find` gives, at most `limit` of them; iterate once, from one thread, then close it.

    `found` counts them so far, `ended` says that this is all of them, `over` that the last of them was given.
    """

    def __init__(self, find: Callable[[], Iterator[Source]], limit: int | None = None) -> None:
        self.found = 0
        self.ended = False
        self._find, self._limit = find, limit
        self._waiting: Queue[Source | None] = Queue(LOOK_AHEAD)  # None: the end
        self._error: BaseException | None = None
        self._closed = threading.Event()
        self._head: list[Source] = []
        self.over = False
        threading.Thread(target=self._search, name="docpipe-listing", daemon=True).start()

    def is_empty(self) -> bool:
        """Waits for the first source, or until it is certain that there is none. Raises what `find` raises."""
        if not self._head and not self.over:
            self._head += [source for source in (self._taken(),) if source is not None]
        return not self._head

    def __iter__(self) -> Iterator[Source | None]:
        """Every source; None whenever none was found for WAIT_S. Raises what `find` raises, where it does."""
        yield from self._head
        self._head = []
        while not self.over:
            try:
                source = self._taken(WAIT_S)
            except Empty:
                yield None
            else:
                if source is not None:
                    yield source

    def close(self) -> None:
        """Nobody asks any more: the search ends with the source that it is at."""
        self._closed.set()

    def _taken(self, timeout_s: float | None = None) -> Source | None:
        source = self._waiting.get(timeout=timeout_s)
        if source is None:
            self.over = True
            if self._error is not None:
                raise self._error
        return source

    def _search(self) -> None:
        try:
            for source in itertools.islice(self._find(), self._limit):
                self.found += 1
                if not self._offered(source):
                    return
        except BaseException as error:  # noqa: BLE001  raised again where somebody can see to it
            self._error = error
        self.ended = True
        self._offered(None)

    def _offered(self, source: Source | None) -> bool:
        while not self._closed.is_set():
            try:
                self._waiting.put(source, timeout=_LEAVE_S)
            except Full:
                continue
            return True
        return False
