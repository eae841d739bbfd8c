"""Does the flow keep a machine busy? `docpipe run`'s pool against a plain loop, and an engine's idle time.

    python benchmarks/run.py [--json] [--documents 300] [--workers 2]

wall_ratio   seconds of the Ray pool with N workers / seconds of one process, the same documents and the
             same stage functions, both committing to a store, once workers are up
engine_busy  share of the steady time (first to last answer) in which one scripted engine of 50 ms a
             request had a request at work, with renderers in other processes
startup_s    from process start of `docpipe run` to its first outcome, and of `docpipe extract` to its end
"""

from __future__ import annotations

import argparse
import itertools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from docpipe.engine.choose import EngineSpec, build_engine
from docpipe.intake.discover import discover
from docpipe.records import Outcome, Source
from docpipe.run.cluster import RayPool
from docpipe.run.job import commit_as_they_come
from docpipe.run.pool import LocalPool, Pool
from docpipe.schema.load import load_schema
from docpipe.settings import Running, Settings
from docpipe.store.commit import Store
from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan

WARM_UP_DOCUMENTS = 8
SCHEMA = load_schema("invoice")
LAYOUT = EngineSpec("layout", embedded=True)


def one_page_digital(folder: Path, documents: int, seed: int = 7_000) -> list[Source]:
    """That many one-page invoices with a text layer, in the order of the generator's plan."""
    paths: list[str] = []
    for index in itertools.count():
        if len(paths) == documents:
            return list(discover(paths))
        if plan(index, seed).kind in ("plain", "credit", "lump"):
            made = make(index, seed)
            if made.truth["pages"] == 1:
                path = folder / f"{index:05d}.{made.suffix}"
                path.write_bytes(made.content)
                paths.append(str(path))
    raise AssertionError


def timed(pool: Pool, sources: list[Source], out: Path, settings: Settings) -> float:
    """Seconds from the first document handed over to the last one committed; the pool is warm."""
    with closing(pool), Store.open(out, SCHEMA, "bench") as store:
        for _ in pool.outcomes(sources[:WARM_UP_DOCUMENTS]):
            pass
        started = time.perf_counter()
        done = list(commit_as_they_come(pool.outcomes(sources), store, settings))
        assert sum(outcome.status != "failed" for outcome in done) == len(sources)
        return time.perf_counter() - started


def wall_ratio(sources: list[Source], folder: Path, workers: int) -> dict[str, float]:
    alone = timed(LocalPool(SCHEMA, build_engine(LAYOUT), Settings()), sources, folder / "one", Settings())
    settings = Settings(running=Running(workers=workers))
    spread = timed(RayPool(SCHEMA, LAYOUT, settings), sources, folder / "many", settings)
    return {"loop_s": round(alone, 2), "pool_s": round(spread, 2), "wall_ratio": round(spread / alone, 3)}


def engine_busy(sources: list[Source], folder: Path, workers: int) -> dict[str, float]:
    script = folder / "script.json"
    script.write_text(json.dumps({"answers": [{"total": 1.0}], "delay_s": 0.05, "needs": ["pixels"]}))
    settings = Settings(running=Running(workers=workers))
    with closing(RayPool(SCHEMA, EngineSpec("scripted", str(script)), settings)) as pool:
        done: Iterator[Outcome] = pool.outcomes(sources)
        assert sum(1 for _ in done) == len(sources)
        (measured,) = pool.measure_engines()
    return {"engine_busy": round(measured["busy_s"] / measured["span_s"], 3), "span_s": round(measured["span_s"], 2)}


def startup(source: Source, folder: Path) -> dict[str, float]:
    command = [sys.executable, "-m", "docpipe"]
    extract = _seconds([*command, "extract", source.uri, "--schema", "invoice"])
    run = _seconds([*command, "run", source.uri, "--schema", "invoice", "--out", str(folder / "single"), "-q"])
    return {"startup_s": round(run, 2), "extract_s": round(extract, 2)}


def _seconds(command: list[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--documents", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = one_page_digital(folder, arguments.documents)
        result = {"documents": len(sources), "workers": arguments.workers}
        result |= wall_ratio(sources, folder, arguments.workers)
        result |= engine_busy([replace(source) for source in sources], folder, arguments.workers)
        result |= startup(sources[0], folder)
    if arguments.json:
        print(json.dumps(result))
    else:
        for key, value in result.items():
            print(f"{key:12} {value}")


if __name__ == "__main__":
    main()
