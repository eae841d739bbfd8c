"""Right, wrong, missing, spurious: what every precision and recall here is made of.

The four outcomes of MUC-5 (Chinchor and Sundheim, "MUC-5 Evaluation Metrics", 1993). A wrong value
counts against precision and against recall, so that a guess costs more than a null.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(slots=True)
class Score:
    """Counts of one field; `f1`, `precision`, `recall` in [0, 1], 0.0 where nothing was counted."""

    right: int = 0
    wrong: int = 0  # a value that the truth contradicts
    missing: int = 0  # null where the truth has a value
    spurious: int = 0  # a value where the truth is null, or in a row that the truth does not have

    @property
    def labelled(self) -> int:
        """Values that the truth has."""
        return self.right + self.wrong + self.missing

    @property
    def errors(self) -> int:
        return self.wrong + self.missing + self.spurious

    @property
    def precision(self) -> float:
        return self.right / max(self.right + self.wrong + self.spurious, 1)

    @property
    def recall(self) -> float:
        return self.right / max(self.labelled, 1)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(2 * self.right + 2 * self.wrong + self.missing + self.spurious, 1)

    def add(self, other: Score) -> None:
        """Take in the counts of `other`."""
        self.right += other.right
        self.wrong += other.wrong
        self.missing += other.missing
        self.spurious += other.spurious

    def as_tuple(self) -> tuple[int, int, int, int]:
        """(right, wrong, missing, spurious)."""
        return self.right, self.wrong, self.missing, self.spurious


def total(scores: Iterable[Score]) -> Score:
    """The sum of `scores`: micro averages are its properties."""
    found = Score()
    for score in scores:
        found.add(score)
    return found


def macro_f1(scores: Iterable[Score]) -> float:
    """Mean F1 over fields, each field alike; 0.0 of none. Fields of which nothing was counted are left out."""
    counted = [score.f1 for score in scores if score.labelled or score.spurious]
    return sum(counted) / len(counted) if counted else 0.0
