"""Whatever happens to a folder and to the settings between runs, the tables are those of a plain model."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.dataset as ds
import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from docpipe.errors import WorkersLost
from docpipe.extract import fingerprints
from docpipe.run import job
from docpipe.run.job import run
from docpipe.run.plan import RELY, Again
from docpipe.run.progress import Progress
from docpipe.run.summary import Summary
from docpipe.settings import Extraction, Limits, Running, Settings
from docpipe.store.read import read_outcomes, read_table
from tests.unit.run.rerun_model import BILL, CORRUPT, CRASHES, LONG, MAX_PAGES, SCHEMA, Asked, Model, Reader, content

NAMES = st.sampled_from([f"{letter}.pdf" for letter in "abc"])
PICKS = st.integers(0, 2)  # one of the files that are there
TOTALS = st.sampled_from([10, 10, 11, 12, 13, CORRUPT, CRASHES, LONG])
RETRIES = st.sets(st.sampled_from(["ok", "needs_review", "failed"]), max_size=2).map(frozenset)
WIDTHS = st.integers(1, 3)  # documents in flight

CHANGES = st.lists(  # a method of Histories and its arguments
    st.one_of(
        st.tuples(st.just("write"), NAMES, TOTALS, st.sampled_from([0, 0, 7])),
        st.tuples(st.just("write_behind_an_unchanged_time"), PICKS, TOTALS),
        st.tuples(st.just("touch"), PICKS),
        st.tuples(st.just("grow_behind_an_unchanged_time"), PICKS),
        *[st.tuples(st.just(name), PICKS, NAMES) for name in ("copy", "copy", "rename")],
        st.tuples(st.just("delete"), PICKS),
        st.tuples(st.just("restore"), PICKS),
        st.tuples(st.just("set"), st.sampled_from(["engine", "confidence", "judgement", "max_pages"])),
    ),
    max_size=3,
)


class Histories(RuleBasedStateMachine):
    """A folder and settings that change from night to night, and what the tables must say after each."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="histories-"))
        self.inputs, self.out = self.folder / "in", self.folder / "out"
        self.inputs.mkdir()
        self.clock = 1_000
        self.files: dict[str, tuple[bytes, int]] = {}
        self.deleted: dict[str, tuple[bytes, int]] = {}
        self.asked, self.model = Asked(), Model()
        self.patch = pytest.MonkeyPatch()
        for name, total, pad in (("a.pdf", 11, 7), ("b.pdf", 10, 0), ("c.pdf", 10, 0)):
            self.write(name, total, pad)

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    @rule(changes=CHANGES, width=WIDTHS, prune=st.booleans())
    def night(self, changes: list[Any], width: int, prune: bool) -> None:
        self.alter(changes)
        self.rerun(Again(prune=prune), None, width)

    @rule(
        changes=CHANGES, width=WIDTHS, limit=st.sampled_from([None, None, 1, 2]), retry=RETRIES,
        rehash=st.booleans(), prune=st.booleans(), force=st.sampled_from([False, False, True]),
    )  # fmt: skip
    def night_with_flags(self, changes: list[Any], width: int, limit: int | None, **again: Any) -> None:
        self.alter(changes)
        self.rerun(Again(**again), limit, width)

    @rule(changes=CHANGES, width=WIDTHS, after=st.integers(0, 2))
    def night_on_which_the_workers_are_lost(self, changes: list[Any], width: int, after: int) -> None:
        self.alter(changes)
        self.run(Reader(self.settings(), self.asked, width, after), RELY, None)
        self.run(Reader(self.settings(), self.asked, width, None), RELY, None)
        if self.files:
            self.model.rerun(self.files, self.asked, RELY, None)

    def alter(self, changes: list[Any]) -> None:
        for name, *arguments in changes:
            getattr(self, name)(*arguments)

    def put(self, name: str, data: bytes, time: int | None = None) -> None:
        self.clock += 1
        (self.inputs / name).write_bytes(data)
        self.files[name] = (data, self.clock if time is None else time)
        os.utime(self.inputs / name, ns=(0, self.files[name][1]))

    def picked(self, pick: int) -> list[str]:
        """One of the files, in a list; none if there is none."""
        return sorted(self.files)[pick % max(len(self.files), 1) :][:1]

    def write(self, name: str, total: int, pad: int) -> None:
        self.put(name, content(total, pad))

    def write_behind_an_unchanged_time(self, pick: int, total: int) -> None:
        for name in self.picked(pick):
            data, time = self.files[name]
            self.put(name, content(total, len(data) - len(content(10))), time)

    def touch(self, pick: int) -> None:
        for name in self.picked(pick):
            self.put(name, self.files[name][0])

    def grow_behind_an_unchanged_time(self, pick: int) -> None:
        for name in self.picked(pick):
            data, time = self.files[name]
            self.put(name, data + b" ", time)

    def copy(self, pick: int, to: str) -> None:
        for name in self.picked(pick):
            self.put(to, *self.files[name])

    def rename(self, pick: int, to: str) -> None:
        for name in self.picked(pick):
            self.put(to, *self.files[name])
            if name != to:
                self.remove(name)

    def delete(self, pick: int) -> None:
        for name in self.picked(pick):
            self.remove(name)

    def remove(self, name: str) -> None:
        self.deleted[name] = self.files.pop(name)
        (self.inputs / name).unlink()

    def restore(self, pick: int) -> None:
        gone = sorted(self.deleted.keys() - self.files.keys())
        for name in gone[pick % max(len(gone), 1) :][:1]:
            self.put(name, *self.deleted[name])

    def set(self, name: str) -> None:
        other = {"engine": 1, "confidence": 0.75, "judgement": 1, "max_pages": MAX_PAGES}[name]
        first = getattr(Asked(), name)
        self.asked = replace(self.asked, **{name: first if getattr(self.asked, name) == other else other})

    def rerun(self, again: Again, limit: int | None, width: int) -> None:
        believed = all(self.model.believed(name, *file, again) == file[0] for name, file in self.files.items())
        reader = Reader(self.settings(), self.asked, width, None)
        summary = self.run(reader, again, limit)
        if summary is None or not self.files:
            assert summary is None or not summary.inputs
            return
        expected = self.model.rerun(self.files, self.asked, again, limit)
        assert summary.inputs == summary.already_done + summary.linked + reader.given
        statuses = Counter(map(self.model.status, sorted(self.files)[:limit]))
        assert {status: count for status, count in summary.outcomes.items() if count} == statuses
        if believed:  # else what is read may turn out to be what another path holds
            assert summary.replayed == reader.replayed
            assert not expected - reader.read
            assert (reader.read - expected).keys() <= self.model.let_go

    def settings(self) -> Settings:
        return Settings(
            schema=str(SCHEMA),
            engine="layout",
            inputs=(str(self.inputs),),
            out=str(self.out),
            limits=Limits(max_pages=self.asked.max_pages),
            extraction=Extraction(review_confidence=self.asked.confidence),
            running=Running(workers=0, commit_documents=2),
        )

    def run(self, reader: Reader, again: Again, limit: int | None) -> Summary | None:
        """None if it broke off."""
        self.patch.setattr(job, "open_pool", lambda *_, **__: reader)
        self.patch.setattr(job, "engine_fingerprint", lambda _: reader.engine_fingerprint)
        self.patch.setattr(fingerprints, "RESOLVE_VERSION", f"v{self.asked.judgement}")
        try:
            return run(self.settings(), Progress(io.StringIO(), quiet=True), limit=limit, again=again)
        except WorkersLost:
            pass
        return None

    @invariant()
    def tables_are_those_of_the_model(self) -> None:
        if not self.out.exists():
            return
        model = self.model
        sources = {Path(row["source_uri"]).name: row for row in read_table(self.out, "sources").to_pylist()}
        found = {name: (row["status"], row["vanished"], row["size"], row["mtime_ns"]) for name, row in sources.items()}
        assert found == {
            name: (model.status(name), row.vanished, len(row.data), row.time) for name, row in model.rows.items()
        }
        totals = {
            Path(one["source_uri"]).name: one["record"] and one["record"]["total"] for one in read_outcomes(self.out)
        }
        assert totals == {
            name: None if row.failed is not None else model.extractions[row.data].total
            for name, row in model.rows.items()
        }
        holders = {(row["source_uri"], row["_extraction_id"]) for row in sources.values()}
        for row in read_table(self.out, BILL.name).to_pylist():
            assert (row["_source_uri"], row["_extraction_id"]) in holders, "a record names a source that holds it"
        self._sums_are_right()

    def _sums_are_right(self) -> None:
        """Through current.json and in the plain folders alike, children and replies with their records."""
        expected = [one.total for one in self.model.extractions.values()]
        for table, column, times in ((BILL.name, "total", 1), (f"{BILL.name}_line_items", "amount", 2)):
            for rows in (read_table(self.out, table), ds.dataset(self.out / table, format="parquet").to_table()):
                assert rows.num_rows == times * len(expected), table
                assert (pc.sum(rows[column]).as_py() or 0) == times * sum(expected, Decimal()), table
        answers = sorted(str(one.answer) for one in self.model.extractions.values())
        assert sorted(read_table(self.out, "replies")["text"].to_pylist()) == answers


@pytest.mark.slow
@pytest.mark.timeout(900)
class TestHistories(Histories.TestCase):  # type: ignore[misc]
    settings = hypothesis_settings(
        max_examples=100, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
