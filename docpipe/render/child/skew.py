"""By how many degrees the rows of a page slope. In numpy alone: both child processes need it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Gray = npt.NDArray[np.uint8]
    Rows = npt.NDArray[np.float32]

MIN_SKEW, MAX_SKEW = 0.2, 15.0  # degrees; less is not worth resampling for, more is no scan
WIDTH_PX = 800  # at which a tenth of a degree moves the edges of a page by 0.7 rows
STRIPS = 32
TYPE_SHARE = 1 / 40  # of the width: rows of ink higher than this are pictures, dark edges, shadows
COARSE, FINE, SEARCH = 0.5, 0.1, 1.0  # degrees
WIDEST = 10.0  # degrees that are tried where nothing says how much to expect
CLEAR = 1.5  # the best angle over the usual one: less is a page without rows
OBVIOUS = 5.0  # more, and columns need not be looked at


class Profiles:
    """The ink of the rows of upright strips: its steps from row to row, with room to move each strip."""

    def __init__(self, rows: Rows, strip_px: int) -> None:
        """`rows`: (strips, rows), each strip `strip_px` wide."""
        count, length = rows.shape
        self._strip_px = strip_px
        self._centred = np.arange(count) - (count - 1) / 2
        self._room = math.ceil(self._slope(MAX_SKEW + SEARCH) * count / 2) + 1
        steps = np.diff(np.pad(rows, ((0, 0), (self._room, self._room))))
        self._windows = np.lib.stride_tricks.sliding_window_view(steps, length - 1, axis=1)

    def parted(self, degrees: float) -> float:
        """How well rows part when each strip is moved up by what a row falls until there."""
        starts = self._room + np.rint(self._slope(degrees) * self._centred).astype(np.intp)
        total = self._windows[np.arange(len(starts)), starts].sum(axis=0)
        return float(total @ total)

    def _slope(self, degrees: float) -> float:
        """What a row falls from one strip to the next."""
        return math.tan(math.radians(degrees)) * self._strip_px


class Guess(NamedTuple):
    degrees: float
    clear: float


def skew_of(gray: Gray, near: float | None = None) -> float:
    """Degrees by which the rows of a page (height, width) fall to the right, to a tenth; 0.0 where
    there are none to tell by, or less than `MIN_SKEW`.

    At the right angle rows of ink part best: the sum of squared steps of the sheared horizontal
    profile is greatest there (Postl 1986, Detection of linear oblique structures and skew scan in
    digitized documents). Shears are taken of the profiles of `STRIPS` upright strips, not of the
    pixels. `near` confines the search to `SEARCH` degrees around it. A page on its side is measured
    by its columns.
    """
    if min(gray.shape) < 2:
        return 0.0
    if near is not None:
        degrees = _finest(_profiles(gray), near, SEARCH)
    else:
        rows = _profiles(gray)
        by_rows = _coarse(rows)
        columns = rows if by_rows.clear > OBVIOUS else _profiles(gray.T)
        by_columns = by_rows if columns is rows else _coarse(columns)
        if max(by_rows.clear, by_columns.clear) < CLEAR:
            return 0.0
        if by_rows.clear >= by_columns.clear:
            degrees = _finest(rows, by_rows.degrees, COARSE)
        else:
            degrees = -_finest(columns, by_columns.degrees, COARSE)
    return round(degrees, 1) if MIN_SKEW <= abs(degrees) <= MAX_SKEW else 0.0


def _profiles(gray: Gray) -> Profiles:
    """How much darker each row of each strip is than what is above and below it: a closing."""
    step = max(1, gray.shape[1] // WIDTH_PX)
    width = len(range(0, gray.shape[1], step))
    strip_px = max(2, width // STRIPS) // 2 * 2
    strips = max(1, width // strip_px)
    small = np.ascontiguousarray(gray[::step, : strips * strip_px * step : 2 * step])  # half of them tell as much
    sums = np.add.reduceat(small, np.arange(strips) * (strip_px // 2), axis=1, dtype=np.uint32)
    rows: Rows = np.ascontiguousarray(sums.T, np.float32)
    reach = max(3, round(width * TYPE_SHARE))
    padded = np.pad(rows, ((0, 0), (reach - 1, reach - 1)), mode="edge")
    return Profiles(_extreme(_extreme(padded, reach, np.maximum), reach, np.minimum) - rows, strip_px)


def _extreme(rows: Rows, reach: int, extreme: np.ufunc) -> Rows:
    """The extreme of every `reach` neighbours in a row, in log(reach) steps."""
    width = 1
    while width < reach:
        step = min(width, reach - width)
        rows = extreme(rows[:, :-step], rows[:, step:])
        width += step
    return rows


def _coarse(profiles: Profiles) -> Guess:
    """The best of angles `COARSE` apart, and how much better it is than the usual one."""
    angles = np.arange(-WIDEST, WIDEST + COARSE / 2, COARSE)
    parted = np.array([profiles.parted(angle) for angle in angles])
    clear = float(parted.max() / max(np.median(parted), 1e-6))
    return Guess(float(angles[parted.argmax()]), clear)


def _finest(profiles: Profiles, near: float, reach: float) -> float:
    return float(max(near + np.arange(-reach, reach + FINE / 2, FINE), key=profiles.parted))
