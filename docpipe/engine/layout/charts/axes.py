"""Axes of values: tick labels that lie on one scale, linear or logarithmic.

A label that was misread lies off the scale that most of the others agree on, and is thrown out.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import log10
from operator import attrgetter

import numpy as np

from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Phrase, Picture, phrase
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number

MOST_LABELS = 60  # in one row or column that are looked at
_TICK = re.compile(r"(?P<before>[^\d\s.,+-]{0,3}\s?)(?P<number>[-+]?\s?\d[\d., ']*)\s?(?P<unit>%|[^\W\d_]{1,3})?")
_POWERS = {"k": 1e3, "K": 1e3, "M": 1e6, "B": 1e9, "G": 1e9, "T": 1e12}
_MINUS = str.maketrans({"−": "-", "–": "-", "—": "-"})
_NOUGHT = ("O", "o", "Q")


@dataclass(frozen=True, slots=True)
class Tick:
    """A label with a number, and the middle of its box along the axis."""

    value: float
    at: float
    label: Phrase


@dataclass(frozen=True, slots=True)
class Scale:
    """From places to values: value = slope * at + start, or ten to the power of that. `upright`: along y."""

    ticks: tuple[Tick, ...]
    slope: float
    start: float
    log: bool
    upright: bool

    def value(self, at: float) -> float:
        """The value at a place in pixels."""
        raw = self.slope * at + self.start
        return float(10.0**raw) if self.log else raw

    def at(self, value: float) -> float:
        """The place of a value; one that a logarithmic scale has not is at its least tick."""
        if self.log:
            value = log10(max(value, self.least))
        return (value - self.start) / self.slope

    @property
    def least(self) -> float:
        return min(tick.value for tick in self.ticks)

    @property
    def most(self) -> float:
        return max(tick.value for tick in self.ticks)

    @property
    def span(self) -> float:
        return self.most - self.least

    @property
    def weight(self) -> tuple[int, float]:
        """How much speaks for it: its ticks, and how far apart the outer ones are."""
        return len(self.ticks), self.ticks[-1].at - self.ticks[0].at

    @property
    def step_px(self) -> float:
        """The distance of two ticks."""
        places = sorted(tick.at for tick in self.ticks)
        return float(np.median(np.diff(places)))

    @property
    def percent(self) -> bool:
        return sum("%" in tick.label.text for tick in self.ticks) * 2 > len(self.ticks)

    def decimals(self, at: float) -> int:
        """How many decimals a value read at a place deserves: its pixel says no more."""
        step = abs(self.value(at + 0.5) - self.value(at - 0.5)) or 1.0
        return max(0, min(6, round(-log10(step) + 0.6)))


def tick_value(text: str, conventions: Conventions) -> float | None:
    """The number that a tick label says: "80,000", "2.5M", "60%", "$40"; None if it says none."""
    text = text.translate(_MINUS).strip().removesuffix("-")  # the tick itself
    if text in _NOUGHT:
        return 0.0
    match = _TICK.fullmatch(text)
    if match is None:
        return None
    number = parse_number(
        match["number"].replace(" ", "") if match["number"][0] in "+-" else match["number"], conventions.mark
    )
    return None if number is None else float(number) * _POWERS.get(match["unit"] or "", 1.0)


def scales(picture: Picture, conventions: Conventions, named: Collection[int] = ()) -> tuple[list[Scale], list[Scale]]:
    """(along x, along y): every axis of values, those with the most ticks first. `named`: words of the legend."""
    labels = [
        (value, label)
        for value, label in _labels(picture, conventions)
        if not any(token.index in named for token in label.tokens)
    ]
    found: tuple[list[Scale], list[Scale]] = ([], [])
    for upright in (False, True):
        taken: set[int] = set()
        while (scale := _best(labels, taken, picture.em, upright)) is not None:
            taken |= {token.index for tick in scale.ticks for token in tick.label.tokens}
            found[upright].append(scale)
    return found


def _labels(picture: Picture, conventions: Conventions) -> Iterator[tuple[float, Phrase]]:
    """What may be a tick label: a word, or several words that are one number."""
    for several in picture.phrases:
        if len(several.tokens) > 1 and not several.turned:
            value = tick_value(several.text, conventions)
            if value is not None:
                yield value, several
    for word in picture.level:
        value = tick_value(word.text, conventions)
        if value is not None:
            yield value, phrase((word,))


def _best(labels: Sequence[tuple[float, Phrase]], taken: set[int], em: float, upright: bool) -> Scale | None:
    """The scale that most of the labels not `taken` agree on."""
    free = [(value, label) for value, label in labels if not any(token.index in taken for token in label.tokens)]
    best: Scale | None = None
    for group in _aligned(free, em, upright):
        scale = _fitted([_tick(value, label, upright) for value, label in group], em, upright)
        if scale is not None and (best is None or scale.weight > best.weight):
            best = scale
    return best


def _tick(value: float, label: Phrase, upright: bool) -> Tick:
    return Tick(value, label.box.mid_y if upright else label.box.mid_x, label)


def _aligned(labels: Sequence[tuple[float, Phrase]], em: float, upright: bool) -> Iterator[list[tuple[float, Phrase]]]:
    """Labels in one column by their right or left edge or their middle, or in one row."""
    edges = [attrgetter(side) for side in (("right", "left", "mid_x") if upright else ("mid_y",))]
    seen: set[frozenset[int]] = set()
    for edge in edges:
        for _, anchor in labels:
            group = [
                (value, label)
                for value, label in labels
                if abs(edge(label.box) - edge(anchor.box)) <= PARAMS.axes.aligned_em * em
            ][:MOST_LABELS]
            known = frozenset(label.tokens[0].index for _, label in group)
            if len(group) >= PARAMS.axes.least_ticks and known not in seen:
                seen.add(known)
                yield group


def _fitted(ticks: Sequence[Tick], em: float, upright: bool) -> Scale | None:
    """The line through the places of most ticks; a logarithmic one only where it takes in more of them."""
    linear = _agreeing(ticks, [tick.value for tick in ticks], em)
    positive = [tick for tick in ticks if tick.value > 0]
    log = _agreeing(positive, [log10(tick.value) for tick in positive], em)
    is_log = len(log) > len(linear)
    agreed = log if is_log else linear
    if len({tick.value for tick in agreed}) < PARAMS.axes.least_ticks:
        return None
    places = np.array([tick.at for tick in agreed])
    values = np.array([log10(tick.value) if is_log else tick.value for tick in agreed])
    slope, start = np.polyfit(places, values, 1)
    if abs(slope) * np.ptp(places) < 1e-12 or (upright and slope > 0) or (not upright and slope < 0):
        return None
    return Scale(tuple(sorted(agreed, key=lambda tick: tick.at)), float(slope), float(start), is_log, upright)


def _agreeing(ticks: Sequence[Tick], values: Sequence[float], em: float) -> list[Tick]:
    """The largest set of ticks whose places lie on one line with their values."""
    best: list[Tick] = []
    if len(ticks) < PARAMS.axes.least_ticks:
        return best
    places, numbers = np.array([tick.at for tick in ticks]), np.array(values)
    for one, other in combinations(range(len(ticks)), 2):
        rise, run = numbers[other] - numbers[one], places[other] - places[one]
        if not rise or abs(run) < em * PARAMS.axes.off_em:
            continue
        off = np.abs(places[one] + (numbers - numbers[one]) * run / rise - places)
        near = np.flatnonzero(off <= PARAMS.axes.off_em * em)
        if len(near) > len(best):
            best = [ticks[at] for at in near.tolist()]
    return best


def label_boxes(axes: Iterable[Scale]) -> set[int]:
    """The indices of the words that are tick labels."""
    return {token.index for scale in axes for tick in scale.ticks for token in tick.label.tokens}
