"""Do honest documents fail because the machine is busy? A run of scans beside busy loops, more than there are cores.

    python benchmarks/busy.py [--documents 20] [--loops 8] [--workers 2] [--cores 2] [--set NAME=VALUE] [--json]

The documents are synthetic invoices, degraded as scans are, read by OCR. Run and loops share `--cores` cores.

failed    documents that failed, or of which a page could not be read
cpu_s     CPU seconds of the whole run, its children included; `seconds` are those of the wall clock
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

MOST_S = 3_600  # of wall time: a run that takes longer has hung


@contextlib.contextmanager
def busy_loops(count: int) -> Iterator[None]:
    """That many processes that do nothing but take a CPU; they end with the block, and with this process."""
    loop = f"import os\nwhile os.getppid() == {os.getpid()}: sum(range(100_000))"
    loops = [subprocess.Popen((sys.executable, "-c", loop)) for _ in range(count)]
    try:
        yield
    finally:
        for process in loops:
            process.kill()
            process.wait()


def read(folder: Path, out: Path, workers: int, settings: Sequence[str]) -> dict[str, Any]:
    """The run's own summary."""
    command = [
        sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--engine", "layout",
        "--ground", "words", "--out", str(out), "--workers", str(workers), "--json", "--quiet",
        *(word for setting in settings for word in ("--set", setting)),
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, check=False, timeout=MOST_S)
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def unread(out: Path) -> int:
    """Documents that failed, or of which a page could not be read."""
    import duckdb

    found = duckdb.sql(
        f"SELECT count(DISTINCT s.source_uri) FROM '{out}/sources/*.parquet' s "
        f"LEFT JOIN '{out}/pages/*.parquet' p ON p._doc_id = s.doc_id AND p.skipped NOT IN ('', 'blank') "
        "WHERE s.status = 'failed' OR p.skipped IS NOT NULL"
    ).fetchall()
    return int(found[0][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=20)
    parser.add_argument("--loops", type=int, default=8)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--set", action="append", default=[], dest="settings")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))[: asked.cores]
    os.sched_setaffinity(0, cores)
    with tempfile.TemporaryDirectory() as folder:
        scans, out = Path(folder, "scans"), Path(folder, "out")
        synth = (sys.executable, "-m", "docpipe", "synth", "invoice", str(asked.documents), "--degrade", "scan")
        subprocess.run((*synth, "--out", str(scans)), check=True, stdout=subprocess.DEVNULL)
        began, spent = time.monotonic(), children_s()
        with busy_loops(asked.loops):
            summary = read(scans, out, asked.workers, asked.settings)
            measured_s, cpu_s = time.monotonic() - began, children_s() - spent
        result = {
            "documents": asked.documents,
            "failed": unread(out),
            "failures": summary["failures"],
            "busy_loops": asked.loops,
            "cores": len(cores),
            "workers": asked.workers,
            "settings": asked.settings,
            "seconds": round(measured_s, 1),
            "cpu_s": round(cpu_s, 1),
        }
    if asked.json:
        print(json.dumps(result))
        return
    for name, value in result.items():
        print(f"{name:12} {value}")


def children_s() -> float:
    """CPU seconds of the children that have ended; the loops have not yet where this is asked."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
