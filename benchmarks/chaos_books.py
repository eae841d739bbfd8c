"""What an output must say after commands, some of them killed: what nobody asked to change stays."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import pymupdf
from chaos_check import Fault, State

SCHEMAS = ("bill", "note")  # the second has a field of the first only


@dataclass(frozen=True)
class Asked:
    """One command, what it was to change, and how it ended. `code` is the exit code, negative for a signal."""

    kind: str
    code: int
    schema: str = ""
    flags: tuple[str, ...] = ()
    doc_id: str = ""
    record: str = ""
    value: str = ""

    @property
    def acknowledged(self) -> bool:
        """The user was told that it is done; of a run also that some documents failed."""
        return self.code == 0 or (self.kind == "run" and self.code == 3)


class Inbox:
    """A folder of small bills that differ in every number; each content is drawn once."""

    def __init__(self, folder: Path, chance: Random) -> None:
        self.numbers: dict[str, str] = {}  # doc_id -> the number that is printed
        self._folder, self._chance = folder, chance
        folder.mkdir(parents=True)

    def held(self) -> dict[str, str]:
        """Path -> doc_id of what is there now."""
        paths = sorted(self._folder.glob("*.pdf"))
        return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}

    def add(self, count: int) -> None:
        """New bills."""
        for _ in range(count):
            self._write(self._folder / f"{len(self.numbers):04}.pdf")

    def change(self) -> None:
        """A few are added, copied, rewritten or removed."""
        for _ in range(self._chance.randint(0, 6)):
            paths = sorted(self._folder.glob("*.pdf"))
            path, what = self._chance.choice(paths), self._chance.random()
            if what < 0.35 or len(paths) < 8:
                self.add(1)
            elif what < 0.45:
                path.with_name(f"{path.stem}-{len(self.numbers)}.pdf").write_bytes(path.read_bytes())
            elif what < 0.8:
                self._write(path)
            else:
                path.unlink()

    def remove(self, doc_id: str) -> None:
        """Take out every file with these bytes: nothing can be read from them again."""
        for path, held in self.held().items():
            if held == doc_id:
                Path(path).unlink()

    def _write(self, path: Path) -> None:
        number = len(self.numbers)
        with pymupdf.open() as document:
            page = document.new_page(width=300, height=300)
            page.insert_text((20, 30), f"Bill number: B-{number:05}")
            columns = ["Description", "Paper", "Ink"], ["Amount", f"{number}.25", f"{number + 3}.50"]
            for column, texts in enumerate(columns):
                for row, text in enumerate(texts):
                    page.insert_text((20 + 160 * column, 80 + 20 * row), text)
            page.insert_text((20, 200), f"Total: {2 * number + 3}.75 EUR")
            content = document.tobytes()
        self.numbers[hashlib.sha256(content).hexdigest()] = f"B-{number:05}"
        path.write_bytes(content)


@dataclass
class Books:
    """`sources`: (path, schema) -> doc_id at the last rest; `reviewed`: record -> its document and the values it may
    have; `erased`: documents that were forgotten."""

    sources: dict[tuple[str, str], str] = field(default_factory=dict)
    reviewed: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    erased: set[str] = field(default_factory=set)

    def close(self, asked: list[Asked], inbox: Inbox, state: State, doc_ids: set[str]) -> Iterator[Fault]:
        """Compare what is there after `asked` with what was there before, and take it over.

        `kind` of a fault is lost, correction or erasure.
        """
        held = inbox.held()
        yield from self._sources(asked, held, state)
        yield from self._corrections(asked, set(held.values()), inbox.numbers, state)
        self.erased |= {command.doc_id for command in asked if command.kind == "forget" and command.acknowledged}
        for doc_id in sorted(self.erased & doc_ids):
            yield Fault("erasure", f"document {doc_id} is in the output again")

    def _sources(self, asked: list[Asked], held: Mapping[str, str], state: State) -> Iterator[Fault]:
        now = {(row["source_uri"], row["schema"]): row["doc_id"] for row in state.rows("sources")}
        forgotten = {command.doc_id for command in asked if command.kind == "forget"}
        pruned = {command.schema for command in asked if "--prune" in command.flags}
        for (path, schema), doc_id in self.sources.items():
            going = doc_id in forgotten or (path not in held and schema in pruned)
            if (path, schema) not in now and not going:
                yield Fault("lost", f"source {path} ({schema})")
        for (path, schema), doc_id in now.items():
            if doc_id not in (self.sources.get((path, schema)), held.get(path)):
                yield Fault("lost", f"source {path} ({schema}): {doc_id} was never there")
        for schema in {command.schema for command in asked if command.kind == "run" and command.acknowledged}:
            for path, doc_id in held.items():
                if now.get((path, schema)) != doc_id:
                    yield Fault("lost", f"source {path} ({schema}): a run said that it was read")
        self.sources = now

    def _corrections(
        self, asked: list[Asked], held: set[str], numbers: Mapping[str, str], state: State
    ) -> Iterator[Fault]:
        ran = [command for command in asked if command.kind == "run" and command.schema == "bill"]
        forced = any("--force" in command.flags for command in ran)
        forgotten = {command.doc_id for command in asked if command.kind == "forget"}
        for command in [command for command in asked if command.kind == "correct"]:
            doc_id, values = self.reviewed.get(command.record, (command.doc_id, frozenset({numbers[command.doc_id]})))
            self.reviewed[command.record] = doc_id, values | {command.value}
        for record in {command.record for command in asked if command.kind == "correct" and command.acknowledged}:
            told = {command.value for command in asked if command.record == record}
            self.reviewed[record] = self.reviewed[record][0], frozenset(told)
        if forced:  # what was read again is as printed, or was not reached
            again = self.reviewed.items()
            self.reviewed = {record: (doc_id, values | {numbers[doc_id]}) for record, (doc_id, values) in again}
        records = {row["_record_id"]: row for row in state.rows("bill")}
        for record, (doc_id, values) in list(self.reviewed.items()):
            may_go = forced or doc_id in forgotten or (bool(ran) and doc_id not in held)
            if record not in records:
                if not may_go:
                    yield Fault("correction", f"record {record} is gone, which was {sorted(values)}")
                del self.reviewed[record]
            elif records[record]["number"] not in values:
                yield Fault("correction", f"record {record} is {records[record]['number']}, not {sorted(values)}")
                del self.reviewed[record]
            else:
                self.reviewed[record] = doc_id, frozenset({records[record]["number"]})
        for schema in SCHEMAS:
            for row in state.rows(schema):
                if row["_record_id"] not in self.reviewed and row["number"] != numbers[row["_doc_id"]]:
                    yield Fault("lost", f"{schema}: {row['number']} stands for {numbers[row['_doc_id']]}")
