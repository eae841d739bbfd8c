"""What there is to do: each source is done, shares the bytes of one that is, or is work for the pool."""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from docpipe.errors import Encrypted, InvalidSettings, PartLost
from docpipe.extract.fingerprints import JUDGING, failure_fingerprints
from docpipe.records import STATUSES, Identify, Outcome, Replay, Source
from docpipe.run.identities import Identities
from docpipe.run.interruption import held_back
from docpipe.run.pool import Work, source_of
from docpipe.settings import Settings
from docpipe.store.commit import Store
from docpipe.store.ledger import LedgerRow, unchanged

SETTLE_S = 0.1  # of passing over finished sources, before those at work are seen to


@dataclass(frozen=True, slots=True)
class Again:
    """What of the work of earlier runs is not relied on.

    `force`: nothing is. `rehash`: size and time of change are not, bytes are compared. `retry`: records
    of these statuses are not. `prune`: rows of sources that are gone are removed, not flagged.
    """

    force: bool = False
    rehash: bool = False
    retry: frozenset[str] = frozenset()
    prune: bool = False

    def __post_init__(self) -> None:
        unknown = sorted(self.retry - set(STATUSES))
        if unknown:
            raise InvalidSettings(f"--retry {','.join(unknown)}: choose from {', '.join(STATUSES)}")


RELY = Again()
"""Finished work is relied on."""


class Counts(Protocol):
    """Where a plan counts what needs no work; see run.summary.Summary."""

    inputs: int
    already_done: int
    linked: int
    replayed: int
    kept_reviewed: int

    def tally(self, status: str, failure_code: str | None, pages: int, *, worked_on: bool) -> None: ...


