"""The one writer of an output: takes outcomes in, commits them in batches."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import pyarrow as pa

from docpipe.errors import OutputUnwritable, StoreError, UsageError
from docpipe.records import Outcome, ReplyRow, Source
from docpipe.schema.nodes import Schema
from docpipe.store.batch import Batch
from docpipe.store.columns import Layout, layout
from docpipe.store.current import check_free
from docpipe.store.holdings import Holdings
from docpipe.store.lease import EXPIRY_S
from docpipe.store.ledger import LedgerRow, uri_as_text
from docpipe.store.migrate import conform
from docpipe.store.parts import last_number, part_name
from docpipe.store.place import Lease, Place, Where, place_of
from docpipe.store.publish import Step, publish, unwatched
from docpipe.store.recall import Recall
from docpipe.store.recover import create, recover
from docpipe.store.rows import Rows, ledger_row, outcome_rows

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,80}\Z")


class Store:
    """Writes one schema's outcomes into an output folder; for one thread. Leave it with `with`.

    What was committed stays, whatever happens next. Leaving without an exception commits the rest.
    """

    def __init__(self, out: Place, tables: Layout, run_id: str, lease: Lease, step: Step) -> None:
        self.out = out
        self.run_id = run_id
        self._layout = tables
        self._lease = lease
        self._step = step
        self._failed = False
        self._number = last_number(out, run_id)
        self._current = conform(out, recover(out, tables.tables, lease, run_id), tables, self._next_part, lease, step)
        self._holdings = Holdings(out, self._current, tables.name)
        self._recall = Recall(out)
        self._rows: dict[str, Rows] = {}  # extraction -> its rows, not committed yet

    @classmethod
    def open(
        cls,
        where: Where | Place,
        schema: Schema,
        run_id: str,
        *,
        lease_expiry_s: float = EXPIRY_S,
        step: Step = unwatched,
    ) -> Self:
        """Take the lease of the output, which is made if absent, and put right what a killed run left.

        The lease outlives this process, if it is killed, by `lease_expiry_s`. `step` is called after each
        named step of a commit: tests end the process there. Raises
        OutputUnwritable, OutputConflict if `where` holds other things than docpipe's or the schema's
        columns changed their types, OutputLocked naming the run that holds it, InvalidSchema,
        StoreError if the output is damaged.
        """
        if not _RUN_ID.match(run_id):
            raise UsageError(f"run id {run_id!r}: letters, digits, '.', '_' and '-' only (it names files)")
        tables, out = layout(schema), place_of(where)
        try:
            ours = check_free(out)
            lease = out.acquire(run_id, lease_expiry_s)
        except OSError as error:
            raise OutputUnwritable(f"{out}: {error.strerror or error}") from error
        try:
            if not ours:
                create(out, lease, run_id)
            return cls(out, tables, run_id, lease, step)
        except BaseException as error:
            lease.release()
            if isinstance(error, OSError):
                raise OutputUnwritable(f"{out}: {error.strerror or error}") from error
            raise

    @property
    def pending(self) -> int:
        """Sources whose row is not committed yet."""
        return len(self._holdings.changed)

    @property
    def ledger(self) -> Mapping[str, LedgerRow]:
        """uri -> its row, with what is pending; do not change."""
        return self._holdings.rows

    def known(self, doc_id: str) -> LedgerRow | None:
        """A row of the ledger that tells what was extracted from these bytes; failures do not."""
        return self._holdings.known(doc_id)

    def replies(self, row: LedgerRow) -> tuple[ReplyRow, ...]:
        """The engine's replies behind a committed row, in the order in which they came; () if none are kept."""
        part = self._holdings.data_part(row.extraction_id, self._current)
        live = part is not None and part in self._current.parts.get("replies", ())
        return self._recall.replies(part, row.extraction_id) if part is not None and live else ()

    def add(self, outcome: Outcome) -> None:
        """Take in what became of a source, in place of what was known of it.

        Bytes that other sources hold too are extracted once: their rows follow the newest outcome, those of
        sources that are gone, too, which stay flagged.
        Raises ValueMisfit, and takes in nothing, if a value does not fit its column exactly.
        """
        if outcome.schema != self._layout.name:
            raise StoreError(f"{outcome.source.uri}: an outcome of schema {outcome.schema!r}")
        row = ledger_row(outcome, uuid.uuid4().hex, self.run_id, datetime.now(UTC))
        twins = self._holdings.twins(row)
        if self._copies(row, twins):
            self.link(outcome.source, twins[0])
            return
        self._rows[row.extraction_id] = outcome_rows(outcome, row, self._layout)
        self._put(row)
        for twin in twins:
            if twin.uri != row.uri:
                self._put(replace(row.at(twin.source), vanished=twin.vanished))

    def link(self, source: Source, known: LedgerRow) -> None:
        """Record that `source` holds the bytes of which `known`, a row of `ledger`, tells.

        For a copy of a finished document, and for a file that was touched but not changed.
        """
        if not self._holdings.held(known):
            raise StoreError(f"{known.uri}: what was known of it has been replaced")
        self._put(known.at(source))

    def mark_vanished(self, uri: str) -> None:
        """Flag a source of the ledger that is no longer there; its record stays."""
        self._put(replace(self._holdings.row(uri), vanished=True))

    def remove(self, uri: str) -> None:
        """Forget a source of the ledger, and its record unless another source holds the same bytes."""
        self._discard(self._holdings.remove(uri))

    def commit(self) -> None:
        """Make everything pending durable and visible, at once; does nothing if nothing is.

        Raises StoreError if it cannot be written: the store takes no more, and the next run puts
        right what is left. Raises OutputLocked if another run has taken the output over.
        """
        if self._failed:
            raise StoreError(f"{self.out}: an earlier commit failed")
        if not self.pending:
            return
        try:
            self._lease.check()
            self._failed = True  # until it is done: a store that failed halfway takes no more
            self._commit()
        except (OSError, pa.ArrowException) as error:
            raise StoreError(f"cannot write to {self.out}: {error}") from error
        self._failed = False

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Commit the rest and write `summary` (JSON-ready, or with a plain str()) as runs/<run>.json."""
        self.commit()
        text = json.dumps(dict(summary), indent=1, default=str)
        try:
            self.out.make_folder("runs")
            self.out.replace(f"runs/{self.run_id}.json", text.encode())
        except OSError as error:
            raise StoreError(f"cannot write to {self.out}: {error}") from error

    def close(self) -> None:
        """Give the output back; what is pending is dropped."""
        self._lease.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self.close()

    def _copies(self, row: LedgerRow, twins: list[LedgerRow]) -> bool:
        """Whether this run has extracted the same bytes from another path already."""
        others = bool(twins) and all(twin.uri != row.uri for twin in twins)
        return others and twins[0].run_id == self.run_id and twins[0].fingerprints == row.fingerprints

    def _put(self, row: LedgerRow) -> None:
        self._discard(self._holdings.put(row))

    def _discard(self, extraction: str | None) -> None:
        """Forget the pending rows of an extraction that nobody holds any more."""
        if extraction is not None:
            self._rows.pop(extraction, None)

    def _next_part(self) -> str:
        self._number += 1
        return part_name(self.run_id, self._number)

    def _commit(self) -> None:
        holdings = self._holdings
        batch = Batch(self.out, self._current, self._layout, self._next_part)
        homes = {home: uri_as_text(uri) for home, uri in holdings.homes.items()}
        for extraction, rows in self._rows.items():
            _rehome(rows, homes.get(extraction))
        data = [batch.rewrite(part, holdings.freed, homes) for part in holdings.touched_data(self._current)]
        sources = [batch.rewrite_sources(part, holdings.changed) for part in holdings.touched_sources()]
        changed = [holdings.rows[uri] for uri in holdings.changed if uri in holdings.rows]
        name, change = batch.finish(self._rows.values(), changed)
        self._current = publish(self.out, self._current, change, self._lease, self._step)
        written = [extraction for extraction, rows in self._rows.items() if any(rows.values())]
        holdings.settle(name, written, data, sources)
        self._rows = {}


def _rehome(rows: Rows, uri: str | None) -> None:
    if uri is None:
        return
    for table in rows.values():
        for row in table:
            if "_source_uri" in row:
                row["_source_uri"] = uri
