"""What a run did, in counts: of every input, and of the documents that this run worked on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from docpipe.records import STATUSES, Outcome


def now() -> str:
    """This moment in UTC, as ISO 8601 to the second."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


@dataclass(slots=True)
class Counts:
    """`documents` by their outcome and by the code of their failure; the `pages` that were read for them."""

    documents: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    failures: dict[str, int] = field(default_factory=dict)
    pages: int = 0

    def add(self, status: str, failure_code: str | None) -> None:
        self.documents += 1
        self.outcomes[status] += 1
        if failure_code:
            self.failures[failure_code] = self.failures.get(failure_code, 0) + 1


@dataclass(slots=True)
class Summary:
    """What a run did. `outcomes`, `failures` and `pages` count every input once, whichever run has read it.

    `this_run` counts those that this run worked on: read, resolved anew (`replayed`, from stored replies) or
    `linked` to the record of the same bytes. The others are `already_done`. `vanished` were flagged as gone since
    the last run, `pruned` removed; they are no inputs. `workers`: document workers, 0 for this process, None where
    there was no work. Times are UTC in ISO 8601. While the run goes on, `inputs` are those that were looked at so far.
    """

    run_id: str
    out: str
    schema: str
    engine: str
    engine_why: str
    started_at: str = field(default_factory=now)
    finished_at: str = ""
    inputs: int = 0
    already_done: int = 0
    linked: int = 0
    replayed: int = 0
    kept_reviewed: int = 0
    vanished: int = 0
    pruned: int = 0
    outcomes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATUSES, 0))
    failures: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    this_run: Counts = field(default_factory=Counts)
    workers: int | None = None
    left_to_validation: tuple[str, ...] = ()
    looked_for_by_name: tuple[str, ...] = ()
    startup_s: float = 0.0
    seconds: float = 0.0

    def count(self, outcome: Outcome) -> None:
        """Take in one outcome of this run."""
        code = outcome.failure.code if outcome.failure else None
        self.tally(outcome.status, code, len(outcome.pages), worked_on=True)
        self.this_run.pages += len(outcome.pages)

    def tally(self, status: str, failure_code: str | None, pages: int, *, worked_on: bool) -> None:
        """Count one input by what became of it, in this run (`worked_on`) or before."""
        self.outcomes[status] += 1
        self.pages += pages
        if failure_code:
            self.failures[failure_code] = self.failures.get(failure_code, 0) + 1
        if worked_on:
            self.this_run.add(status, failure_code)
