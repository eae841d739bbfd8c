"""Two runs at once, and disks that are full: real processes, typed reasons, whole tables afterwards."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pymupdf
import pytest

from docpipe.store.read import read_outcomes
from tests.bucket import make_bucket, s3_server, speaking_to

pytestmark = pytest.mark.slow
DOCUMENTS = 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small pages, all different."""
    found = tmp_path_factory.mktemp("pages")
    for number in range(DOCUMENTS):
        with pymupdf.open() as document:
            document.new_page(width=200, height=100).insert_text((20, 40), f"page {number}")
            document.save(found / f"{number:02}.pdf")
    return found


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, int]]:
    with s3_server() as address, speaking_to(*address):
        yield address


@pytest.fixture(params=["folder", "bucket"])
def out(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        return str(tmp_path / "out")
    return make_bucket(*request.getfixturevalue("server"), "two-at-once") + "/out"


@pytest.fixture
def command(folder: Path, tmp_path: Path) -> Callable[..., list[str]]:
    """`docpipe run` with an engine that always says 1.25 and commits every second document."""

    def named(out: str, delay_s: float = 0.0) -> list[str]:
        script = tmp_path / f"script-{delay_s}.json"
        script.write_text(json.dumps({"answers": [{"total": 1.25}], "delay_s": delay_s, "needs": ["words"]}))
        return [
            sys.executable, "-m", "docpipe", "run", str(folder), "--schema", "invoice", "--out", out, "--quiet",
            "--engine", "scripted", "--model", str(script), "--workers", "0",
            "--set", "running.commit_documents=2", "--set", "running.lease_expiry_s=5",
        ]  # fmt: skip

    return named


def assert_each_once(out: str, folder: Path) -> None:
    found = list(read_outcomes(out))
    assert Counter(one["source_uri"] for one in found) == Counter(str(path) for path in folder.iterdir())
    assert float(sum(one["record"]["total"] for one in found)) == 1.25 * DOCUMENTS


def test_of_two_runs_that_start_in_the_same_second_one_works_and_the_other_names_it(
    command: Callable[..., list[str]], folder: Path, out: str
) -> None:
    both = [
        subprocess.Popen(command(out, 0.5), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    told = {one.pid: one.communicate()[1] for one in both}
    codes = {one.pid: one.returncode for one in both}
    assert sorted(codes.values()) == [0, 4], told
    (winner,), (loser,) = ([pid for pid, code in codes.items() if code == wanted] for wanted in (0, 4))
    assert "OUTPUT_LOCKED" in told[loser]
    assert f"process {winner} on " in told[loser]
    assert "since 20" in told[loser]
    assert_each_once(out, folder)


LIMITS = [600, 2_000, 6_000, 9_000, 15_000, 30_000]  # bytes of a file; sources/ and evidence/ pass some of them


@pytest.mark.parametrize("most_bytes", LIMITS)
def test_a_run_that_may_write_no_more_ends_with_a_reason_and_the_next_one_is_whole(
    command: Callable[..., list[str]], folder: Path, tmp_path: Path, most_bytes: int
) -> None:
    out = str(tmp_path / "out")

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # so that the write fails, as on a disk that is full
        resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, most_bytes))

    done = subprocess.run(command(out), capture_output=True, text=True, check=False, preexec_fn=limit)
    assert done.returncode in (0, 2, 4), done.stderr
    if done.returncode:
        assert done.stderr.startswith(("docpipe: STORE_ERROR", "docpipe: OUTPUT_UNWRITABLE")), done.stderr
        assert "File too large" in done.stderr
        assert "earlier commit" not in done.stderr, "the first reason is told"
    else:
        assert most_bytes == LIMITS[-1], "the others are too little"
    assert subprocess.run(command(out), capture_output=True, check=False).returncode == 0
    assert_each_once(out, folder)


@pytest.mark.parametrize("size_kb", [8, 60, 150])
def test_a_run_on_a_disk_that_fills_up_ends_with_a_reason_and_the_next_one_is_whole(
    command: Callable[..., list[str]], folder: Path, tmp_path: Path, size_kb: int
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()

    def mount(options: str) -> bool:
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(disk)], capture_output=True, check=False
        )
        return made.returncode == 0

    if not mount(f"size={size_kb}k"):
        pytest.skip("no file system can be mounted here")
    try:
        out = str(disk / "out")
        done = subprocess.run(command(out), capture_output=True, text=True, check=False)
        assert done.returncode in (2, 4)
        assert done.stderr.startswith(("docpipe: STORE_ERROR", "docpipe: OUTPUT_UNWRITABLE")), done.stderr
        assert "No space left" in done.stderr
        assert "free space" in done.stderr or "--out" in done.stderr
        assert mount("remount,size=50m")
        assert subprocess.run(command(out), capture_output=True, check=False).returncode == 0
        assert_each_once(out, folder)
    finally:
        subprocess.run(["umount", str(disk)], check=False)
