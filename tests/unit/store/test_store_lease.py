"""One writer at a time; a dead one does not stand in the way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from docpipe.errors import OutputLocked
from docpipe.store import lease as leases
from docpipe.store.lease import EXPIRY_S, acquire_file
from tests.waiting import wait_until


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "_lease.json"


def change(path: Path, **fields: object) -> None:
    """Make the lease look like another process's."""
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def let_expire(path: Path) -> None:
    then = time.time() - EXPIRY_S - 1
    os.utime(path, (then, then))


def test_a_released_lease_can_be_taken_again(tmp_path: Path, path: Path) -> None:
    acquire_file(tmp_path, "one").release()
    assert not path.exists()
    acquire_file(tmp_path, "two").release()


def test_a_live_process_on_this_machine_keeps_its_lease_however_old(tmp_path: Path, path: Path) -> None:
    held = acquire_file(tmp_path, "one")
    let_expire(path)
    with pytest.raises(OutputLocked, match="run one"):
        acquire_file(tmp_path, "two")
    held.release()


def test_a_dead_process_on_this_machine_loses_it_at_once(tmp_path: Path, path: Path) -> None:
    code = "import os, pathlib, sys; from docpipe.store.lease import acquire_file;"
    code += "acquire_file(pathlib.Path(sys.argv[1]), 'dead'); os._exit(0)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    assert json.loads(path.read_text())["run_id"] == "dead"
    acquire_file(tmp_path, "two").release()


def test_another_process_with_the_same_number_is_not_the_holder(tmp_path: Path, path: Path) -> None:
    held = acquire_file(tmp_path, "one")
    change(path, started="1", token="other")
    acquire_file(tmp_path, "two").release()
    held.release()


@pytest.mark.parametrize("damage", ["elsewhere", "being written"])
def test_a_lease_from_elsewhere_holds_until_it_expires(
    tmp_path: Path, path: Path, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "WATCH", 0.0001)
    held = acquire_file(tmp_path, "one")
    if damage == "elsewhere":
        change(path, machine="another", host="far", pid=1, token="other")
    else:
        path.write_text("")
    with pytest.raises(OutputLocked, match="far" if damage == "elsewhere" else "another run"):
        acquire_file(tmp_path, "two")
    let_expire(path)
    acquire_file(tmp_path, "two").release()
    held.release()


def test_a_holder_that_was_taken_over_finds_out_and_leaves_the_lease_alone(tmp_path: Path, path: Path) -> None:
    held = acquire_file(tmp_path, "one")
    change(path, run_id="two", token="other")
    with pytest.raises(OutputLocked, match="taken over by run two"):
        held.check()
    held.release()
    assert path.exists()


def test_the_lease_is_renewed_while_it_is_held(tmp_path: Path, path: Path) -> None:
    held = acquire_file(tmp_path, "one", expiry_s=0.1)
    let_expire(path)
    wait_until(lambda: time.time() - path.stat().st_mtime <= EXPIRY_S)
    held.release()
