"""An engine that says what it was told to: for tests, demonstrations and fault drills.

A script is a list of answers, used in turn and from the start again. An answer is a JSON object (sent
as the reply's text), a string (sent as it is), or a fault: {"fault": "error" | "length" |
"repetition" | "garbage" | "crash" | "hang" | "dead"}; "dead" is a lost device: this and every later
answer is an error.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import os
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from docpipe.engine.base import Engine, EngineInfo, Need
from docpipe.engine.factory import Availability, EngineFactory
from docpipe.errors import EngineUnavailable
from docpipe.records import Reply, Request


class ScriptedEngine(Engine):
    """Answers from `answers` after `delay_s` each, `slots` at a time. It stands for a model.

    `looks_again`: it writes tokens and may be asked again. `busy_s` adds up the seconds in which at least one slot
    was at work; `started_s` and `ended_s` are the first and last moment of work on time.monotonic's clock.
    """

    def __init__(
        self,
        answers: Sequence[Any],
        *,
        delay_s: float = 0.0,
        slots: int = 1,
        needs: frozenset[Need] = frozenset({"pixels"}),
        looks_again: bool = False,
    ) -> None:
        script = json.dumps([list(answers), sorted(needs)], sort_keys=True, default=str)
        self.info = EngineInfo(
            "scripted",
            f"scripted:{hashlib.sha256(script.encode()).hexdigest()[:16]}",
            needs,
            slots=slots,
            writes_tokens=looks_again,
            looks_again=looks_again,
            is_model=True,
        )
        self._answers = itertools.cycle(answers or [{}])
        self._delay_s = delay_s
        self._free = asyncio.Semaphore(slots)
        self._at_work = 0
        self._since = 0.0
        self.dead = ""
        self.busy_s = 0.0
        self.started_s: float | None = None
        self.ended_s = 0.0

    async def answer(self, request: Request) -> Reply:  # noqa: ARG002  it answers as told, whatever is asked
        async with self._free:
            self._begin()
            started = time.perf_counter()
            try:
                answer = next(self._answers)
                await asyncio.sleep(self._delay_s)
                return await self._reply(answer, started)
            finally:
                self._end()

    async def _reply(self, answer: Any, started: float) -> Reply:
        fault = answer.get("fault") if isinstance(answer, Mapping) else None
        if fault == "crash":
            os.kill(os.getpid(), signal.SIGKILL)
        if fault == "hang":
            await asyncio.Event().wait()
        seconds = time.perf_counter() - started
        if fault == "dead":
            self.dead = "scripted loss"
        if fault == "error" or self.dead:
            return Reply("", "error", self.info.name, seconds=seconds, error=self.dead or "scripted fault")
        if fault == "garbage":
            return Reply("I cannot read this page.", "stop", self.info.name, seconds=seconds)
        if fault in ("length", "repetition"):
            return Reply(json.dumps(answer.get("answer", {})), fault, self.info.name, seconds=seconds)
        text = answer if isinstance(answer, str) else json.dumps(answer)
        return Reply(text, "stop", self.info.name, seconds=seconds)

    def _begin(self) -> None:
        now = time.monotonic()
        self.started_s = now if self.started_s is None else self.started_s
        self._since = now if self._at_work == 0 else self._since
        self._at_work += 1

    def _end(self) -> None:
        self._at_work -= 1
        self.ended_s = time.monotonic()
        if self._at_work == 0:
            self.busy_s += self.ended_s - self._since

    def measure(self) -> Mapping[str, float]:
        """`busy_s` and `span_s`, once it has answered."""
        return {} if self.started_s is None else {"busy_s": self.busy_s, "span_s": self.ended_s - self.started_s}

    def close(self) -> None:
        """Nothing is held."""


def read_script(path: str) -> ScriptedEngine:
    """The engine of a JSON file {"answers": [...], "delay_s": 0.0, "slots": 1, "needs": ["pixels"]}.

    `"looks_again": true` lets it be asked a second time. Raises EngineUnavailable if the file is missing
    or not such a script.
    """
    try:
        script = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(script["answers"], list) or script.get("slots", 1) < 1 or not script.get("delay_s", 0.0) >= 0:
            raise ValueError("answers is a list, slots are 1 or more, delay_s is 0 or more")
        return ScriptedEngine(
            script["answers"],
            delay_s=float(script.get("delay_s", 0.0)),
            slots=int(script.get("slots", 1)),
            needs=frozenset(script.get("needs", ["pixels"])),
            looks_again=script.get("looks_again") is True,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise EngineUnavailable(
            f"the scripted engine needs --model SCRIPT.json: {error}",
            remedy='A script looks like {"answers": [{"total": 12.5}], "delay_s": 0.05}.',
        ) from error


class ScriptedFactory(EngineFactory):
    """For tests; as the first engine it gets actors as a model would."""

    name = "scripted"
    takes_model = True
    light = True

    def availability(self, model: str) -> Availability:  # noqa: ARG002  a script is looked at when it is named
        return Availability(self.name, True, "answers from a script (--model FILE); for tests")

    def build(self, model: str, settings: None) -> ScriptedEngine:  # noqa: ARG002  it has none
        return read_script(model)


FACTORY = ScriptedFactory()
