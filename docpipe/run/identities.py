"""Sources whose bytes may be those of another one: a worker hashes them, the plan decides in the order of its listing.

Files of different sizes have different bytes, so only sources of one size wait for each other. What is decided does
not depend on which hash comes first.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from docpipe.records import Identify, Source


@dataclass(slots=True)
class _Asked:
    """A source that a worker hashes. `at_work`: it is being extracted already, and nothing is to be decided."""

    at_work: bool
    answer: Source | None = None


class Identities:
    """What is being hashed; `asks` are for the pool, whose answers go to `answer`."""

    def __init__(self) -> None:
        self.asks: deque[Identify] = deque()
        self._sizes: dict[str, int] = {}  # uri -> size as it was listed
        self._queues: dict[int, dict[str, _Asked]] = {}  # size -> uri -> what was asked, in the order of the listing

    def __len__(self) -> int:
        """How many sources have no answer yet, or wait for another's."""
        return len(self._sizes)

    def ask(self, source: Source, at_work: Iterable[Source]) -> None:
        """Have `source` hashed, and those `at_work` of the same size whose bytes nobody knows."""
        if self._is_asked(source):
            return
        queue = self._queues.setdefault(source.size, {})
        for other in at_work:
            if other.size == source.size and other.doc_id is None and other.uri not in self._sizes:
                self._add(queue, other, at_work=True)
        self._add(queue, source, at_work=False)

    def follow(self, source: Source) -> bool:
        """Whether `source`, which needs no hash, waits for those of its size that were listed before it."""
        if self._is_asked(source):
            return True
        queue = self._queues.get(source.size)
        if queue is None:
            return False
        queue[source.uri] = _Asked(at_work=False, answer=source)
        self._sizes[source.uri] = source.size
        return True

    def answer(self, identified: Source) -> Iterator[tuple[Source, bool]]:
        """(source, whether it is at work) for all that are known now and wait for nobody before them.

        `identified` has its doc_id, or none where it cannot be read.
        """
        size = self._sizes[identified.uri]
        queue = self._queues[size]
        queue[identified.uri].answer = identified
        while queue and (known := next(iter(queue.values()))).answer is not None:
            del queue[known.answer.uri], self._sizes[known.answer.uri]
            yield known.answer, known.at_work
        if not queue:
            self._queues.pop(size, None)

    def _is_asked(self, source: Source) -> bool:
        """Whether its hash was asked for when it was at work: it is to be decided once more, when that is known."""
        size = self._sizes.get(source.uri)
        if size is not None:
            self._queues[size][source.uri].at_work = False
        return size is not None

    def _add(self, queue: dict[str, _Asked], source: Source, *, at_work: bool) -> None:
        queue[source.uri] = _Asked(at_work)
        self._sizes[source.uri] = source.size
        self.asks.append(Identify(source))
