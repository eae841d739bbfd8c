"""How long a process took, without what a busy machine kept from it. Linux only.

A second in which a process had the CPU, or slept though it could have had it, is its own. One in which
it was ready to run and did not get the CPU is the machine's: no time limit may count it.
"""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path

_WAITS = {"R": 1.0, "D": 0.9, "T": 0.5, "t": 0.5}
"""What of a second belongs to the machine, by the state that a thread was seen in (proc(5)): ready to run, waiting
for a disk, stopped from outside. Not all of the last two, so that nothing can stay in them for ever."""


class Stopwatch:
    """Runs from when it is made, and is looked at every `every_s` seconds or so.

    `cpu_s` is CPU time divided by the `threads` that the process may compute with at once, `idle_s` the time in
    which no thread ran or wanted to. A much longer gap between two looks was the watcher's own wait for a CPU: no
    more than two times `every_s` of it is taken for idle.
    """

    def __init__(self, pid: int, threads: int = 1, every_s: float = 0.25) -> None:
        self._pid, self._threads, self.every_s = pid, threads, every_s
        self.cpu_s = self.idle_s = 0.0
        self._at, self._cpu_s, self._delay_s = time.monotonic(), _cpu_s(pid) or 0.0, _delays(pid)[0]

    @property
    def seconds(self) -> float:
        """The process's own, up to the last look."""
        return self.cpu_s + self.idle_s

    def look(self, *, idle: bool = True) -> float:
        """`seconds` up to now; the last of them may not be `idle` if the process has done what it was to do."""
        now, cpu_s = time.monotonic(), _cpu_s(self._pid)
        if cpu_s is None:  # it is gone, and so is what it used since the last look
            return self.seconds
        passed_s, ran_s = now - self._at, max(0.0, cpu_s - self._cpu_s)
        self.cpu_s += min(passed_s, ran_s / self._threads)
        if idle:
            delay_s, state_share = _delays(self._pid)
            waited_s = max(delay_s - self._delay_s, state_share * passed_s)
            self.idle_s += max(0.0, min(passed_s, 2 * self.every_s) - ran_s - waited_s)
            self._delay_s = delay_s
        self._at, self._cpu_s = now, cpu_s
        return self.seconds

    def is_due(self) -> bool:
        """Whether the last look was long enough ago."""
        return time.monotonic() - self._at >= self.every_s


def kept_waiting_s() -> float:
    """Seconds for which the calling thread was ready to run and did not get a CPU; 0 where nobody counts."""
    return _delay_s(Path("/proc/thread-self/schedstat"))


def _cpu_s(pid: int) -> float | None:
    """CPU seconds of all threads of a process, those that ended included; None if it is gone.

    The clock's number is what clock_getcpuclockid(3) gives, which Python does not have.
    """
    with suppress(OSError):
        return time.clock_gettime((~pid << 3) | 2)
    return None


def _delays(pid: int) -> tuple[float, float]:
    """(seconds that its threads have waited for a CPU, the machine's share of a second in their present states)."""
    delay_s = share = 0.0
    with suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            delay_s += _delay_s(thread / "schedstat")
            with suppress(OSError):
                state = (thread / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2][:1]
                share = max(share, _WAITS.get(state, 0.0))
    return delay_s, share


def _delay_s(schedstat: Path) -> float:
    """Documentation/scheduler/sched-stats.rst: nanoseconds on the CPU, nanoseconds waiting for one, time slices."""
    try:
        return int(schedstat.read_text(encoding="ascii").split()[1]) / 1e9
    except (OSError, IndexError, ValueError):
        return 0.0
