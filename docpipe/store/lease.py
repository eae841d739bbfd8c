"""One writer an output. The lease is a file that its holder keeps young while it lives."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

from docpipe.errors import OutputLocked

LEASE = "_lease.json"
_NEW = f"{LEASE}."  # begins the name of a lease that is being written
EXPIRY_S = 120.0  # of a lease that nobody renews, unless its holder says otherwise
BEATS = 12  # in that time: a stalled network disk should not cost a run its lease
LOCK_TRIES, LOCK_WAIT_S = 600, 0.1  # a taker keeps the lock while it watches a stale lease: see WATCH
WATCH = 0.2  # of that time, two beats and more: how long a taker looks whether it is renewed after all


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a lease. `machine` and `started` tell a process from a later one with its number.

    `expiry_s`: how long the lease outlives its last beat, for whoever may want to take it over.
    """

    run_id: str
    host: str
    machine: str
    pid: int
    started: str
    since: str
    token: str
    expiry_s: float = EXPIRY_S

    @property
    def beat_s(self) -> float:
        """Seconds between renewals."""
        return self.expiry_s / BEATS

    def __str__(self) -> str:
        return f"run {self.run_id} (process {self.pid} on {self.host}) since {self.since}"


def is_lease_file(name: str) -> bool:
    """Whether a file at the root of an output is its lease, or was to become it."""
    return name == LEASE or name.startswith(_NEW)


class FileLease:
    """A `Lease` that is a file. A thread renews it."""

    def __init__(self, path: Path, holder: Holder) -> None:
        self._path = path
        self._holder = holder
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="docpipe-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        holder = _read(self._path)
        if holder is None or holder.token != self._holder.token:
            raise OutputLocked(f"{self._path.parent} was taken over by {holder or 'another run'}")

    def release(self) -> None:
        self._ended.set()
        self._thread.join()
        with suppress(OutputLocked, OSError), _alone(self._path.parent):  # nobody takes it over between the two
            self.check()
            self._path.unlink()

    def _beat(self) -> None:
        while not self._ended.wait(self._holder.beat_s):
            with suppress(OutputLocked, OSError):  # the next commit finds out and says so
                self.check()
                os.utime(self._path)


def acquire_file(out: Path, run_id: str, expiry_s: float = EXPIRY_S) -> FileLease:
    """Take the lease of the existing folder `out`; raises OutputLocked if somebody holds it, OSError."""
    path = out / LEASE
    with _alone(out):
        if path.exists():
            holder = _read(path)
            if _holds(path, holder):
                raise OutputLocked(f"{out} is being written by {holder or 'another run'}")
            path.unlink(missing_ok=True)
        mine = myself(run_id, expiry_s)
        _create(path, json.dumps(asdict(mine)).encode())
    return FileLease(path, mine)


@contextmanager
def cramped(out: Path) -> Iterator[None]:
    """Holds the output as a lease does, on a disk that has no room for one: for deleting alone.

    The lease is an empty file, which others take for one that is just being written until it has run out.
    """
    path = out / LEASE
    with _alone(out):
        if path.exists() and _holds(path, _read(path)):
            raise OutputLocked(f"{out} is being written by {_read(path) or 'another run'}")
        path.unlink(missing_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _create(path: Path, data: bytes) -> None:
    """The file appears whole, or not at all; raises OutputLocked if there is one by now."""
    new = path.with_name(f"{_NEW}{uuid.uuid4().hex[:8]}")
    try:
        new.write_bytes(data)
        try:
            os.link(new, path)
        except FileExistsError:
            raise OutputLocked(f"{path.parent} was taken by another run a moment ago") from None
        except OSError:  # a file system without links: nearly as good, under the lock of the folder
            new.replace(path)
    finally:
        with suppress(OSError):
            new.unlink(missing_ok=True)


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two takers of one stale lease come one after the other, where the disk has locks.

    Raises OutputLocked where somebody keeps the lock: a process that was stopped in the middle of taking it.
    """
    folder = os.open(out, os.O_RDONLY)
    try:
        for _ in range(LOCK_TRIES):
            try:
                fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(LOCK_WAIT_S)
            except OSError:  # no locks here
                break
            else:
                break
        else:
            raise OutputLocked(f"{out} is being taken by another run")
        yield
    finally:
        os.close(folder)


def _read(path: Path) -> Holder | None:
    """The holder that the lease names; None if it names none (just being written, or damaged)."""
    try:
        return holder_of(path.read_bytes())
    except OSError:
        return None


def holder_of(data: bytes) -> Holder | None:
    """The holder that a lease's bytes name; None if they name none."""
    try:
        document = json.loads(data)
        known = {field.name: document[field.name] for field in fields(Holder) if field.name in document}
        return Holder(**{**known, "expiry_s": float(document.get("expiry_s", EXPIRY_S))})
    except (ValueError, TypeError, AttributeError):
        return None


def is_kept(holder: Holder | None, age_s: float, stamp: Callable[[], object]) -> bool:
    """Whether a lease was renewed `age_s` ago, too lately to have run out, or is renewed while we look on.

    Clocks differ, and step: what seems to be old, or from the future, is watched before it is believed.
    `stamp` changes with every renewal.
    """
    expiry_s = EXPIRY_S if holder is None else holder.expiry_s
    if abs(age_s) < expiry_s:
        return True
    before = stamp()
    time.sleep(expiry_s * WATCH)
    return stamp() != before


def _holds(path: Path, holder: Holder | None) -> bool:
    """Whether the holder lives. On this machine its process tells, elsewhere the lease's age.

    A live process keeps its lease however late its beat is: it may be stopped halfway through a
    commit, and would go on with it.
    """
    if holder is not None and holder.machine == _machine():
        return _process_started(holder.pid) == holder.started
    try:
        return is_kept(holder, time.time() - path.stat().st_mtime, lambda: path.stat().st_mtime_ns)
    except FileNotFoundError:
        return False


def myself(run_id: str, expiry_s: float) -> Holder:
    """This process as a holder."""
    return Holder(
        run_id=run_id,
        host=socket.gethostname(),
        machine=_machine(),
        pid=os.getpid(),
        started=_process_started(os.getpid()) or "",
        since=datetime.now(UTC).isoformat(timespec="seconds"),
        token=uuid.uuid4().hex,
        expiry_s=expiry_s,
    )


def _machine() -> str:
    """Names the set of processes that process numbers here speak of: a boot and a pid namespace."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        return f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return socket.gethostname()


def _process_started(pid: int) -> str | None:
    """When process `pid` began, in the kernel's ticks since boot; None if it is dead or a zombie.

    Where there is no /proc, "" for any process of that number.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None if Path("/proc/self").exists() else _exists(pid)
    fields = stat.rpartition(")")[2].split()  # the name before it may hold spaces: proc(5)
    return None if fields[0] in "ZX" else fields[19]


def _exists(pid: int) -> str | None:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""
