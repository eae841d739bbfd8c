"""The Qwen2-VL engine in actors: two GPUs declared, the CPU as device, a checkpoint of the true architecture."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from docpipe.engine.qwen2vl.checkpoint import make_checkpoint
from docpipe.schema.load import load_schema
from tests.waiting import below, killed_at_last, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples" / "invoices"
QUICK = (
    "--device", "cpu", "--set", "qwen2vl.slots=4", "--set", "qwen2vl.slot_tokens=12288",
    "--set", "extraction.max_tokens=48", "--set", "render.max_pixels=200704", "--set", "render.min_pixels=100352",
)  # fmt: skip
TWO_GPUS = ("--set", "running.declared_gpus=2", "--set", "running.engine_gpus=1", "--workers", "2")


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small checkpoint with random weights, loaded through the real path."""
    return make_checkpoint(tmp_path_factory.mktemp("model") / "tiny")


def command(out: Path, model: Path, schema: str, *more: str, limit: int = 8) -> list[str]:
    return [
        sys.executable, "-m", "docpipe", "run", str(SAMPLES), "--schema", schema, "--engine", "qwen2-vl", "--model",
        str(model), "--out", str(out), "--limit", str(limit), "--json", "--quiet", *QUICK, *more,
    ]  # fmt: skip


def outcomes(out: Path) -> dict[str, dict[str, Any]]:
    show = [sys.executable, "-m", "docpipe", "show", str(out), "--json"]
    found = [json.loads(line) for line in subprocess.run(show, capture_output=True, check=True).stdout.splitlines()]
    assert set(Counter(one["source_uri"] for one in found).values()) == {1}
    return {one["source_uri"]: one for one in found}


@pytest.mark.parametrize("schema", ["invoice", "form", "table", "chart"])
def test_two_actors_read_what_one_process_reads(model: Path, tmp_path: Path, schema: str) -> None:
    limit = 8 if schema == "invoice" else 4
    for name, more in (("alone", ("--workers", "0")), ("spread", TWO_GPUS)):
        done = subprocess.run(
            command(tmp_path / name, model, schema, *more, limit=limit), capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["engine"] == "qwen2-vl"
    alone, spread = outcomes(tmp_path / "alone"), outcomes(tmp_path / "spread")
    assert len(alone) == limit
    for uri, one in alone.items():
        for key in ("status", "record", "violations", "failure"):
            assert spread[uri][key] == one[key], (uri, key)
    known = {node.name for node in load_schema(schema).root.children}
    assert all(set(one["record"]) == known for one in alone.values())


def test_an_actor_killed_in_the_middle_is_replaced_and_nothing_is_lost(model: Path, tmp_path: Path) -> None:
    """Once a document is committed both engines have others: the workers keep a dozen in flight."""
    out, documents = tmp_path / "out", 30
    more = (*TWO_GPUS, "--set", "running.commit_documents=1")
    process = subprocess.Popen(
        command(out, model, "invoice", *more, limit=documents), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
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
    assert len(outcomes(out)) == documents
