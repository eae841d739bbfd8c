"""The Qwen2-VL engine in actors: two GPUs declared, the CPU as device, a checkpoint of the true architecture."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar

import pytest
import ray

from docpipe.engine.choose import EngineSpec, build_engine
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.intake.discover import discover
from docpipe.records import Outcome
from docpipe.run.cluster import RayPool
from docpipe.run.pool import LocalPool, Pool
from docpipe.schema.load import load_schema
from docpipe.settings import Extraction, Render, Running, Settings
from docpipe.store.read import read_outcomes
from tests.waiting import below, killed_at_last, wait_until

pytestmark = pytest.mark.slow
SAMPLES = Path(__file__).parents[2] / "samples" / "invoices"
SETTINGS = Settings(
    render=Render(min_pixels=100_352, max_pixels=200_704),
    extraction=Extraction(max_tokens=48),
    running=Running(workers=2, engine_gpus=1),
    engines={"qwen2vl": Qwen2VL(device="cpu", slots=4, slot_tokens=12_288)},
)


class OnSharedEngines(RayPool):
    """A pool whose engines outlive it: they know no schema, and each takes a quarter of a minute to start."""

    engines: ClassVar[list[Any]] = []

    def _start_engines(self) -> list[Any]:
        OnSharedEngines.engines = OnSharedEngines.engines or super()._start_engines()
        return OnSharedEngines.engines

    def close(self) -> None:
        self._engines = []
        super().close()


@pytest.fixture(scope="module")
def spec(checkpoints: Callable[[str], Path]) -> EngineSpec:
    """A small checkpoint with random weights, loaded through the real path."""
    return EngineSpec("qwen2-vl", str(checkpoints("tiny")), options=SETTINGS.engines["qwen2vl"])


@pytest.fixture(scope="module")
def cluster() -> Iterator[None]:
    """A Ray with two GPUs, one for each engine."""
    ray.init(num_cpus=2, num_gpus=2, include_dashboard=False, log_to_driver=False)
    yield
    OnSharedEngines.engines = []
    ray.shutdown()


def read(pool: Pool, limit: int) -> dict[str, Outcome]:
    with closing(pool):
        outcomes = list(pool.outcomes(islice(discover([str(SAMPLES)]), limit)))
    assert len({outcome.source.uri for outcome in outcomes}) == len(outcomes) == limit
    return {outcome.source.uri: outcome for outcome in outcomes}


@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize("name", ["invoice", "form", "table", "chart"])
def test_two_actors_read_what_one_process_reads(spec: EngineSpec, name: str) -> None:
    schema, limit = load_schema(name), 8 if name == "invoice" else 4
    alone = read(LocalPool(schema, build_engine(spec), SETTINGS), limit)
    spread = read(OnSharedEngines(schema, spec, SETTINGS), limit)
    assert len(OnSharedEngines.engines) == 2
    fields = {node.name for node in schema.root.children}
    for uri, outcome in alone.items():
        assert outcome.engine == "qwen2-vl"
        assert replace(spread[uri], **UNSURE) == replace(outcome, **UNSURE)
        assert values(spread[uri]) == values(outcome)
        assert all(set(record.value) == fields for record in outcome.records)


UNSURE: dict[str, Any] = {"records": (), "pages": (), "replies": (), "seconds": 0.0}  # have seconds or probabilities


def values(outcome: Outcome) -> list[Any]:
    return [(record.value, record.status, record.pages, record.violations) for record in outcome.records]


def test_an_actor_killed_in_the_middle_is_replaced_and_nothing_is_lost(spec: EngineSpec, tmp_path: Path) -> None:
    """Once a document is committed both engines have others: the workers keep a dozen in flight."""
    out, documents = tmp_path / "out", 16
    command = [
        sys.executable, "-m", "docpipe", "run", str(SAMPLES), "--schema", "invoice", "--engine", "qwen2-vl",
        "--model", spec.model, "--out", str(out), "--json", "--quiet", "--device", "cpu", "--workers", "2",
        "--set", "qwen2vl.slots=4", "--set", "qwen2vl.slot_tokens=12288", "--set", "extraction.max_tokens=48",
        "--set", "render.max_pixels=200704", "--set", "render.min_pixels=100352",
        "--set", "running.declared_gpus=2", "--set", "running.engine_gpus=1", "--set", "running.commit_documents=1",
    ]  # fmt: skip
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with killed_at_last(process) as running:
        wait_until(lambda: any((out / "sources").glob("*.parquet")), running)
        engines = below(running, "ray::EngineActor")
        engines[0].kill()
        committed = len(list((out / "sources").glob("*.parquet")))
        printed, said = running.communicate()
    assert len(engines) == 2
    assert committed < documents, "the engine was killed when all was read"
    assert running.returncode == 0, said
    assert sum(json.loads(printed)["outcomes"].values()) == documents
    found = [outcome["source_uri"] for outcome in read_outcomes(out)]
    assert len(found) == len(set(found)) == documents
