"""A Ray that does not answer is told in one line, soon, and leaves nothing behind; a signal does not wait for it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import killed_at_last

pytestmark = pytest.mark.slow


def start(address: str, inbox: Path, out: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "docpipe", "run", str(inbox), "--schema", "invoice", "--engine", "layout"]
    environment = {**os.environ, "RAY_ADDRESS": address}
    return subprocess.Popen(
        [*command, "--out", str(out), "--quiet"], text=True, stderr=subprocess.PIPE, env=environment
    )


def test_nobody_listens(invoices: Path, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with killed_at_last(start(f"127.0.0.1:{port}", invoices, tmp_path / "out")) as run:
        errors = run.communicate()[1]
    assert run.returncode == 4
    first, remedy = errors.splitlines()
    assert first == f"docpipe: CLUSTER_UNREACHABLE: no Ray answers at RAY_ADDRESS=127.0.0.1:{port}: Connection refused"
    assert "RAY_ADDRESS" in remedy
    assert not (tmp_path / "out" / "_lease.json").exists()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_while_nobody_answers(invoices: Path, tmp_path: Path, name: str) -> None:
    heeded = signal.signal(signal.SIGINT, signal.default_int_handler)  # in a shell's background it is ignored
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            with killed_at_last(start(f"127.0.0.1:{server.getsockname()[1]}", invoices, tmp_path / "out")) as run:
                connection, _ = server.accept()  # the run waits for an answer
                run.send_signal(getattr(signal, name))
                errors = run.communicate()[1]
                connection.close()
    finally:
        signal.signal(signal.SIGINT, heeded)
    assert run.returncode == 4
    assert f"docpipe: INTERRUPTED: the run was interrupted by {name}" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / "out" / "_lease.json").exists()
