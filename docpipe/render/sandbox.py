"""A process that may be killed at any moment, and what its death means for the job it had.

    answer           the child replied; nothing in the reply is believed yet
    RenderTimeout    its timer ended it, or it took longer than that in its parent's eyes: never tried again
    RenderCrash      it died twice on the same job, each time in a fresh process
    RenderKilled     somebody else killed it each time: no fault of the job, to be tried again another time

Times are a process's own (see `stopwatch`): CPU time, and such in which it slept without a reason.

One thread owns the child: it starts it, since the kernel's parent-death signal follows the thread
that forked (prctl(2), PR_SET_PDEATHSIG), and it asks one job after another, in order.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import math
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import docpipe
from docpipe.errors import RenderCrash, RenderKilled, RenderTimeout
from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.stopwatch import Stopwatch
from docpipe.render.untrusted import refusal
from docpipe.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

BACKSTOP_S = 5.0  # over the child's own timer, which is the one that should fire; a sleeping child meets only this
START_S = 30.0  # more for the first job: interpreter, imports, models
_ATTEMPTS = 2
_KILLS = 8  # of one job by somebody else; with the pauses between them about 12 s
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 4.0  # after a kill, twice as long each time: memory may be free again by then
_FROM_OUTSIDE = {-signal.SIGKILL, -signal.SIGTERM, -signal.SIGHUP, -signal.SIGINT}  # no fault of a program ends so
_LAST_BREATH_S = 5.0  # for a child that has closed its channel to be gone
_FIRST_FREE_FD = 3
_SHORTEST_S = 0.01  # a timer of zero would never fire
_KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")

Answer = tuple[wire.Message, "npt.NDArray[np.uint8] | None"]


@dataclass(slots=True)
class Meter:
    """`seconds` of its own that a child worked on one document: no wait for other jobs or for a CPU is in it.

    At `most_s` the job that is at work then is ended as if it had reached its own limit.
    """

    seconds: float = 0.0
    most_s: float = math.inf


class Child:
    """A killable process that runs `module`, started again whenever it is needed and gone.

    Jobs are JSON objects and must stand alone: a fresh child knows nothing of those before. One that
    holds more than `resident_bytes` of memory after a job is replaced before the next. Its CPU time counts
    as that of one of its `threads`.
    """

    def __init__(
        self,
        module: str,
        memory_bytes: int,
        settings: Settings,
        resident_bytes: int | None = None,
        threads: int = 1,
    ) -> None:
        self._module = module
        self._threads = threads
        tree = {"limits": asdict(settings.limits), "render": asdict(settings.render)}
        self._arguments = (str(memory_bytes), json.dumps(tree))
        self._documents_per_child = settings.limits.documents_per_child
        self._most_bytes = 3 * settings.limits.max_image_pixels
        self._resident_bytes = resident_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._answered = False
        self._served: set[str] = set()
        self._closed = threading.Event()
        self._lifecycle = threading.Lock()  # close() comes from another thread than the owner
        self._owner = ThreadPoolExecutor(max_workers=1, thread_name_prefix=module)

    def start(self) -> None:
        """Begin to start the process; returns at once."""
        self._owner.submit(self._started)

    async def ask(
        self, job: wire.Message, memory: Descriptor | None, *, document: str, timeout_s: float, meter: Meter
    ) -> Answer:
        """The child's reply to `job`, with which `memory` goes, and a copy of the bytes that came along.

        Waits for the jobs before it.

        Cancelling the wait takes a job that has not begun off the queue; one that has begun runs
        to its end and its answer is dropped. Raises RenderTimeout, RenderCrash, RenderKilled, or the
        DocumentError that the child reports. `timeout_s` is the child's own time. `document` names whose
        job it is, `meter` takes that time.
        """
        if self._closed.is_set():
            raise RenderCrash("the renderer is closed")
        limited = self._owner.submit(self._ask, job, memory, document, timeout_s, meter)
        return await asyncio.wrap_future(limited)

    def close(self) -> None:
        """Kill the process, fail the job it has, cancel those that wait. Safe to call twice."""
        with self._lifecycle:
            self._closed.set()
            if self._process is not None:
                self._process.kill()
        self._owner.shutdown(wait=True, cancel_futures=True)
        self._stop()

    def _ask(
        self, job: wire.Message, memory: Descriptor | None, document: str, timeout_s: float, meter: Meter
    ) -> Answer:
        if (document not in self._served and len(self._served) >= self._documents_per_child) or self._is_swollen():
            self._stop()
        deaths = kills = 0
        while deaths < _ATTEMPTS and kills < _KILLS:
            channel, watch = self._started()
            self._served.add(document)
            most_s = max(_SHORTEST_S, min(timeout_s, meter.most_s - meter.seconds))
            try:
                untrusted, pixels = self._exchange(channel, job, memory, most_s, watch)
            except TimeoutError:
                self._stop()
                why = "slept" if watch.idle_s > watch.cpu_s else "worked"
                raise RenderTimeout(f"{why} for more than {most_s:g} s") from None
            except (OSError, EOFError, ValueError):
                watch.look(idle=False)
                ended = self._stop(_LAST_BREATH_S)
                if ended == -signal.SIGPROF:
                    raise RenderTimeout(f"not done within {most_s:g} s of CPU time") from None
                if ended in _FROM_OUTSIDE:
                    self._closed.wait(min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2**kills))
                    kills += 1
                else:
                    deaths += 1
                continue
            finally:
                meter.seconds += watch.seconds
            if (error := refusal(untrusted)) is not None:
                raise error
            return untrusted, pixels
        if kills >= _KILLS:
            raise RenderKilled(f"{self._module} was killed {kills} times, and not by docpipe")
        raise RenderCrash(f"{self._module} died {_ATTEMPTS} times on this document")

    def _exchange(
        self, channel: socket.socket, job: wire.Message, memory: Descriptor | None, most_s: float, watch: Stopwatch
    ) -> Answer:
        backstop_s = most_s + (BACKSTOP_S if self._answered else START_S)

        def patience() -> float:
            if watch.is_due() and watch.look() > backstop_s:
                raise TimeoutError
            return watch.every_s

        wire.send(channel, {**job, "cpu_s": most_s * self._threads}, memory)
        untrusted, theirs = wire.receive(channel, patience)
        watch.look(idle=False)
        self._answered = True
        return untrusted, None if theirs is None else wire.copied(theirs, self._most_bytes)

    def _started(self) -> tuple[socket.socket, Stopwatch]:
        """The channel to a live child, and a watch on it. Only the owner's thread may call this: see above."""
        with self._lifecycle:
            if self._closed.is_set():
                raise RenderCrash("the renderer is closed")
            if self._channel is None or self._process is None:
                self._channel, theirs = map(_off_standard, socket.socketpair())
                with theirs:
                    self._process = self._spawn(theirs.fileno())
            return self._channel, Stopwatch(self._process.pid, self._threads)

    def _spawn(self, channel_fd: int) -> subprocess.Popen[bytes]:
        """-P: the working directory holds inputs, perhaps; no module is imported from it."""
        return subprocess.Popen(
            (sys.executable, "-P", "-m", self._module, str(os.getpid()), str(channel_fd), *self._arguments),
            pass_fds=(channel_fd,),
            env=_environment(),
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,  # a terminal's Ctrl-C is for the parent, which then ends the child
        )

    def _is_swollen(self) -> bool:
        if self._resident_bytes is None or self._process is None:
            return False
        try:
            pages = int(Path(f"/proc/{self._process.pid}/statm").read_text(encoding="ascii").split()[1])  # proc(5)
        except OSError:  # it is gone: the job will notice
            return False
        return pages * resource.getpagesize() > self._resident_bytes

    def _stop(self, breath_s: float = 0.0) -> int | None:
        """End the process if there is one; its exit status as subprocess gives it, if it ended by itself.

        It has `breath_s` for that: one whose channel broke is about to be dead, and is to tell by which signal.
        """
        with self._lifecycle:
            channel, process = self._channel, self._process
            self._channel, self._process = None, None
        self._served.clear()
        self._answered = False
        if channel is None or process is None:
            return None
        channel.close()
        try:
            return process.wait(breath_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return None


def _off_standard(channel: socket.socket) -> socket.socket:
    """The same channel by a number that is no standard stream's: where ours are closed, a child's would replace it."""
    if channel.fileno() >= _FIRST_FREE_FD:
        return channel
    with channel:
        return socket.socket(fileno=fcntl.fcntl(channel.fileno(), fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_FD))


def confinement() -> dict[str, object]:
    """What this system lets a child give up, tried in one: `landlock` (the version, 0 for none), `network`.

    Empty where a child cannot be started.
    """
    command = (sys.executable, "-P", "-m", "docpipe.render.child.confine", str(1024**3), str(os.getpid()))
    done = subprocess.run(command, env=_environment(), cwd="/", capture_output=True, check=False, timeout=START_S)
    confined: dict[str, object] = json.loads(done.stdout) if done.returncode == 0 else {}
    return confined


def scripts_read() -> dict[str, bool]:
    """Script -> whether the recogniser here reads it, asked in a process of its own; empty where there is none."""
    command = (sys.executable, "-P", "-m", "docpipe.render.child.ocr.scripts")
    done = subprocess.run(command, env=_environment(), cwd="/", capture_output=True, check=False, timeout=START_S)
    read: dict[str, bool] = json.loads(done.stdout) if done.returncode == 0 else {}
    return read


def _environment() -> dict[str, str]:
    """What a child may know: no proxies, no tokens; one thread for libraries that would take all."""
    kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    package_root = str(Path(docpipe.__file__).resolve().parents[1])
    single = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}
    return {**kept, **single, "PYTHONPATH": package_root}
