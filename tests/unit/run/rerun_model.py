"""A plain model of reruns, and a pool that reads documents which are nothing but a total.

The model is what docs/operations.md promises: an extraction belongs to bytes and is shared by all paths
that hold them, a failure belongs to its path, and only what has changed is asked for again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from docpipe.errors import Corrupt, DocpipeError, TooManyPages, WorkerCrash, WorkersLost
from docpipe.extract.failures import failed
from docpipe.extract.fingerprints import fingerprints
from docpipe.extract.reading import identified
from docpipe.intake.read import read_source
from docpipe.records import Identify, Outcome, Record, Replay, Reply, ReplyRow, Source
from docpipe.run.plan import Again
from docpipe.run.pool import Work
from docpipe.schema.load import load_schema
from docpipe.settings import Settings

SCHEMA = Path(__file__).with_name("bill.json")  # small: what is tested is what happens between runs
BILL = load_schema(str(SCHEMA))
CORRUPT, CRASHES, LONG = 97, 98, 99  # totals of documents that fail: always, for now, with more than MAX_PAGES pages
MAX_PAGES = 3  # that a LONG document has


def content(total: int, pad: int = 0) -> bytes:
    """Of the same size for all totals, and another for each pad."""
    return b"%PDF-1.7\n" + str(total).encode() + b" " * pad


def total_of(data: bytes) -> int:
    return int(data[9:11])


def status_of(data: bytes) -> Any:
    """Of what was read from bytes."""
    return "needs_review" if total_of(data) % 2 else "ok"


@dataclass(frozen=True)
class Asked:
    """What an outcome depends on besides the bytes. Each changes the total that is read, or may change it."""

    engine: int = 0
    confidence: float = 0.5
    judgement: int = 0
    max_pages: int = MAX_PAGES - 1

    def alike(self, other: Asked) -> bool:
        """But for the limit, which matters to failures alone."""
        return replace(self, max_pages=other.max_pages) == other

    def failure(self, data: bytes) -> DocpipeError | None:
        long = self.max_pages < MAX_PAGES
        kinds = {CORRUPT: Corrupt("c"), CRASHES: WorkerCrash("w"), LONG: TooManyPages("t") if long else None}
        return kinds.get(total_of(data))

    def read(self, data: bytes) -> int:
        """The engine's answer."""
        return total_of(data) + 100 * self.engine + (1_000 if self.confidence > 0.5 else 0)

    def judged(self, answer: int) -> Decimal:
        return Decimal(answer + 10_000 * self.judgement)


@dataclass
class Row:
    """What the ledger was told of a path: bytes as it believes, time of change; under what it failed, if it did."""

    data: bytes
    time: int
    failed: Asked | None = None
    vanished: bool = False


@dataclass
class Read:
    """What was read from bytes. `anew` in the run that goes on."""

    asked: Asked
    answer: int
    anew: bool = False

    @property
    def total(self) -> Decimal:
        return self.asked.judged(self.answer)


