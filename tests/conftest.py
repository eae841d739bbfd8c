"""What every room's tests share: a small schema with every kind of field, documents good and bad, checkpoints."""

from __future__ import annotations

import copy
import fcntl
import gc
import io
import itertools
import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from hypothesis import HealthCheck, settings
from PIL import Image

from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.synth.invoice.make import make
from docpipe.synth.invoice.plan import plan

SEED = 4_711

# How fast a machine is that does other things too is no property of the code.
settings.register_profile("steady", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")

# Each worker of pytest-xdist and each process that a test starts computes with one thread: several that wait for each
# other on the same few CPUs take longer than one.
os.environ.setdefault("OMP_NUM_THREADS", "1")

LONGEST_FIRST = (
    "faults/test_run_killed_thirty_times.py",
    "faults/test_run_bucket_killed.py",
    "unit/engine/qwen2vl/test_slots_equal_generate.py",
    "unit/run/test_rerun_model.py",
    "faults/test_qwen2vl_under_ray.py",
    "faults/test_worker_stuck.py",
    "faults/test_run_killed.py",
    "test_packaging.py",
    "unit/extract/test_document.py",
    "unit/run/test_rerun.py",
    "faults/test_chaos.py",
    "faults/test_store_fencing.py",
    "faults/test_hostile_mix.py",
    "contract/test_pools.py",
    "faults/test_run_signals.py",
    "unit/engine/qwen2vl/test_qwen2vl_replies.py",
    "faults/test_store_bucket.py",
    "faults/test_render_bombs.py",
    "faults/test_store_kill.py",
    "unit/synth/test_kinds.py",
    "unit/render/test_orientation.py",
    "faults/test_run_races.py",
    "contract/test_commands_on_a_bucket.py",
    "faults/test_render_busy.py",
    "unit/run/test_job.py",
    "unit/review/test_correct.py",
)
"""Files that take a minute or more where three workers share two cores, the longest first. A long file that begins last
is waited for by all workers but one."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    rank = {Path(__file__).parent / name: at for at, name in enumerate(LONGEST_FIRST)}
    items.sort(key=lambda item: rank.get(item.path, len(rank)))


def pytest_collection_finish() -> None:
    """What stays for the whole run is not looked through at every garbage collection."""
    gc.freeze()


ORDER: dict[str, Any] = {
    "type": "object",
    "title": "Order",
    "description": "A purchase order.",
    "additionalProperties": False,
    "x-docpipe": {
        "checks": [
            {"name": "sum", "left": "net + tax", "op": "==", "right": "total", "tolerance": "0.02"},
            {"name": "rows", "left": "sum(lines.amount)", "op": "==", "right": "net", "severity": "warning"},
            {
                "name": "row",
                "left": "quantity * price",
                "op": "==",
                "right": "amount",
                "tolerance": "0.01",
                "each": "lines",
            },
            {"name": "dates", "left": "due", "op": ">=", "right": "ordered"},
        ]
    },
    "properties": {
        "number": {"type": ["string", "null"], "maxLength": 20, "pattern": "^[A-Z0-9-]+$"},
        "ordered": {"type": ["string", "null"], "format": "date"},
        "due": {"type": ["string", "null"], "format": "date"},
        "sent_at": {"type": ["string", "null"], "format": "date-time"},
        "currency": {"type": ["string", "null"], "format": "currency"},
        "net": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "tax": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "total": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
        "weight": {"type": ["number", "null"]},
        "copies": {"type": ["integer", "null"], "minimum": 0},
        "urgent": {"type": ["boolean", "null"]},
        "kind": {"enum": ["standard", "call_off", None]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "shop": {
            "type": "object",
            "properties": {"name": {"type": ["string", "null"]}, "tax_id": {"type": ["string", "null"]}},
        },
        "lines": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "text": {"type": ["string", "null"]},
                    "quantity": {"type": ["number", "null"], "x-docpipe": {"scale": 3}},
                    "price": {"type": ["number", "null"], "x-docpipe": {"scale": 4}},
                    "amount": {"type": ["number", "null"], "x-docpipe": {"scale": 2}},
                    "batches": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"code": {"type": ["string", "null"]}}},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def order_document() -> dict[str, Any]:
    """A JSON Schema to change at will."""
    return copy.deepcopy(ORDER)


@pytest.fixture(scope="session")
def order() -> Schema:
    """A schema with every kind of field, nested arrays, and four checks."""
    return parse_schema(ORDER, "order")


@pytest.fixture(scope="session")
def invoices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of six digital invoices and their labels.jsonl; read it, do not write to it."""
    folder = tmp_path_factory.mktemp("invoices")
    labels = []
    for index in itertools.count():
        if len(labels) == 6:
            break
        if plan(index, SEED).kind not in ("scan", "photo"):
            made = make(index, SEED)
            (folder / f"{index}.{made.suffix}").write_bytes(made.content)
            labels.append({"file": f"{index}.{made.suffix}", **made.truth})
    (folder / "labels.jsonl").write_text("".join(json.dumps(label) + "\n" for label in labels))
    return folder


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """made_once(name, make): a folder that `make` fills, once for all workers of pytest-xdist; do not write to it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name: str, make: Callable[[Path], object]) -> Path:
        folder = shared / f"shared-{name}"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                half = shared / f"half-{name}"
                shutil.rmtree(half, ignore_errors=True)
                half.mkdir()
                make(half)
                half.rename(folder)
        return folder

    return made


@pytest.fixture(scope="session")
def checkpoints(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Callable[[str], Path]:
    """The name of a shape -> a checkpoint of it with random weights."""

    def checkpoint(shape: str) -> Path:
        from docpipe.engine.qwen2vl.checkpoint import make_checkpoint

        return made_once(shape, lambda folder: make_checkpoint(folder, shape))

    return checkpoint


@pytest.fixture
def mixed(tmp_path: Path, invoices: Path) -> Path:
    """Two good invoices among every input that can be bad today; see BAD for the codes."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    good = sorted(invoices.glob("*.pdf"))[:2]
    for path in good:
        shutil.copy(path, folder)
    for name, content in bad_inputs(good[0].read_bytes()).items():
        (folder / name).write_bytes(content)
    os.mkfifo(folder / "pipe.pdf")
    (folder / "gone.pdf").symlink_to(folder / "nowhere.pdf")
    return folder


BAD = {
    "empty.pdf": "EMPTY_FILE",
    "page.pdf": "TYPE_MISMATCH",
    "notes.txt": "UNSUPPORTED_TYPE",
    "locked.pdf": "ENCRYPTED",
    "half.png": "CORRUPT",
    "half.jpg": "CORRUPT",
    "noise.pdf": "CORRUPT",
    "pipe.pdf": "UNSAFE_PATH",
    "gone.pdf": "UNREADABLE",
}


def bad_inputs(pdf: bytes) -> dict[str, bytes]:
    """File name -> bytes of inputs that cannot be read, made from a good PDF."""
    locked = io.BytesIO()
    with pymupdf.open(stream=pdf, filetype="pdf") as document:
        document.save(locked, encryption=pymupdf.PDF_ENCRYPT_AES_256, user_pw="secret", owner_pw="owner")
    images = {}
    for kind in ("png", "jpg"):
        whole = io.BytesIO()
        chance = random.Random(1)
        noise = Image.frombytes("RGB", (300, 300), chance.randbytes(300 * 300 * 3))
        noise.save(whole, "JPEG" if kind == "jpg" else "PNG")
        images[f"half.{kind}"] = whole.getvalue()[: len(whole.getvalue()) // 2]
    return {
        "empty.pdf": b"",
        "page.pdf": b"<!DOCTYPE html><html><body>Invoice</body></html>",
        "notes.txt": b"just text",
        "locked.pdf": locked.getvalue(),
        "noise.pdf": b"%PDF-1.7\n" + random.Random(2).randbytes(2_000),
        **images,
    }
