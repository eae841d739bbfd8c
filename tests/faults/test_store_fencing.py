"""A writer that is stopped inside a commit, and wakes when another has taken over, changes nothing.

Run as a script, this file is one of the two: `test_store_fencing.py first` or `second`, with its tasks as JSON on
stdin. The second runs in a process namespace of its own, as on another host: it cannot see whether the first lives.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import obstore
import pytest

from docpipe.errors import OutputLocked
from docpipe.records import Field, Outcome, Record, Source
from docpipe.review.correct import correct
from docpipe.review.corrections import Correction
from docpipe.schema.load import parse_schema
from docpipe.store.commit import Store
from docpipe.store.migrate import migrate
from docpipe.store.place import Lease, Place, place_of
from docpipe.store.read import read_outcomes
from docpipe.store.upkeep import compact, forget

MONEY = {"type": ["number", "null"], "x-docpipe": {"scale": 2}}
LINES = {"type": "array", "items": {"type": "object", "properties": {"amount": MONEY}}}
FIELDS = {"total": MONEY, "lines": LINES}
SCHEMA = parse_schema({"type": "object", "properties": FIELDS}, "bill")
WIDER = parse_schema({"type": "object", "properties": {**FIELDS, "note": {"type": ["string", "null"]}}}, "bill")

EXPIRY_S = 5.0  # the least that a lease may last
TAKEOVER_S = 0.5  # after that: the last beat was a moment before the stop
BASE = [{"a": "1.00", "b": "2.00", "c": "3.00"}, {"c": "3.50", "d": "4.00"}]
FIRST = [{"b": "20.00", "e": "5.00"}, {"f": "6.00"}]
SECOND = [{"b": "200.00", "g": "7.00"}, {"c": "300.00", "g": "70.00", "h": "8.00"}]
REVIEWED = {"d": "44.44"}  # by a person, after the second's commits
AFTER = {"b": "200.00", "c": "300.00", "d": "44.44", "g": "70.00", "h": "8.00"}
COMPLETE = {"a", "e", "f"}  # of the first, as far as it had come; what it had placed whole is finished


@dataclass(frozen=True)
class Task:
    """What the first does in `out`, and at which of its steps it stops (from 1; 0: at none)."""

    out: str
    operation: str
    nth: int = 0


def outcome(uri: str, total: str) -> Outcome:
    amount = Decimal(total)
    record = Record({"total": amount, "lines": [{"amount": amount}]}, (1,), "ok", 1.0, (Field("total", amount, 1.0),))
    return Outcome(Source(uri, 1, 1, doc_id=f"{uri:_<8} {total}"), "bill", "layout", {}, "ok", (record,))


class Brief:
    """A place whose leases last no longer than they must, whoever takes them."""

    def __init__(self, out: str) -> None:
        self._place = place_of(out)

    def __str__(self) -> str:
        return str(self._place)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._place, name)

    def acquire(self, run_id: str, expiry_s: float = EXPIRY_S) -> Lease:
        return self._place.acquire(run_id, min(expiry_s, EXPIRY_S))


def write(out: Any, run_id: str, batches: list[dict[str, str]], step: Callable[[str], None] = lambda _: None) -> None:
    with Store.open(out, SCHEMA, run_id, step=step) as store:
        for batch in batches:
            for uri, total in batch.items():
                store.add(outcome(uri, total))
            store.commit()


def review(out: Any, values: dict[str, str], step: Callable[[str], None] = lambda _: None) -> None:
    corrections = [Correction(line, uri, "total", total) for line, (uri, total) in enumerate(values.items(), 2)]
    correct(out, SCHEMA, corrections, lambda _: 0.5, step=step)


OPERATIONS: dict[str, Callable[[Any, Callable[[str], None]], Any]] = {
    "commit": lambda out, step: write(out, "first", FIRST, step),
    "compact": lambda out, step: compact(out, step=step),
    "forget": lambda out, step: forget(out, "a", step=step),
    "correct": lambda out, step: review(out, {"b": "22.22"}, step),
    "migrate": lambda out, step: migrate(out, WIDER, step=step),
}


def first(task: Task, told: int) -> None:
    """Do the task, stopped once; write how it ended to the handle `told`: its steps, and the error if one came."""
    steps: list[str] = []

    def step(name: str) -> None:
        steps.append(name)
        if len(steps) == task.nth:
            os.kill(os.getpid(), signal.SIGSTOP)

    end = ""
    try:
        OPERATIONS[task.operation](Brief(task.out), step)
    except OutputLocked as error:
        end = error.code
    except BaseException:  # noqa: BLE001  the test shows it
        end = traceback.format_exc()
    os.write(told, json.dumps([steps, end]).encode())


def be_first(tasks: list[Task]) -> None:
    """A process for each task. Says so when all have stopped or ended, wakes them when told to, prints their ends."""
    pipes: list[int] = []
    children: list[int] = []
    for task in tasks:
        read, told = os.pipe()
        child = os.fork()
        if not child:
            first(task, told)
            os._exit(0)
        os.close(told)
        pipes.append(read)
        children.append(child)
    stopped = [child for child in children if os.WIFSTOPPED(os.waitpid(child, os.WUNTRACED)[1])]
    print("stopped", flush=True)
    sys.stdin.readline()
    for child in stopped:
        os.kill(child, signal.SIGCONT)
    ends = []
    for read in pipes:
        with os.fdopen(read) as pipe:
            ends.append(json.load(pipe))
    print(json.dumps(ends), flush=True)


def second(task: Task) -> str:
    """Take the output over, commit twice, correct a value; returns what went wrong."""
    try:
        write(task.out, "second", SECOND)
        review(task.out, REVIEWED)
    except BaseException:  # noqa: BLE001  the test shows it
        return traceback.format_exc()
    return ""


@pytest.fixture(scope="module")
def elsewhere() -> list[str]:
    """The beginning of a command that runs in a process namespace of its own."""
    for flags in ([], ["--user", "--map-root-user"]):
        command = ["unshare", *flags, "--pid", "--fork", "--mount-proc"]
        if (
            shutil.which("unshare")
            and subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0
        ):
            return command
    pytest.skip("no process namespace can be made here")


@dataclass(frozen=True)
class Outputs:
    """Outputs in one kind of place: a base to copy, what stands in one, and what is tried there.

    `once`: of steps of one name, which a later commit goes through again, the first is enough.
    """

    copy: Callable[[str], str]
    stands: Callable[[str], dict[str, object]]
    operations: Iterable[str]
    once: bool = False


@pytest.fixture(params=["disk", "bucket"])
def outputs(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Outputs]:
    if request.param == "disk":
        write(str(tmp_path / "base"), "base", BASE)
        yield Outputs(lambda name: str(shutil.copytree(tmp_path / "base", tmp_path / name)), on_disk, OPERATIONS)
        return
    from tests.bucket import make_bucket, s3_server, speaking_to

    with s3_server() as address, speaking_to(*address):
        write(make_bucket(*address, "base"), "base", BASE)
        base = obstore.store.from_url("s3://base")
        held = {row["path"]: obstore.get(base, row["path"]).bytes() for batch in obstore.list(base) for row in batch}

        def copy(name: str) -> str:
            url = make_bucket(*address, name)  # one each: the server lists a bucket wrongly while its names change
            for path, data in held.items():
                obstore.put(obstore.store.from_url(url), path, data)
            return url

        yield Outputs(copy, in_bucket, ["commit"], once=True)  # requests take time


def on_disk(out: str) -> dict[str, object]:
    """Name -> bytes of every file but those in _tmp/."""
    files = {str(path.relative_to(out)): path for path in Path(out).rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if not name.startswith("_tmp/")}


def in_bucket(out: str) -> dict[str, object]:
    """Name -> e-tag of every object."""
    return {row["path"]: row["e_tag"] for batch in obstore.list(obstore.store.from_url(out)) for row in batch}


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts this file in a role, with tasks. Nobody is left stopped."""
    started: list[subprocess.Popen[str]] = []

    def process(role: str, tasks: list[Task], *command: str) -> subprocess.Popen[str]:
        begun = subprocess.Popen(
            [*command, sys.executable, __file__, role],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        started.append(begun)
        assert begun.stdin is not None
        begun.stdin.write(json.dumps([asdict(task) for task in tasks]) + "\n")
        begun.stdin.flush()
        return begun

    yield process
    for begun in started:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(begun.pid, signal.SIGKILL)
        begun.communicate()


def steps_of(outputs: Outputs, start: Callable[..., subprocess.Popen[str]]) -> dict[str, list[str]]:
    """Operation -> the names of its steps, as an undisturbed one goes through them."""
    tasks = [Task(outputs.copy(f"dry-{operation}"), operation) for operation in outputs.operations]
    told, _ = start("first", tasks).communicate("wake\n")
    ends = json.loads(told.splitlines()[-1])
    assert [end for _, end in ends] == [""] * len(tasks)
    return {task.operation: steps for task, (steps, _) in zip(tasks, ends, strict=True)}


def totals(place: str | Place) -> dict[str, str]:
    return {row["source_uri"]: str(row["record"]["total"]) for row in read_outcomes(place)}


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_writer_that_lost_its_lease_changes_nothing(
    outputs: Outputs, elsewhere: list[str], start: Callable[..., subprocess.Popen[str]]
) -> None:
    names = steps_of(outputs, start)
    assert all(names.values())
    tasks = [
        Task(outputs.copy(f"{operation}-{nth}"), operation, nth)
        for operation, steps in names.items()
        for nth, name in enumerate(steps, 1)
        if not outputs.once or name not in steps[: nth - 1]
    ]
    asleep = start("first", tasks)
    assert asleep.stdout is not None
    assert asleep.stdout.readline() == "stopped\n"
    held, _ = start("second", tasks, *elsewhere).communicate()
    assert json.loads(held) == [""] * len(tasks), "the second is not hindered"
    before = [outputs.stands(task.out) for task in tasks]
    told, _ = asleep.communicate("wake\n")
    faults: dict[str, object] = {}
    for task, stood, (steps, end) in zip(tasks, before, json.loads(told), strict=True):
        label = f"{task.operation}, stopped at {steps[task.nth - 1]!r} ({task.nth} of {len(names[task.operation])})"
        stands = outputs.stands(task.out)
        if changed := sorted({name for name, _ in stood.items() ^ stands.items()}):
            faults[label] = changed
        done = "current" not in names[task.operation][task.nth :]  # its last commit was made before it was stopped
        if end != "OUTPUT_LOCKED" and not (done and not end):
            faults[f"{label}: end"] = end or "done"
    assert not faults, "\n".join(f"{label}: {fault}" for label, fault in faults.items())
    for task in tasks:
        write(task.out, "third", [])  # opens the output, which brings it to rest
        read = totals(task.out)
        assert read.items() >= AFTER.items(), task
        assert read.keys() - AFTER.keys() <= COMPLETE, task


if __name__ == "__main__":
    given = [Task(**task) for task in json.loads(sys.stdin.readline())]
    if sys.argv[1] == "first":
        be_first(given)
    else:
        import time

        time.sleep(EXPIRY_S + TAKEOVER_S)
        with ThreadPoolExecutor(8) as threads:
            print(json.dumps(list(threads.map(second, given))))