class Model:
    """What the tables must say after the runs so far: `rows` by path, `extractions` by bytes."""

    def __init__(self) -> None:
        self.rows: dict[str, Row] = {}
        self.extractions: dict[bytes, Read] = {}
        self.let_go: set[bytes] = set()  # that no path held for a while in the last run: they may be read again

    def rerun(
        self, files: Mapping[str, tuple[bytes, int]], asked: Asked, again: Again, limit: int | None
    ) -> Counter[bytes]:
        """Follow a run over `files` (bytes, time of change); returns what had to be read, how often."""
        read: Counter[bytes] = Counter()
        self.let_go = set()
        for one in self.extractions.values():
            one.anew = False
        for name in sorted(files)[:limit]:
            read.update(self._decide(name, *files[name], asked, again))
            self.let_go |= self.extractions.keys() - {row.data for row in self.rows.values() if row.failed is None}
        for name in self.rows.keys() - files.keys() if limit is None else ():
            self.rows[name].vanished = True
            if again.prune:
                del self.rows[name]
        held = {row.data for row in self.rows.values() if row.failed is None}
        self.extractions = {data: one for data, one in self.extractions.items() if data in held}
        return read

    def believed(self, name: str, actual: bytes, time: int, again: Again) -> bytes:
        """What a run takes a file to hold, by its size and time if it may."""
        row = self.rows.get(name)
        same = row is not None and len(row.data) == len(actual) and row.time == time
        return row.data if row is not None and same and not again.rehash else actual

    def status(self, name: str) -> str:
        row = self.rows[name]
        return "failed" if row.failed is not None else status_of(row.data)

    def _decide(self, name: str, actual: bytes, time: int, asked: Asked, again: Again) -> list[bytes]:
        row, data = self.rows.get(name), self.believed(name, actual, time, again)
        failure = row.failed if row is not None and row.data == data else None
        known = self.extractions.get(data)
        if failure is not None and _stands(failure, data, asked, again):
            self.rows[name] = Row(data, time, failure)
            return []
        if known is not None and asked.alike(known.asked) and (known.anew or not _is_distrusted(data, again)):
            self.rows[name] = Row(data, time)
            return []
        judged = known is not None and asked.alike(replace(known.asked, judgement=asked.judgement))
        if known is not None and judged and failure is None and actual == data and not _is_distrusted(data, again):
            self.extractions[data] = Read(asked, known.answer, anew=True)
            self.rows[name] = Row(data, time)
            return []
        fails = asked.failure(actual) is not None
        self.rows[name] = Row(actual, time, asked if fails else None)
        if not fails:
            self.extractions[actual] = Read(asked, asked.read(actual), anew=True)
        return [actual]


def _stands(then: Asked, data: bytes, asked: Asked, again: Again) -> bool:
    """Whether a failure is still believed."""
    same = asked == then if total_of(data) == LONG else asked.alike(then)
    return same and total_of(data) != CRASHES and not again.force and "failed" not in again.retry


def _is_distrusted(data: bytes, again: Again) -> bool:
    return again.force or status_of(data) in again.retry


class Reader:
    """A pool that takes the total from the bytes, as an engine would; `width` documents in flight, the last one first.

    After `fails_after` outcomes no worker is left.
    """

    workers = 1
    shortfall = ""

    def __init__(self, settings: Settings, asked: Asked, width: int, fails_after: int | None) -> None:
        self.engine_fingerprint = f"reader-{asked.engine}"
        self.read: Counter[bytes] = Counter()
        self.replayed = self.given = 0
        self._settings, self._asked, self._width, self._left = settings, asked, width, fails_after

    @property
    def marks(self) -> Mapping[str, str]:
        return fingerprints(BILL, self.engine_fingerprint, self._settings)

    def outcomes(self, sources: Iterable[Work | None]) -> Iterator[Outcome | Source]:
        held: list[Work] = []
        for work in sources:
            if work is not None:
                held.append(work)
            while held and (work is None or len(held) == self._width):
                yield self._answer(held.pop())
        while held:
            yield self._answer(held.pop())

    def _answer(self, work: Work) -> Outcome | Source:
        if isinstance(work, Identify):
            return asyncio.run(identified(work.source, self._settings.limits))
        return self._outcome(work)

    def _outcome(self, work: Source | Replay) -> Outcome:
        if self._left is not None:
            self._left -= 1
            if self._left < 0:
                raise WorkersLost("as asked")
        self.given += 1
        source, replies = (work.source, work.replies) if isinstance(work, Replay) else (work, ())
        read = read_source(source, self._settings.limits)
        data = bytes(read.data)
        found = Source(source.uri, read.size, read.mtime_ns, read.etag, read.doc_id)
        whole = Outcome(found, BILL.name, "layout", self.marks, "failed", media_type=read.media_type)
        if replies and source.doc_id == read.doc_id:
            self.replayed += 1
            answer = int(replies[0].reply.text)
        else:
            self.read[data] += 1
            failure = self._asked.failure(data)
            if failure is not None:
                return failed(whole, failure, self._settings)
            answer = self._asked.read(data)
        status = status_of(data)
        total = self._asked.judged(answer)
        record = Record({"total": total, "line_items": [{"amount": total}] * 2}, (1,), status, 1.0)
        reply = ReplyRow("key", (1,), Reply(str(answer), "stop", "layout"))
        return replace(whole, status=status, records=(record,), replies=(reply,))

    def close(self) -> None: ...
