"""Ray itself: started for this run or joined, in a thread that lives as long as it does.

The kernel ends Ray's processes when the thread that started them ends (prctl(2), PR_SET_PDEATHSIG). And whoever
waits in the main thread hears signals, which Ray's start in the main thread would not.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Any

import ray

from docpipe.errors import ClusterUnreachable, RunAborted, WorkersLost
from docpipe.run.ray_address import knock, ray_address
from docpipe.settings import Running

KNOCK_S = 15.0  # name look-up, connection and first words
JOIN_S = 180.0  # for a head that answers
CLOSE_S = 60.0  # an interrupted start is brought to its end first; the kernel sees to what is left after that


class Session:
    """A Ray that is up. `close` ends it, or leaves the cluster that was joined."""

    def __init__(self, running: Running) -> None:
        self._running = running
        self._address = ray_address(os.environ)
        self._answered, self._up, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._error: BaseException | None = None
        self._actors: list[Any] = []
        self._thread = threading.Thread(target=self._live, name="docpipe-ray", daemon=True)
        self._thread.start()
        try:
            self._wait()
        except BaseException:
            self.close()
            raise

    def close(self, actors: list[Any] | None = None) -> None:
        """End `actors` and Ray; takes at most CLOSE_S, whatever has become of Ray's processes."""
        self._actors = actors or []
        self._ended.set()
        if self._answered.is_set():  # else it still looks up a name, and started nothing
            self._thread.join(CLOSE_S)

    def _wait(self) -> None:
        """Until Ray is up. Raises ClusterUnreachable, or WorkersLost where a Ray of its own cannot be started."""
        if self._address and not self._answered.wait(KNOCK_S):
            raise ClusterUnreachable(f"no Ray answers at RAY_ADDRESS={self._address} in {KNOCK_S:.0f} s")
        if not self._up.wait(JOIN_S if self._address else None):
            raise ClusterUnreachable(f"the Ray at RAY_ADDRESS={self._address} lets nobody join in {JOIN_S:.0f} s")
        error = self._error
        if isinstance(error, RunAborted):
            raise error
        if error is not None and self._address:
            raise ClusterUnreachable(f"cannot join the Ray at {self._address}: {last_line(error)}") from error
        if error is not None:
            raise WorkersLost(f"Ray could not be started: {last_line(error)}") from error

    def _live(self) -> None:
        # Ctrl-C and a hang-up reach every process of the terminal. What is started here does not hear them: it is
        # ended when the run has committed.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
        try:
            if self._address:
                knock(self._address)
            self._answered.set()
            if not self._ended.is_set():
                _start(self._address, self._running)
        except BaseException as error:  # noqa: BLE001  raised again where somebody waits
            self._error = error
        self._answered.set()
        self._up.set()
        self._ended.wait()
        if self._error is None:
            for actor in self._actors:
                ray.kill(actor)
        ray.shutdown()


def _start(address: str | None, running: Running) -> None:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a run tells nobody that it ran
    ray.init(
        address=address or "local",
        num_cpus=None if address else max(running.workers or 0, os.cpu_count() or 1),
        num_gpus=None if address else running.declared_gpus,
        include_dashboard=None if address else False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )


def last_line(error: BaseException) -> str:
    """What an error of Ray's comes to: the last line of its text."""
    lines = [line for line in str(error).splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__
