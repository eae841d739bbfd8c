"""A short chaos: random commands on one output, several at once and killed at random (benchmarks/chaos.py)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]
SCRIPT = Path(__file__).parents[2] / "benchmarks" / "chaos.py"


def chaos(kind: str, rounds: int, seed: int) -> dict[str, Any]:
    command = [sys.executable, str(SCRIPT), "--out-kind", kind, "--rounds", str(rounds), "--seed", str(seed), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    tally: dict[str, Any] = json.loads(done.stdout)
    wrong = ("lost", "doubled", "corrections_lost", "erasures_undone", "stray", "verify_dirty", "defects")
    assert {name: tally[name] for name in wrong} == dict.fromkeys(wrong, 0), done.stderr
    return tally


def test_what_was_acknowledged_outlives_kills_and_neighbours() -> None:
    tally = chaos("disk", rounds=8, seed=3)
    assert tally["rounds"] == 8
    assert tally["kills"] >= 3, "nothing was put to the test"


def test_it_does_so_in_a_bucket() -> None:
    assert chaos("bucket", rounds=2, seed=4)["rounds"] == 2
