"""Does anything that a user may do, several at once and killed at any moment, lose, double or undo anything?

    python benchmarks/chaos.py [--rounds 200] [--seconds 0] [--seed 1] [--out-kind disk|bucket] [--keep DIR] [--json]

A round changes the inputs, starts two to four random commands on one output, most of them killed by SIGKILL after a
random time, lets `docpipe gc` bring the output to rest, and judges it twice: by chaos_check.py, which knows nothing of
docpipe's store, together with the books of what was acknowledged (chaos_books.py), and by `docpipe verify`. With
`bucket` the output is a prefix of an object store on loopback, and leases last five seconds instead of two minutes.
`--seconds` ends it after that time, whatever `--rounds` says, Ctrl-C at once, with the figures so far. A seed gives the
same commands, not the same moments.

lost              sources and records that were acknowledged and are not there, or not with the value of their document
doubled           sources, records, rows, evidence and pages that are there twice
corrections_lost  a person's values that were acknowledged and are no longer there
erasures_undone   documents that were forgotten and are in some part again, retired ones included
stray             files and rows that nothing live accounts for
verify_dirty      rounds after which `docpipe verify` found fault; null where there is no such command
refusals_by_code  commands that ended with an error, by command and code; a reader may be told that another one erases
defects           tracebacks, exit codes that are not documented, commands that hung
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import obstore
from chaos_books import SCHEMAS, Asked, Books, Inbox
from chaos_check import Fault, check, doc_ids
from chaos_command import Command, preload

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the object store is the tests' own

from tests.bucket import make_bucket, s3_server, speaking_to

KINDS = ("run", "run", "run", "compact", "gc", "forget", "correct", "correct", "migrate", "export", "show", "verify")
DOCUMENTS = 12
KILLED = 0.6  # of the commands
WHOLE_S = 2.0  # of a command, until one of its kind has shown how long it takes here
HANG_S = 600.0
LEASE_S = 5.0  # in a bucket, where nobody sees whether a holder lives
PATIENT = ("limits.page_timeout_s=600", "limits.document_timeout_s=3600")  # a busy machine fails no document
EXITS = (0, 1, 2, 3, 4)  # docs/operations.md; 1 is verify's and eval's

LABELLED = {
    "number": {"type": ["string", "null"], "x-docpipe": {"labels": {"en": ["Bill number"]}}},
    "total": {"type": ["number", "null"], "x-docpipe": {"scale": 2, "labels": {"en": ["Total"]}}},
    "lines": {
        "type": "array",
        "x-docpipe": {"labels": {"en": ["Description"]}},
        "items": {
            "type": "object",
            "properties": {
                "description": {"type": ["string", "null"], "x-docpipe": {"labels": {"en": ["Description"]}}},
                "amount": {"type": ["number", "null"], "x-docpipe": {"scale": 2, "labels": {"en": ["Amount"]}}},
            },
        },
    },
}
FORMS = {
    "old/bill.json": LABELLED,
    "new/bill.json": {**LABELLED, "remark": {"type": ["string", "null"]}},
    "old/note.json": {"number": LABELLED["number"]},
}


def files_of(out: str) -> dict[str, bytes]:
    """Everything in an output: name below it -> bytes."""
    if "://" in out:
        store = obstore.store.from_url(out)
        names = [row["path"] for batch in obstore.list(store) for row in batch]
        return {name: bytes(obstore.get(store, name).bytes()) for name in names}
    found = [path for path in Path(out).rglob("*") if path.is_file()]
    return {str(path.relative_to(out)): path.read_bytes() for path in found}


@dataclass
class Tally:
    """What came of all rounds."""

    rounds: int = 0
    kills: int = 0
    commands: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    verify_dirty: int | None = 0
    refusals: Counter[str] = field(default_factory=Counter)

    def to_json(self, seconds: float) -> str:
        document = {
            "rounds": self.rounds, "kills": self.kills, "commands": self.commands, "lost": self.faults["lost"],
            "doubled": self.faults["doubled"], "corrections_lost": self.faults["correction"],
            "erasures_undone": self.faults["erasure"], "stray": self.faults["stray"],
            "verify_dirty": self.verify_dirty, "defects": self.faults["defect"],
            "refusals_by_code": dict(sorted(self.refusals.items())), "seconds": round(seconds, 1),
        }  # fmt: skip
        return json.dumps(document, indent=1)


class Chaos:
    """Rounds over one output, which is begun anew after a fault: one fault is counted once."""

    def __init__(self, folder: Path, url: str, chance: Random, keep: Path | None) -> None:
        self.tally = Tally()
        self._folder, self._url, self._chance, self._keep = folder, url, chance, keep
        self._begun = self._started = 0
        self._whole_s: dict[str, float] = {}  # kind -> seconds of the last one that was not killed
        for name, fields in FORMS.items():
            path = folder / "schemas" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"type": "object", "properties": fields}))
        self._begin()

    def round(self) -> None:
        self._inbox.change()
        asked = [self._plan() for _ in range(self._chance.randint(2, 4))]
        running = []
        for plan in asked:
            running.append(self._start(self._arguments(plan)))
            time.sleep(self._chance.random() * 0.5)
        ended = [self._end(plan, command) for plan, command in zip(asked, running, strict=True)]
        faults = self._rest()
        self.tally.rounds += 1
        files = files_of(self._out)
        self._state = check(files)
        faults += [*self._state.faults, *self._books.close(ended, self._inbox, self._state, doc_ids(files))]
        if not faults and not self._is_dirty():
            return
        for fault in faults:
            self.tally.faults[fault.kind] += 1
            print(f"round {self.tally.rounds}: {fault.kind}: {fault.text}", file=sys.stderr)
        print(f"  after {ended}", file=sys.stderr)
        self._put_aside(files)
        self._begin()

    def _begin(self) -> None:
        """A new output of one undisturbed run."""
        self._begun += 1
        home = self._folder / str(self._begun)
        self._inbox, self._books = Inbox(home / "in", self._chance), Books()
        self._inbox.add(DOCUMENTS)
        self._out = f"{self._url}/{self._begun}" if self._url else str(home / "out")
        first = Asked("run", 0, "bill", ("old",))
        code, said = self._start(self._arguments(first)).end(HANG_S)
        assert code == 0, said
        self._state = check(files_of(self._out))
        faults = [*self._state.faults, *self._books.close([first], self._inbox, self._state, set())]
        assert not faults, faults

    def _plan(self) -> Asked:
        """One command, on documents and records that were there at the last rest. What is forgotten is no input."""
        chance = self._chance
        kind = chance.choice(KINDS)
        version = chance.choice(["old", "old", "new"])
        if kind == "run":
            schema = chance.choice([*SCHEMAS, "bill"])
            flags = chance.choice([[], [], ["--force"], ["--prune"], ["--retry", "needs_review"]])
            return Asked(kind, 0, schema, ("old" if schema == "note" else version, *flags))
        if kind == "forget" and (rows := self._state.rows("sources")):
            doc_id = chance.choice(rows)["doc_id"]
            self._inbox.remove(doc_id)
            return Asked(kind, 0, doc_id=doc_id)
        if kind == "correct" and (rows := self._state.rows("bill")):
            row = chance.choice(rows)
            value = f"FIX-{chance.randrange(10**6):06}"
            return Asked(kind, 0, "bill", (version,), row["_doc_id"], row["_record_id"], value)
        return Asked("show" if kind in ("forget", "correct") else kind, 0, "bill", (version,))

    def _arguments(self, plan: Asked) -> list[str]:
        version, *flags = plan.flags or ("old",)
        out, schema = self._out, str(self._folder / "schemas" / version / f"{plan.schema}.json")
        if plan.kind == "run":
            inbox = str(self._folder / str(self._begun) / "in")
            settings = ["running.commit_documents=3", f"running.lease_expiry_s={LEASE_S}", "render.ocr=false", *PATIENT]
            return ["run", inbox, "--schema", schema, "--engine", "layout", "--workers", "0", "--out", out, "--quiet",
                    *(word for setting in settings for word in ("--set", setting)), *flags]  # fmt: skip
        if plan.kind == "correct":
            path = self._folder / f"{plan.value}.csv"
            path.write_text(f"_record_id,path,value\n{plan.record},number,{plan.value}\n")
            return ["correct", out, str(path), "--schema", schema]
        if plan.kind == "export":
            form = self._chance.choice(["csv", "duckdb", "xlsx", "parquet", "jsonl"])
            return ["export", out, "--to", form, "--dest", str(self._folder / f"copy.{form}")]
        rest = {"gc": ["--older-than", "0s"], "migrate": ["--schema", schema], "forget": [plan.doc_id]}
        return [plan.kind, out, *rest.get(plan.kind, ["--json"])]

    def _start(self, arguments: list[str]) -> Command:
        self._started += 1
        return Command(arguments, self._folder / f"{self._started}.txt")

    def _end(self, plan: Asked, command: Command) -> Asked:
        """Wait for a command, or kill it at some moment of the time that it takes; returns it with how it ended."""
        if self._chance.random() < KILLED:
            command.kill(self._chance.random() * self._whole_s.get(plan.kind, WHOLE_S))
        code, said = command.end(HANG_S)
        if code == 0:
            self._whole_s[plan.kind] = time.monotonic() - command.began
        self.tally.commands += 1
        self.tally.kills += code is not None and code < 0
        if code is None:
            self._defect(f"{plan.kind} hung: {said}")
        elif code > 0:
            named = re.search(r"^docpipe: ([A-Z_]+)", said, re.MULTILINE)
            self.tally.refusals[f"{plan.kind} {named.group(1) if named else f'exit {code}'}"] += 1
            if "Traceback" in said or code not in EXITS:
                self._defect(f"{plan.kind}: exit {code}: {said[-600:]}")
        return replace(plan, code=-signal.SIGKILL if code is None else code)

    def _rest(self) -> list[Fault]:
        """As a user would, with the cheapest command that takes the output."""
        if self._url:
            time.sleep(LEASE_S)
        code, said = self._start(["gc", self._out, "--older-than", "1d"]).end(HANG_S)
        return [] if code == 0 else [Fault("defect", f"gc at rest: exit {code}: {said}")]

    def _is_dirty(self) -> bool:
        """Whether `docpipe verify` found fault."""
        if self.tally.verify_dirty is None:
            return False
        code, said = self._start(["verify", self._out]).end(HANG_S)
        if "No such command" in said:
            self.tally.verify_dirty = None
            return False
        if code != 0:
            print(f"round {self.tally.rounds}: verify: exit {code}: {said}", file=sys.stderr)
            self.tally.verify_dirty += 1
        return code != 0

    def _defect(self, text: str) -> None:
        self.tally.faults["defect"] += 1
        print(f"round {self.tally.rounds + 1}: defect: {text}", file=sys.stderr)

    def _put_aside(self, files: dict[str, bytes]) -> None:
        for name, content in files.items() if self._keep else ():
            path = Path(self._keep or "") / f"round-{self.tally.rounds}" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


@contextlib.contextmanager
def place(kind: str) -> Iterator[str]:
    """The URL below which outputs are made; "" for folders."""
    if kind == "disk":
        yield ""
        return
    with s3_server() as address, speaking_to(*address):
        yield make_bucket(*address, "chaos")


def main() -> None:
    parser = argparse.ArgumentParser(description="Random commands on one output, killed at random.")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=0.0, help="end after that time; 0: after the rounds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out-kind", choices=("disk", "bucket"), default="disk")
    parser.add_argument("--keep", type=Path, help="a folder for outputs in which there was a fault")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    began = time.monotonic()
    if given.out_kind == "bucket":
        os.environ["CHAOS_LEASE_S"] = str(LEASE_S)
    preload()
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder, place(given.out_kind) as url:
        chaos = Chaos(Path(folder), url, Random(given.seed), given.keep)
        with contextlib.suppress(KeyboardInterrupt):
            while chaos.tally.rounds < given.rounds and not 0 < given.seconds < time.monotonic() - began:
                chaos.round()
                if not given.json:
                    print(f"{chaos.tally.rounds} rounds, {chaos.tally.kills} kills, faults {dict(chaos.tally.faults)}")
    print(chaos.tally.to_json(time.monotonic() - began))


if __name__ == "__main__":
    main()
