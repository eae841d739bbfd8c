"""What a child that has been taken over still could not do."""

from __future__ import annotations

import json
import os
import platform
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pymupdf
import pytest

from docpipe.intake.content import read_content
from docpipe.render.child import landlock, seccomp
from docpipe.render.renderer import DECODER, Renderer
from docpipe.render.sandbox import Child, Meter, confinement
from docpipe.settings import Limits, Settings

MEMORY_BYTES = 900 * 1024**2


def decoders() -> set[Path]:
    """/proc folders of the decoders that this process started."""
    return {
        folder
        for folder in Path("/proc").glob("[0-9]*")
        if f"PPid:\t{os.getpid()}\n" in read(folder / "status")
        and "docpipe.render.child.decoder" in read(folder / "cmdline")
    }


def read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""


@pytest.fixture
async def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The /proc folder of a decoder that has already served a document."""
    for name in ("HTTPS_PROXY", "https_proxy", "AWS_SECRET_ACCESS_KEY", "HF_TOKEN", "LD_PRELOAD"):
        monkeypatch.setenv(name, "" if name == "LD_PRELOAD" else "secret")
    file = pymupdf.open()
    file.new_page()
    file.save(tmp_path / "a.pdf")
    limits = Limits(decoder_memory_bytes=MEMORY_BYTES)
    before = decoders()
    with Renderer(Settings(limits=limits)) as renderer:
        await renderer.open(read_content(tmp_path / "a.pdf", limits))
        (folder,) = decoders() - before
        yield folder


async def test_it_knows_no_secrets_and_no_proxies(child: Path) -> None:
    names = {entry.partition("=")[0] for entry in read(child / "environ").split("\0")}
    assert not {name for name in names if re.search("proxy|key|token|secret|preload", name, re.IGNORECASE)}


async def test_its_memory_files_and_core_are_limited(child: Path) -> None:
    limits = {line[:26].strip(): line[26:].split()[:2] for line in read(child / "limits").splitlines()}
    assert limits["Max address space"] == [str(MEMORY_BYTES)] * 2
    assert limits["Max core file size"] == ["0", "0"]
    assert int(limits["Max open files"][1]) <= 64


async def test_it_gains_no_privileges_and_has_no_network(child: Path) -> None:
    assert "NoNewPrivs:\t1" in read(child / "status")
    interfaces = [line.split(":")[0].strip() for line in read(child / "net/dev").splitlines()[2:]]
    if (child / "ns/net").readlink() == Path("/proc/self/ns/net").readlink():
        pytest.skip("this machine lets nobody unshare the network")
    assert interfaces == ["lo"]


async def test_it_is_not_in_the_terminals_process_group(child: Path) -> None:
    assert os.getpgid(int(child.name)) != os.getpgid(0)


ATTEMPTS = """
    import ctypes, json, os, signal, socket, sys, threading
    from pathlib import Path
    from docpipe.render.child.confine import confine

    folder = Path(sys.argv[1])
    kept = os.open(folder / "kept.txt", os.O_RDONLY)
    holds = confine(1 << 30, os.getppid())
    parent = os.getppid()
    outcomes = {"landlock": holds.landlock, "seccomp": holds.seccomp, "network": holds.network}

    def attempt(name, act):
        try:
            act()
            outcomes[name] = "done"
        except OSError as error:
            outcomes[name] = type(error).__name__
        except ImportError:
            outcomes[name] = "ImportError"

    def serve():
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))

    def send_a_datagram():
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM)

    def talk_to_a_daemon():
        socket.socket(socket.AF_UNIX)

    def look_into_the_parent():
        if ctypes.CDLL(None, use_errno=True).ptrace(16, parent, 0, 0):  # PTRACE_ATTACH
            raise PermissionError

    def start_a_thread():
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()

    def map_memory():
        memory = os.memfd_create("m", os.MFD_ALLOW_SEALING)
        os.ftruncate(memory, 10)
        assert Path(f"/proc/self/fd/{memory}").read_bytes() == bytes(10)

    attempt("read", lambda: (folder / "secret.txt").read_bytes())
    attempt("list", lambda: os.listdir(folder))
    attempt("etc", lambda: Path("/etc/passwd").read_bytes())
    attempt("environment", lambda: Path(f"/proc/{parent}/environ").read_bytes())
    attempt("write", lambda: (folder / "new.txt").write_bytes(b"x"))
    attempt("write_package", lambda: (Path(sys.modules["docpipe"].__file__).parent / "new.py").write_bytes(b""))
    attempt("delete", lambda: (folder / "secret.txt").unlink())
    attempt("execute", lambda: os.execv(sys.executable, [sys.executable, "-c", "print('{}')"]))
    attempt("kill", lambda: os.kill(parent, signal.SIGCONT))
    attempt("serve", serve)
    attempt("datagram", send_a_datagram)
    attempt("daemon", talk_to_a_daemon)
    attempt("ptrace", look_into_the_parent)
    attempt("thread", start_a_thread)
    attempt("held", lambda: os.pread(kept, 10, 0))
    attempt("memory", map_memory)
    attempt("import", lambda: __import__("docpipe.render.child.pdf.pdf"))
    print(json.dumps(outcomes))
