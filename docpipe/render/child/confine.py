"""The child's side of the sandbox: give up rights, then serve jobs until the parent is gone."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

import docpipe
from docpipe.errors import Corrupt, DocumentError, InternalError
from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.child.blame import is_the_documents
from docpipe.render.child.landlock import allow_only
from docpipe.render.child.seccomp import refuse_calls
from docpipe.settings import Limits, Render, Settings

Answer = tuple[wire.Message, Descriptor | None]
Handler = Callable[[wire.Message, Descriptor | None], Answer]

_OPEN_FILES = 64
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PR_SET_NO_NEW_PRIVS = 38
_CLONE_NEWNET = 0x40000000  # linux/sched.h
_CLONE_NEWUSER = 0x10000000


@dataclass(frozen=True, slots=True)
class Confinement:
    """What the system let this process give up. `landlock` is the version that holds, 0 for none.

    `seccomp`: dangerous calls are refused. `network`: it is still within reach.
    """

    landlock: int
    seccomp: bool
    network: bool


def confine(memory_bytes: int, parent_pid: int) -> Confinement:
    """Tie this process to its parent's life and take away memory, files and the network.

    The parent may have died before the death signal was armed, hence the check after it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:
        os._exit(1)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (_OPEN_FILES, _OPEN_FILES))
    cut_off = libc.unshare(_CLONE_NEWNET) == 0  # allowed to root only; else as our own namespace's root
    cut_off = cut_off or libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) == 0
    for ending in (signal.SIGPROF, signal.SIGPIPE, signal.SIGINT):  # the exit status is then to say which it was
        signal.signal(ending, signal.SIG_DFL)
    landlock, seccomp = allow_only(_needed_paths()), refuse_calls()
    return Confinement(landlock, seccomp, network=not (cut_off or seccomp))


def _needed_paths() -> Iterator[str]:
    """What decoders load while they work: modules, shared libraries, models; and what they ask of the CPU.

    Of a checkout only the package, and of a site-packages all: beside a checkout's package lies anything.
    """
    package = Path(docpipe.__file__).resolve().parent
    yield str(package)
    for entry in filter(None, sys.path):
        if Path(entry).resolve() != package.parent or Path(entry).name in ("site-packages", "dist-packages"):
            yield entry
    yield from (f"{sys.base_prefix}/lib", "/lib", "/lib64", "/usr/lib", "/usr/local/lib", "/etc/ld.so.cache")
    yield from ("/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system", "/dev/null", "/dev/urandom")


def serve(load: Callable[[Settings], Handler]) -> NoReturn:
    """The child's main: `load` the decoder under its limits, then answer jobs one at a time.

    Each job runs under a timer of CPU time, of all threads together, whose signal keeps its default
    action: it ends this process even while a C library spins with the interpreter's lock held. argv: the parent's
    pid, the channel's descriptor, the memory limit in bytes, the limits and render settings as JSON.
    """
    parent_pid, channel_fd, memory_bytes = (int(argument) for argument in sys.argv[1:4])
    confine(memory_bytes, parent_pid)
    channel = socket.socket(fileno=channel_fd)
    handle = load(_settings(sys.argv[4]))
    while True:
        try:
            job, memory = wire.receive(channel)
        except EOFError:
            os._exit(0)
        signal.setitimer(signal.ITIMER_PROF, job["cpu_s"])
        message, pixels = _answer(handle, job, memory)
        signal.setitimer(signal.ITIMER_PROF, 0)
        wire.send(channel, message, pixels)
        if message.get("error", {}).get("code") == wire.OUT_OF_MEMORY:
            os._exit(0)


def _settings(text: str) -> Settings:
    tree = json.loads(text)
    return Settings(limits=Limits(**tree["limits"]), render=Render(**tree["render"]))


def _answer(handle: Handler, job: wire.Message, memory: Descriptor | None) -> Answer:
    try:
        return handle(job, memory)
    except DocumentError as error:
        return _refusal(error.code, error.message), None
    except MemoryError:
        return _refusal(wire.OUT_OF_MEMORY, ""), None
    except Exception as error:  # noqa: BLE001 - whatever is raised is this document's, not the run's
        kind = Corrupt if is_the_documents(error) else InternalError
        return _refusal(kind.code, f"{type(error).__name__}: {error}"), None


def _refusal(code: str, message: str) -> wire.Message:
    return {"error": {"code": code, "message": message[:500]}}


if __name__ == "__main__":  # for `sandbox.confinement`: what holds here
    print(json.dumps(asdict(confine(int(sys.argv[1]), int(sys.argv[2])))))
