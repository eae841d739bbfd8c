"""Where the engine's time goes, and how full its slots were."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields

_WORK = ("vision", "prefill", "decode", "host")  # one after the other; "mask_wait" is inside the two steps


@dataclass(slots=True)
class Stats:
    """Counts since the engine began.

    occupancy_sum, crowded_steps  share of slots at work, summed over the steps that left requests waiting
    prefill_steps                 steps that read a part of some prompt; the others only wrote
    halved                        times the device ran out of memory
    seconds                       of the wall clock: vision, prefill and decode (both with the choice of tokens), host
                                  (bookkeeping between steps), mask (on its own thread), mask_wait (what of it showed)
    """

    slots: int = 0
    steps: int = 0
    occupancy_sum: float = 0.0
    crowded_steps: int = 0
    fed_tokens: int = 0
    output_tokens: int = 0
    forced_tokens: int = 0
    answers: int = 0
    pages: int = 0
    prefill_steps: int = 0
    halved: int = 0
    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys((*_WORK, "mask", "mask_wait"), 0.0))

    @property
    def occupancy(self) -> float:
        """Mean share of slots at work while requests were waiting; 1.0 if none ever had to."""
        return self.occupancy_sum / self.crowded_steps if self.crowded_steps else 1.0

    @property
    def tokens_per_s(self) -> float:
        """Tokens written a second of work."""
        work = sum(self.seconds[part] for part in _WORK)
        return self.output_tokens / work if work else 0.0

    def restart(self) -> None:
        """Counts from here on."""
        fresh = Stats(self.slots)
        for counted in fields(self):
            setattr(self, counted.name, getattr(fresh, counted.name))

    @contextmanager
    def timing(self, part: str) -> Iterator[None]:
        """Adds the seconds inside the block to `seconds[part]`."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[part] += time.perf_counter() - began

    def count_answer(self, logprobs: Sequence[float]) -> None:
        """One answer ended; forced tokens have no log-probability."""
        self.answers += 1
        self.output_tokens += len(logprobs)
        self.forced_tokens += sum(map(math.isnan, logprobs))

    def count_step(self, busy: int, waiting: int, fed: int) -> None:
        """One step with `busy` slots at work and `waiting` requests that found none."""
        self.steps += 1
        self.fed_tokens += fed
        if waiting:
            self.crowded_steps += 1
            self.occupancy_sum += busy / self.slots