class Plan:
    """Decides for every source of a listing, from the store's ledger as it grows.

    It reads none of them: where bytes may be those of another source, an Identify has a worker hash them.

    Call `settle` once the store has taken an outcome in: sources that wait for the same bytes are decided
    then; `identified` with the answer to an Identify; and `engaged` once the engine is known that will be at work:
    what is decided once more comes with the rest of `work`, or where that has ended from `work(())`. `seen` are the
    uris that were decided on.
    """

    def __init__(
        self,
        store: Store,
        marks: Mapping[str, str],
        counts: Counts,
        *,
        again: Again,
        settings: Settings,
    ) -> None:
        self.seen: set[str] = set()
        self._store, self._marks, self._counts = store, marks, counts
        self._accepted = [marks]
        self.again, self._settings = again, settings
        self._sizes = Counter(row.size for row in store.ledger.values())
        self._given: dict[str, Source] = {}  # uri -> what is at work; its doc_id if that is known
        self._waiting: dict[str, list[Source]] = {}  # uri of one at work -> sources of the same bytes
        self._identities = Identities()
        self._identified: deque[Source] = deque()
        self._returned: deque[Source] = deque()

    def work(self, listing: Iterable[Source | None]) -> Iterator[Work | None]:
        """The work for the pool; None where there is none for a while. Ends when no source waits."""
        since = time.monotonic()
        for source in listing:
            if source is not None:
                self._counts.inputs += 1
                self.seen.add(source.uri)
                self._returned.append(source)
            while self._has_next():
                work = self._next()
                if work is not None:
                    yield work
                    since = time.monotonic()
            if source is None or time.monotonic() - since > SETTLE_S:
                yield None
                since = time.monotonic()
        while self._waiting or self._identities or self._has_next():
            yield self._next()

    def engaged(self, marks: Mapping[str, str], given: Sequence[Work]) -> None:
        """Outcomes will have these fingerprints. What was `given` out before that was known is decided once more.

        The engine at work may differ from the one that the driver would be: it computes in bfloat16 where
        it has a GPU and in float32 where it has none. What was read by either is what was asked for.
        """
        self._marks = marks
        self._accepted.append(marks)
        for work in reversed(given):
            if isinstance(work, Identify):
                self._identities.asks.appendleft(work)
                continue
            self._counts.replayed -= isinstance(work, Replay)
            self._sizes[source_of(work).size] -= 1
            source = self._given.pop(source_of(work).uri)
            self._returned.appendleft(source)
            self._returned.extend(self._waiting.pop(source.uri, ()))

    @property
    def rests(self) -> bool:
        """Whether nothing is to be decided before an outcome is there."""
        return not (self._identities or self._has_next())

    def settle(self, outcome: Outcome) -> None:
        """The store has `outcome`: whoever waited for the same bytes is decided next."""
        self._given.pop(outcome.source.uri, None)
        self._returned.extend(self._waiting.pop(outcome.source.uri, ()))

    def identified(self, source: Source) -> None:
        """The answer to an Identify: `source` with its doc_id, or without where it cannot be read."""
        for known, at_work in self._identities.answer(source):
            if not at_work:
                self._identified.append(known)
            elif known.uri in self._given:
                self._given[known.uri] = known

    def _has_next(self) -> bool:
        return bool(self._identities.asks or self._identified or self._returned)

    def _next(self) -> Work | None:
        """What comes of the next source that can be decided, if it is work."""
        if self._returned:
            source = self._returned.popleft()
            if self._may_be_a_twin(source):
                self._identities.ask(source, self._given.values())
            elif not self._identities.follow(source):
                return self._decide(source)
            return None
        if self._identified:
            return self._decide(self._identified.popleft())
        return self._identities.asks.popleft() if self._identities.asks else None

    def _may_be_a_twin(self, source: Source) -> bool:
        """Whether its bytes may be those of another, or must be compared. Files of different sizes differ."""
        row = self._store.ledger.get(source.uri)
        if source.doc_id is not None or (row is not None and not self.again.rehash and unchanged(row, source)):
            return False
        return self.again.rehash or self._sizes[source.size] > 0

    def _decide(self, source: Source) -> Work | None:
        row = self._store.ledger.get(source.uri)
        if row is None or self.again.rehash or not unchanged(row, source):
            row = self._row_of(source, row)
        if row is not None and self._is_done(row):
            self._count(source, row)
            return None
        doc_id = source.doc_id or (row.doc_id if row is not None else None)
        twin = self._store.known(doc_id) if doc_id is not None else None
        if twin is not None and self._is_done(twin):
            self._count(replace(source, doc_id=doc_id), twin)
            return None
        source = replace(source, doc_id=doc_id)
        if doc_id is not None:
            for uri, other in self._given.items():
                if other.doc_id == doc_id:
                    self._waiting.setdefault(uri, []).append(source)
                    return None
        self._given[source.uri] = source
        self._sizes[source.size] += 1
        replies = self._store.replies(row) if row is not None and self._is_judged_anew(row) else ()
        if not replies or (row is not None and row.status == "failed" and any(reply.reply.error for reply in replies)):
            return source
        self._counts.replayed += 1
        return Replay(source, replies)

    def _row_of(self, source: Source, own: LedgerRow | None) -> LedgerRow | None:
        """What is known of the bytes of a source, from its own row if it has them."""
        if source.doc_id is None:
            return None
        return own if own is not None and own.doc_id == source.doc_id else self._store.known(source.doc_id)

    def _is_done(self, row: LedgerRow) -> bool:
        if row.reviewed and not self.again.force:
            return True
        accepted = self._accepted
        if row.failure_code:
            failure = failure_fingerprints(row.failure_code, self._settings)
            accepted = [{**marks, **failure} for marks in accepted]
        if row.fingerprints not in accepted:
            return False
        return row.run_id == self._store.run_id or not self._is_distrusted(row)

    def _is_distrusted(self, row: LedgerRow) -> bool:
        """Whether an earlier outcome is to be had again whatever it depends on."""
        unlocks = row.failure_code == Encrypted.code and len(self._settings.passwords) > 0
        return self.again.force or row.status in self.again.retry or row.failure_retryable or unlocks

    def _is_judged_anew(self, row: LedgerRow) -> bool:
        """Whether the engine would be asked what it was asked for `row`, and only the judgement differs."""
        lost = row.failure_code == PartLost.code and not self.again.force  # its replies may still stand
        if (self._is_distrusted(row) and not lost) or "question" not in row.fingerprints:
            return False
        marks = {**self._marks, **failure_fingerprints(row.failure_code, self._settings)}
        names = row.fingerprints.keys() | marks.keys()
        return all(row.fingerprints.get(name) == marks.get(name) for name in names - JUDGING)

    def _count(self, source: Source, row: LedgerRow) -> None:
        """Count a source that needs no work, and take in what is new about it."""
        own = row.uri == source.uri
        before = own and row.run_id != self._store.run_id
        self._counts.already_done += before
        self._counts.linked += not before
        self._counts.kept_reviewed += row.reviewed
        self._counts.tally(row.status, row.failure_code, row.pages, worked_on=not before)
        metadata = source.metadata or (tuple(row.metadata.items()) if own else ())
        now, then = (source.size, source.mtime_ns, source.etag), (row.size, row.mtime_ns, row.etag)
        if not own or row.vanished or now != then or dict(metadata) != row.metadata:
            with held_back():
                self._store.link(replace(source, metadata=metadata), row)
