"""The wheel is whole: installed alone into a fresh environment, it runs from another folder."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, so that nothing of the checkout changes."""
    copy = tmp_path_factory.mktemp("build") / "docpipe"
    copy.mkdir()
    for name in ("docpipe", "schemas", "pipelines"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    (found,) = (copy / "dist").glob("*.whl")
    return found


def test_schemas_pipelines_and_word_lists_travel_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("schemas", "pipelines"):
        for path in (ROOT / folder).iterdir():
            assert f"docpipe/shipped/{folder}/{path.name}" in names
    for path in (ROOT / "docpipe").rglob("*.json"):
        assert str(path.relative_to(ROOT)) in names
    assert not any(name.startswith(("tests/", "samples/", "benchmarks/")) for name in names)
    metadata = zipfile.ZipFile(wheel).read(next(name for name in names if name.endswith("METADATA"))).decode()
    core = [line for line in metadata.splitlines() if line.startswith("Requires-Dist") and "extra ==" not in line]
    assert core
    assert not any("torch" in line or "transformers" in line for line in core)


@pytest.mark.timeout(900)
def test_the_wheel_runs_in_a_fresh_environment_from_another_folder(wheel: Path, tmp_path: Path, invoices: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    pip = [str(tmp_path / "env/bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "-c", str(ROOT / "constraints.txt"), str(wheel)], check=True)
    docpipe = str(tmp_path / "env/bin/docpipe")
    shutil.copy(invoices / "0.pdf", tmp_path / "0.pdf")

    def run(*arguments: str) -> str:
        done = subprocess.run([docpipe, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert "invoice" in run("schemas", "list")
    truth = json.loads((invoices / "labels.jsonl").read_text().splitlines()[0])
    extracted = json.loads(run("extract", "0.pdf", "--schema", "invoice"))
    assert extracted["record"]["total"] == truth["label"]["total"]
    summary = json.loads(run("run", "0.pdf", "--schema", "invoice", "--pipeline", "invoices", "--json"))
    assert (summary["inputs"], summary["outcomes"]["failed"]) == (1, 0)
    assert json.loads(run("doctor", "--json"))["packages"]["torch"] is None