"""


@pytest.fixture
def attempts(tmp_path: Path) -> dict[str, object]:
    """What became of what a process tried after it had been confined."""
    for name in ("kept.txt", "secret.txt"):
        (tmp_path / name).write_text("secret")
    command = [sys.executable, "-c", textwrap.dedent(ATTEMPTS), str(tmp_path)]
    done = subprocess.run(command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True)
    outcomes: dict[str, object] = json.loads(done.stdout)
    return outcomes


def test_it_keeps_what_it_works_with(attempts: dict[str, object]) -> None:
    assert [attempts[name] for name in ("held", "memory", "import", "thread")] == ["done"] * 4


@pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")
def test_the_file_system_is_closed_to_it(attempts: dict[str, object]) -> None:
    tried = ("read", "list", "etc", "environment", "write", "write_package", "delete", "execute")
    assert {name: attempts[name] for name in tried} == dict.fromkeys(tried, "PermissionError")


@pytest.mark.skipif(landlock.version() < 6, reason="this kernel's Landlock knows no scopes")
def test_it_signals_nobody_and_serves_nobody(attempts: dict[str, object]) -> None:
    assert attempts["kill"] == attempts["serve"] == "PermissionError"


@pytest.mark.skipif(platform.machine() not in ("x86_64", "aarch64"), reason="its calls' numbers are not known")
def test_it_opens_no_socket_starts_no_program_and_looks_into_no_process(attempts: dict[str, object]) -> None:
    tried = ("serve", "datagram", "daemon", "execute", "ptrace")
    assert {name: attempts[name] for name in tried} == dict.fromkeys(tried, "PermissionError")
    assert attempts["seccomp"] is True
    assert attempts["network"] is False  # namespaces or not


def test_an_architecture_whose_calls_are_not_known_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "machine", lambda: "riscv64")
    assert seccomp.refuse_calls() is False
    socket.socket().close()


def test_a_kernel_without_landlock_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "_call", lambda *_: -1)  # ENOSYS, or EOPNOTSUPP where it is switched off
    assert landlock.allow_only(["/"]) == 0
    assert landlock.version() == 0
    assert Path("/etc").is_dir()


def test_what_the_system_allows_is_known(attempts: dict[str, object]) -> None:
    found = confinement()
    assert found == {name: attempts[name] for name in ("landlock", "seccomp", "network")}
    assert found["landlock"] == landlock.version()


@pytest.mark.parametrize(("resident_bytes", "replaced"), [(1, True), (1 << 40, False), (None, False)])
async def test_a_child_that_holds_too_much_memory_is_replaced(
    tmp_path: Path, resident_bytes: int | None, replaced: bool
) -> None:
    file = pymupdf.open()
    file.new_page()
    file.save(tmp_path / "a.pdf")
    settings = Settings()
    content = read_content(tmp_path / "a.pdf", settings.limits)
    job = {"op": "open", "doc": content.doc_id, "media_type": content.media_type, "passwords": []}
    before = decoders()
    child = Child(DECODER, settings.limits.decoder_memory_bytes, settings, resident_bytes)
    seen = []
    for _ in range(2):
        answer, _ = await child.ask(job, content.memory, document="a", timeout_s=5, meter=Meter())
        assert answer["page_count"] == 1
        seen.append(decoders() - before)
    child.close()
    assert (seen[0] != seen[1]) is replaced
