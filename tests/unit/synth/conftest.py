from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from docpipe.synth import generate
from docpipe.synth.invoice.plan import SAMPLED


@dataclass(frozen=True)
class Folder:
    path: Path
    labels: list[dict[str, Any]]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """Two dozen invoices of one seed as the samples have them, written once for all tests of this room."""
    out = generate("invoice", 24, 3, tmp_path_factory.mktemp("synth"), languages=SAMPLED, degrade="samples")
    lines = (out / "labels.jsonl").read_text(encoding="utf-8").splitlines()
    return Folder(out, [json.loads(line) for line in lines])
