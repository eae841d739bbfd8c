"""The numbers of all scores, each by its name, from weights.json.

A score is a product of factors, so its logarithm is a sum of weights: a log-linear model. A factor of 1 says nothing,
one of 0.5 that a reading is half as good. `numbers` are factors, but for some that their first word tells apart:

odds               how many times more frequent a sign is among wrong values than among right ones
choice             what checks add to a choice of several values, or take away from it
issuer, recipient  added up
exponent           of a measure that is a factor itself: how well a key is a label, how well a print fits its type
threshold          what a score is compared with

`shares` are how often what a rule finds is right. `calibration` is, by kind of evidence, how often a value of a
score is right: a rising line through a few points.

benchmarks/fit_weights.py writes the file, and says which of its numbers a fit may change.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import exp, log
from typing import Any

Knots = tuple[tuple[float, float], ...]
Features = tuple[tuple[str, float], ...]
"""(name of a number, how often its factor counts); of an exponent, the logarithm of the measure."""


@cache
def _read() -> Mapping[str, Any]:
    read: dict[str, Any] = json.loads(files(__package__).joinpath("weights.json").read_text(encoding="utf-8"))
    return read


def weight(name: str) -> float:
    """The number of that name; KeyError if weights.json has none."""
    return float(_read()["numbers"][name])


def weights(group: str) -> Mapping[str, float]:
    """The numbers whose names begin with "<group>.", by the rest of their names."""
    begin = f"{group}."
    return {name.removeprefix(begin): number for name, number in _read()["numbers"].items() if name.startswith(begin)}


def shares(name: str) -> tuple[float, ...]:
    """The shares of that name."""
    return tuple(_read()["shares"][name])


def calibration() -> Mapping[str, Knots]:
    """Kind of evidence -> (score, share of such values that are right), rising."""
    return {kind: tuple((x, y) for x, y in knots) for kind, knots in _read()["calibration"].items()}


@cache
def _logarithms() -> Mapping[str, float]:
    numbers: Mapping[str, float] = _read()["numbers"]
    return {name: number if name.startswith("exponent.") else log(number) for name, number in numbers.items()}


def score_of(features: Features) -> float:
    """exp of the sum of weight times amount: the product of all factors. KeyError for an unknown name."""
    logarithms = _logarithms()
    return exp(sum(logarithms[name] * amount for name, amount in features))
