"""What makes documents of a kind hard to read, each difficulty by its name, and how often it is met.

data/traits.json holds for a kind the share of hard documents at which it is as hard as real ones (`as_real`; measured
by benchmarks/parity.py), and for a hard document the chance of each difficulty. A plain document has none.
"""

from __future__ import annotations

from random import Random
from typing import Final

from docpipe.synth.places import data

Traits = frozenset[str]
NONE: Final[Traits] = frozenset()


def hard_kinds() -> tuple[str, ...]:
    """The kinds that can be hard."""
    return tuple(data("traits.json"))


def as_real(kind: str) -> float:
    """The share of hard documents at which `kind` is as hard as real documents; 0 for a kind that cannot be hard."""
    known = data("traits.json")
    return float(known[kind]["as_real"]) if kind in known else 0.0


def chances(kind: str) -> dict[str, float]:
    """Every difficulty of `kind` and how often a hard document has it."""
    return dict(data("traits.json")[kind]["traits"])


def told_of(traits: Traits) -> dict[str, list[str]]:
    """What the label's line says of a document's difficulties: nothing where there are none."""
    return {"traits": sorted(traits)} if traits else {}


def draw_traits(kind: str, seed: int, index: int, hard: float) -> Traits:
    """The difficulties of document `index`, with the chance `hard` that it has any. They come from chance of their
    own: what a document says and how it looks is drawn as if it had none.
    """
    if hard <= 0 or kind not in hard_kinds():
        return NONE
    rng = Random(f"traits {kind} {seed} {index}")
    if rng.random() >= hard:
        return NONE
    drawn = {name for name, chance in chances(kind).items() if rng.random() < chance}
    return frozenset(drawn or {rng.choice(sorted(chances(kind)))})
