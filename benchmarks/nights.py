"""Three nights by a scheduler: a broken file, an empty inbox, a killed run. Prints exit codes and summaries.

    python benchmarks/nights.py [--json]

What it prints is kept in benchmarks/results/nights.md. The run of the third night is killed (SIGKILL) once it has
committed; the scheduler starts it again. tests/faults/test_nights.py holds the outcome.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan

SEED = 14
ADDED = (5, 4, 12)  # documents that come in before each night with work


@dataclass(frozen=True, slots=True)
class Night:
    """What a scheduler saw: what had happened, the exit code (-9: killed), stdout as JSON if any, stderr."""

    title: str
    exit_code: int
    summary: dict[str, Any]
    errors: str


def nights(folder: Path) -> Iterator[Night]:
    """Run the nights in the empty `folder`, one after the other."""
    inbox, documents = folder / "inbox", _documents()
    inbox.mkdir()
    yield _night("an empty inbox, before anything came", folder)
    _bring(inbox, documents, ADDED[0])
    (inbox / "broken.pdf").write_bytes(b"%PDF-1.7\n this is where the transfer broke off")
    yield _night(f"{ADDED[0]} invoices and one broken file", folder)
    _bring(inbox, documents, ADDED[1])
    yield _night(f"{ADDED[1]} more invoices; the broken file is still there", folder)
    shutil.move(inbox, folder / "elsewhere")
    inbox.mkdir()
    yield _night("the inbox is empty: its disk is not mounted", folder)
    inbox.rmdir()
    shutil.move(folder / "elsewhere", inbox)
    _bring(inbox, documents, ADDED[2])
    yield _killed(f"{ADDED[2]} more invoices; the run is killed in the middle", folder)
    yield _night("the scheduler starts it again", folder)
    yield _night("once more: nothing has changed", folder)


def _documents() -> Iterator[bytes]:
    index = 0
    while True:
        if plan(index, SEED).kind == "plain":
            yield make(index, SEED).content
        index += 1


def _bring(inbox: Path, documents: Iterator[bytes], count: int) -> None:
    held = len(list(inbox.iterdir()))
    for number in range(held, held + count):
        (inbox / f"invoice-{number:03d}.pdf").write_bytes(next(documents))


def _command(folder: Path) -> list[str]:
    return [
        sys.executable, "-m", "docpipe", "run", str(folder / "inbox"), "--schema", "invoice", "--engine", "layout",
        "--out", str(folder / "out"), "--quiet", "--json", "--set", "running.commit_documents=1",
    ]  # fmt: skip


def _night(title: str, folder: Path) -> Night:
    done = subprocess.run(_command(folder), capture_output=True, text=True, check=False)
    return Night(title, done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr)


def _killed(title: str, folder: Path) -> Night:
    before = _parts(folder)
    with subprocess.Popen(_command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        while process.poll() is None and len(_parts(folder) - before) < 2:
            time.sleep(0.01)
        process.kill()
        printed, errors = process.communicate()
    return Night(title, process.returncode, json.loads(printed) if printed else {}, errors)


def _parts(folder: Path) -> set[str]:
    return {path.name for path in (folder / "out" / "sources").glob("*.parquet")}


def _line(night: Night) -> str:
    code = {-9: "killed"}.get(night.exit_code, str(night.exit_code))
    if not night.summary:
        return f"| {night.title} | {code} | | | | |"
    mine = night.summary["this_run"]
    failed = ", ".join(f"{count} {name}" for name, count in night.summary["failures"].items()) or "none"
    new = ", ".join(f"{count} {name}" for name, count in mine["outcomes"].items() if count) or "nothing"
    done = night.summary["already_done"]
    return f"| {night.title} | {code} | {night.summary['inputs']} | {done} | {new} | {failed} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--json", action="store_true", help="every night as one JSON object a line")
    as_json = parser.parse_args().json
    if not as_json:
        print("| night | exit code | inputs | done before | this run | failed inputs, old and new |")
        print("|---|---:|---:|---:|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for night in nights(Path(folder)):
            shown = {
                "title": night.title,
                "exit_code": night.exit_code,
                "summary": night.summary,
                "stderr": night.errors,
            }
            print(json.dumps(shown) if as_json else _line(night), flush=True)


if __name__ == "__main__":
    main()
