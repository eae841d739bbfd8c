"""One request on its way: its prompt, what it has written, and how much of both the KV holds."""

from __future__ import annotations

import math
import time
from concurrent.futures import Future
from dataclasses import dataclass, field

import torch
from torch import Tensor

from docpipe.engine.qwen2vl.grammar import Guide
from docpipe.engine.qwen2vl.prompt import Prompt
from docpipe.engine.qwen2vl.repetition import goes_in_circles
from docpipe.errors import EngineError
from docpipe.records import Finish


@dataclass(slots=True, eq=False)
class Sequence:
    """A prompt and its answer. A step feeds whatever of the two the slot does not hold yet.

    limit     tokens the answer may have;   circle: the span of the repetition guard
    cached    tokens whose KV the slot holds
    features  (levels, visual tokens, hidden) of the pages, from the vision tower until the prompt is read:
              the first level stands in the tokens' places, each further one is added after a layer of its own
    fault     why the grammar gave up, if it did
    reply     done when `finish` is known
    """

    prompt: Prompt
    guide: Guide
    limit: int
    circle: int
    reply: Future[None]
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    cached: int = 0
    slot: int = -1
    features: Tensor | None = None
    fault: str = ""
    started: float = field(default_factory=time.perf_counter)

    def __post_init__(self) -> None:
        self._write_forced(self.guide.forced())

    def __len__(self) -> int:
        return len(self.prompt) + len(self.tokens)

    @property
    def pending(self) -> int:
        """Tokens that the next steps must feed before this sequence is asked for another."""
        return len(self) - self.cached

    @property
    def reading(self) -> bool:
        """Still in its prompt."""
        return self.cached < len(self.prompt)

    @property
    def head(self) -> tuple[int, ...]:
        """The tokens before the first page."""
        return self.prompt.ids[: self.prompt.head]

    @property
    def needs_features(self) -> bool:
        return bool(self.prompt.pages) and self.features is None and self.reading

    def ids(self, start: int, stop: int) -> list[int]:
        """Tokens from `start` to `stop` of prompt and answer."""
        read = len(self.prompt)
        return [*self.prompt.ids[start:stop], *self.tokens[max(0, start - read) : max(0, stop - read)]]

    def positions(self, start: int, stop: int) -> Tensor:
        """(3, stop - start) int64: the prompt's own, then counting on from them."""
        delta, read = self.prompt.delta, len(self.prompt)
        if start >= read:
            return torch.arange(start + delta, stop + delta).expand(3, -1)
        written = torch.arange(read + delta, max(stop, read) + delta).expand(3, -1)
        return torch.cat([self.prompt.positions[:, start:stop], written], dim=1)

    def seen(self, start: int, stop: int) -> tuple[Tensor, Tensor]:
        """(rows, features): which of the tokens from `start` to `stop` are visual, and what the tower saw there.

        rows (n,) int64 counted from `start`, features (levels, n, hidden).
        """
        assert self.features is not None
        low, high = torch.searchsorted(self.prompt.visual, torch.tensor([start, stop])).tolist()
        return self.prompt.visual[low:high] - start, self.features[:, low:high]

    def write(self, token: int, logprob: float) -> None:
        """Takes the token that the model chose, and after it those that the grammar forces."""
        self.tokens.append(token)
        self.logprobs.append(logprob)
        try:
            self._write_forced(self.guide.accept(token))
        except EngineError as error:
            self.fault = error.message

    def _write_forced(self, tokens: list[int]) -> None:
        self.tokens += tokens
        self.logprobs += [math.nan] * len(tokens)

    @property
    def finish(self) -> Finish | None:
        """Why the answer has ended, or None while it goes on."""
        if self.fault:
            return "error"
        if len(self.tokens) > self.limit:
            return "length"
        if self.guide.done:
            return "stop"
        if len(self.tokens) == self.limit:
            return "length"
        return "repetition" if goes_in_circles(self.tokens, self.circle) else None
