"""Who is read next: admission to slots, and the pieces of each packed step. No tensor is touched here."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Protocol

from docpipe.engine.qwen2vl.attention import SHORT, Piece
from docpipe.engine.qwen2vl.sequence import Sequence


class SharedHeads(Protocol):
    """What the scheduler asks of the prefixes in the cache."""

    def knows(self, head: tuple[int, ...]) -> bool: ...

    def restore(self, slot: int, head: tuple[int, ...]) -> int: ...

    def keep(self, slot: int, head: tuple[int, ...]) -> None: ...


@dataclass(slots=True)
class Load:
    """How much one step may hold. Halved when the device runs out of memory, down to `floor`; doubled again, at most
    to where it began, after `patience` full steps that fitted. A step that is not full would not be larger either.

    If memory runs out again after that, twice the patience is needed from then on.
    """

    step_tokens: int
    vision_tokens: int
    floor: int = 64
    patience: int = 64
    _most: tuple[int, int] = field(init=False)
    _full: int = field(default=0, init=False)
    _grown: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        self._most = (self.step_tokens, self.vision_tokens)

    def halve(self) -> bool:
        """False if there is nothing left to halve."""
        if self.step_tokens <= self.floor and self.vision_tokens <= self.floor:
            return False
        self.step_tokens = min(self.step_tokens, max(self.floor, self.step_tokens // 2))
        self.vision_tokens = min(self.vision_tokens, max(self.floor, self.vision_tokens // 2))
        self.patience *= 1 + self._grown
        self._full, self._grown = 0, False
        return True

    def ran(self, tokens: int) -> None:
        """Takes note of a step of `tokens` that fitted."""
        if (self.step_tokens, self.vision_tokens) == self._most:
            return
        self._full += tokens >= self.step_tokens
        if self._full >= self.patience:
            self.step_tokens = min(2 * self.step_tokens, self._most[0])
            self.vision_tokens = min(2 * self.vision_tokens, self._most[1])
            self._full, self._grown = 0, True


@dataclass(frozen=True, slots=True)
class Step:
    """One packed forward: `sequences[i]` feeds `pieces[i]`; pages of `unseen` go through the vision tower first."""

    sequences: tuple[Sequence, ...]
    pieces: tuple[Piece, ...]
    unseen: tuple[Sequence, ...]
    waiting: int  # requests that found no slot

    @property
    def asking(self) -> list[int]:
        """Indices of the sequences whose piece is their last: they get a token from this step."""
        return [at for at, sequence in enumerate(self.sequences) if self.pieces[at].stop == len(sequence)]


class Scheduler:
    """Keeps every slot at work: a slot that falls free is refilled before the next step."""

    def __init__(self, slots: int, load: Load, heads: SharedHeads) -> None:
        self.slots: list[Sequence | None] = [None] * slots
        self.waiting: deque[Sequence] = deque()
        self._load, self._heads = load, heads

    @property
    def busy(self) -> list[Sequence]:
        return [slot for slot in self.slots if slot is not None]

    @property
    def idle(self) -> bool:
        return not self.waiting and not self.busy

    def add(self, sequence: Sequence) -> None:
        self.waiting.append(sequence)

    def schedule(self) -> Step | None:
        """The next step, or None if nothing is asked."""
        self._drop_cancelled()
        self._admit()
        pieces = self._pieces()
        if not pieces:
            return None
        sequences = tuple(self._in(piece.slot) for piece in pieces)
        return Step(sequences, tuple(pieces), self._unseen(sequences), len(self.waiting))

    def advance(self, step: Step, tokens: list[int], logprobs: list[float]) -> list[Sequence]:
        """Takes the tokens chosen for `step.asking`; returns the finished, their slots free again."""
        for sequence, piece in zip(step.sequences, step.pieces, strict=True):
            if sequence.cached < sequence.prompt.head <= piece.stop:
                self._heads.keep(piece.slot, sequence.head)
            sequence.cached = piece.stop
            if not sequence.reading:
                sequence.features = None
        asked = [step.sequences[at] for at in step.asking]
        for sequence, token, logprob in zip(asked, tokens, logprobs, strict=True):
            sequence.write(token, logprob)
        finished = [sequence for sequence in asked if sequence.finish is not None]
        for sequence in finished:
            self.release(sequence)
        return finished

    def release(self, sequence: Sequence) -> None:
        """Frees the slot, or the place in the queue."""
        if sequence.slot >= 0:
            self.slots[sequence.slot] = None
            sequence.slot = -1
        elif sequence in self.waiting:
            self.waiting.remove(sequence)

    def _in(self, slot: int) -> Sequence:
        sequence = self.slots[slot]
        assert sequence is not None
        return sequence

    def _drop_cancelled(self) -> None:
        for sequence in [*self.busy, *self.waiting]:
            if sequence.reply.cancelled():
                self.release(sequence)

    def _admit(self) -> None:
        """First come, first served. A head that is just being read is waited for, not read twice."""
        for slot, holder in enumerate(self.slots):
            if not self.waiting:
                return
            if holder is not None:
                continue
            head = self.waiting[0].head
            if not self._heads.knows(head) and self._reading(head):
                return
            sequence = self.waiting.popleft()
            sequence.slot, sequence.cached = slot, self._heads.restore(slot, head)
            self.slots[slot] = sequence

    def _reading(self, head: tuple[int, ...]) -> bool:
        return any(job.cached < job.prompt.head and job.head == head for job in self.busy)

    def _pieces(self) -> list[Piece]:
        """Short pieces of every slot, then prompts, oldest first, as far as the step reaches; ordered by slot."""
        room = self._load.step_tokens
        pieces = []
        for sequence in sorted(self.busy, key=lambda job: (job.pending > SHORT, job.started)):
            count = min(sequence.pending, room)
            if count > 0:
                pieces.append(Piece(sequence.slot, sequence.cached, count))
                room -= count
        return sorted(pieces, key=lambda piece: piece.slot)

    def _unseen(self, sequences: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
        """Those in this step whose pages were not seen, and the next in the queue that fill the tower's call."""
        unseen = [sequence for sequence in sequences if sequence.needs_features]
        if not unseen:
            return ()
        tokens = sum(len(job.prompt.visual) for job in unseen)
        for job in self.waiting:
            tokens += len(job.prompt.visual)
            if tokens > self._load.vision_tokens:
                break
            if job.needs_features:
                unseen.append(job)
        return tuple(unseen)
