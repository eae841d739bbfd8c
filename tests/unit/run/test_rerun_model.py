"""Whatever happens to a folder between runs, the records are those of its bytes, each asked about once."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from docpipe.errors import NoInputs
from docpipe.extract import fingerprints
from docpipe.intake.read import read_source
from docpipe.records import Outcome, Record, Replay, Source
from docpipe.run import job
from docpipe.run.job import run
from docpipe.run.plan import Again
from docpipe.run.progress import Progress
from docpipe.schema.load import load_schema
from docpipe.settings import Running, Settings
from docpipe.store.read import read_outcomes, read_table

NAMES = st.sampled_from([f"{letter}.pdf" for letter in "abcd"])
TOTALS = st.integers(10, 13)
PADS = st.sampled_from([0, 7])
SCHEMA = "invoice"


def content(total: int, pad: int) -> bytes:
    """Of the same size for all totals, and another for each pad."""
    return b"%PDF-1.7\n" + str(total).encode() + b" " * pad


class Reader:
    """A pool that takes the total from the bytes, as an engine would; counts what it reads."""

    def __init__(self, settings: Settings, asked: Counter[str]) -> None:
        self.engine_fingerprint = "reader"
        self._settings, self._asked = settings, asked

    def outcomes(self, sources: Any) -> Any:
        for source in sources:
            if source is not None:
                assert not isinstance(source, Replay)
                yield self._read(source)

    def _read(self, source: Source) -> Outcome:
        read = read_source(source, self._settings.limits)
        self._asked[read.doc_id] += 1
        total = Decimal(bytes(read.data)[9:11].decode())
        found = Source(source.uri, read.size, read.mtime_ns, read.etag, read.doc_id)
        marks = fingerprints(load_schema(SCHEMA), job.engine_fingerprint(None), self._settings)  # type: ignore[arg-type]
        record = Record({"total": total}, (1,), "ok", 1.0)
        return Outcome(found, SCHEMA, "layout", marks, "ok", (record,), media_type=read.media_type)

    def close(self) -> None: ...


class Histories(RuleBasedStateMachine):
    """Files with bytes and times, what the ledger was told of them, and every document ever asked about."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="docpipe-histories-"))
        self.inputs, self.out = self.folder / "in", self.folder / "out"
        self.inputs.mkdir()
        self.clock = 1_000
        self.files: dict[str, bytes] = {}
        self.told: dict[str, tuple[bytes, int]] = {}  # what the last run saw at a path: bytes as it believes, time
        self.gone: set[str] = set()  # of these, what was not there any more
        self.deleted: dict[str, tuple[bytes, int]] = {}
        self.asked: Counter[str] = Counter()
        self.settings = Settings(
            schema=SCHEMA, engine="layout", inputs=(str(self.inputs),), out=str(self.out), running=Running(workers=0)
        )
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(job, "open_pool", lambda *_: Reader(self.settings, self.asked))
        self.patch.setattr(job, "engine_fingerprint", lambda _: "reader")

    def teardown(self) -> None:
        self.patch.undo()
        shutil.rmtree(self.folder)

    def put(self, name: str, data: bytes, time: int | None = None) -> None:
        self.clock += 1
        (self.inputs / name).write_bytes(data)
        self.files[name] = data
        os.utime(self.inputs / name, ns=(0, self.clock if time is None else time))

    @rule(name=NAMES, total=TOTALS, pad=PADS)
    def write(self, name: str, total: int, pad: int) -> None:
        self.put(name, content(total, pad))

    @rule(name=NAMES, total=TOTALS)
    def write_behind_an_unchanged_time(self, name: str, total: int) -> None:
        if name in self.files:
            pad = len(self.files[name]) - len(content(10, 0))
            self.put(name, content(total, pad), (self.inputs / name).stat().st_mtime_ns)

    @rule(name=NAMES)
    def touch(self, name: str) -> None:
        if name in self.files:
            self.put(name, self.files[name])

    @rule(name=NAMES, to=NAMES, copied=st.booleans())
    def rename_or_copy(self, name: str, to: str, copied: bool) -> None:
        if name in self.files and name != to:
            shutil.copy2(self.inputs / name, self.inputs / to)
            self.files[to] = self.files[name]
            if not copied:
                self.delete(name)

    @rule(name=NAMES)
    def delete(self, name: str) -> None:
        if name in self.files:
            self.deleted[name] = (self.files.pop(name), (self.inputs / name).stat().st_mtime_ns)
            (self.inputs / name).unlink()

    @rule(name=NAMES)
    def restore(self, name: str) -> None:
        if name in self.deleted and name not in self.files:
            self.put(name, *self.deleted[name])

    @rule(rehash=st.booleans(), prune=st.booleans())
    def rerun(self, rehash: bool, prune: bool) -> None:
        if not self.files:
            with pytest.raises(NoInputs):
                run(self.settings, Progress(io.StringIO(), quiet=True))
            return
        believed = {name: self._believed(name, rehash) for name in self.files}
        before = {data for data, _ in self.told.values()}
        asked = sum(self.asked.values())
        summary = run(self.settings, Progress(io.StringIO(), quiet=True), again=Again(rehash=rehash, prune=prune))
        assert sum(summary.outcomes.values()) == summary.inputs == len(self.files)
        assert sum(self.asked.values()) - asked == len(set(believed.values()) - before)
        gone = {} if prune else {name: told for name, told in self.told.items() if name not in self.files}
        seen = {name: (data, (self.inputs / name).stat().st_mtime_ns) for name, data in believed.items()}
        self.told = gone | seen
        self.gone = set(gone)

    def _believed(self, name: str, rehash: bool) -> bytes:
        """What a run takes a file to hold: size and time are believed unless it is to rehash."""
        data, told = self.files[name], self.told.get(name)
        same = told is not None and len(told[0]) == len(data) and told[1] == (self.inputs / name).stat().st_mtime_ns
        return told[0] if told is not None and same and not rehash else data

    @invariant()
    def records_are_those_of_the_bytes(self) -> None:
        if not self.out.exists():
            return
        held = Counter(Decimal(data[9:11].decode()) for data in {data for data, _ in self.told.values()})
        totals = read_table(self.out, SCHEMA)["total"].to_pylist() if self.told else []
        assert Counter(totals) == held
        sources = {Path(row["source_uri"]).name: row for row in read_table(self.out, "sources").to_pylist()}
        assert sources.keys() == self.told.keys()
        assert {name for name, row in sources.items() if row["vanished"]} == self.gone
        by_path = {Path(one["source_uri"]).name: one["record"]["total"] for one in read_outcomes(self.out)}
        assert by_path == {name: Decimal(data[9:11].decode()) for name, (data, _) in self.told.items()}


TestHistories = pytest.mark.slow(Histories.TestCase)
TestHistories.settings = hypothesis_settings(max_examples=40, stateful_step_count=25, deadline=None)
