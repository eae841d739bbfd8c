"""A child of the sandbox for tests: `python -m tests.faults.worker_of_jobs`. Does as its job says."""

from __future__ import annotations

import signal
import time

from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.child.confine import Answer, serve
from docpipe.settings import Settings


def load(settings: Settings) -> object:
    return work


def work(job: wire.Message, memory: Descriptor | None) -> Answer:
    if job.get("without_timer"):
        signal.setitimer(signal.ITIMER_PROF, 0)
    time.sleep(job.get("sleep_s", 0))
    ends_s = time.process_time() + job.get("spin_s", 0)
    while time.process_time() < ends_s:
        pass
    return {"done": True}, None


if __name__ == "__main__":
    serve(load)  # type: ignore[arg-type]
