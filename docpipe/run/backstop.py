"""In this process nobody kills a worker that is stuck: code that keeps the event loop too long is interrupted instead.

On Ray the same silence costs a worker its life (run.cluster.driver). Here a timer of the kernel raises TimeoutError
in the code that is at work, regular expressions included, and that fails its document. The timer counts the CPU time
of this process: a busy machine, or a stop of the whole process, fails nobody. Native code that looks for no signals
cannot be reached so.
"""

from __future__ import annotations

import asyncio
import signal
import threading
from types import FrameType

BEAT_S = 1.0


async def beating(limit_s: float) -> None:
    """Run this beside the work: once the loop has used `limit_s` of CPU without coming back, TimeoutError is raised.

    Does nothing in another thread than the main one, where no handler can be set. Cancel it when the work is done.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.signal(signal.SIGPROF, _interrupt)
    try:
        while True:
            signal.setitimer(signal.ITIMER_PROF, limit_s)
            await asyncio.sleep(BEAT_S)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _interrupt(_: int, __: FrameType | None) -> None:
    raise TimeoutError("it kept the process for longer than a document may take")
