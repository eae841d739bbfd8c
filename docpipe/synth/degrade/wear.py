"""What paper and machines do to a page before it is read: folds, fading, a sheet laid in the wrong way round, a fax
line. Each step takes pixels and gives pixels and the 3x3 matrix that moved them.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any, Final

import cv2
import numpy as np
import numpy.typing as npt

from docpipe.synth.degrade.photo import desk, light
from docpipe.synth.degrade.pixels import Matrix, Pixels, Size
from docpipe.synth.degrade.scan import skewed, specks

_FIELD: Final = 512  # pixels a side of the field that grain is repeated from

Step = Callable[[Pixels], tuple[Pixels, Matrix]]


def _scaled(page: Pixels, factor: npt.NDArray[np.float32]) -> Pixels:
    """`page` with each pixel times a factor, given a pixel, a row or a column."""
    whole = np.ascontiguousarray(np.broadcast_to(factor, page.shape[:2]), dtype=np.float32)
    shaped = whole if page.ndim == 2 else cv2.merge([whole] * 3)
    return np.asarray(cv2.multiply(page, shaped, dtype=cv2.CV_8U), dtype=np.uint8)


def _grained(page: Pixels, sigma: float, noise: np.random.Generator) -> Pixels:
    """`page` with grain: normal noise, the same for every colour, repeated from a small field."""
    field = (noise.standard_normal((_FIELD, _FIELD), dtype=np.float32) * sigma).astype(np.int16)
    high, wide = page.shape[:2]
    grain = np.ascontiguousarray(np.tile(field, (high // _FIELD + 1, wide // _FIELD + 1))[:high, :wide])
    shaped = grain if page.ndim == 2 else cv2.merge([grain] * 3)
    return np.asarray(cv2.add(page, shaped, dtype=cv2.CV_8U), dtype=np.uint8)


def fold(across: bool, at: float, rng: Random) -> Step:
    """A crease at the fraction `at` of the height (or of the width, not `across`): a thin worn line, and the paper
    lighter on one side of it than on the other.
    """
    depth, reach, line = rng.uniform(0.05, 0.16), rng.uniform(0.05, 0.2), rng.uniform(0.72, 0.9)

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        length = page.shape[0 if across else 1]
        away = (np.arange(length, dtype=np.float32) - at * length) / (reach * length)
        shade = 1.0 - depth * np.exp(-np.abs(away)) * (away > 0)
        crease = np.abs(np.arange(length) - int(at * length)) < max(1.0, length / 1500)
        shade = np.where(crease, line, shade).astype(np.float32)
        return _scaled(page, shade[:, None] if across else shade[None, :]), np.eye(3)

    return step


def faint(strength: float, rng: Random) -> Step:
    """Ink that has faded to `strength` (1 is fresh), in bands, as thermal paper does."""
    period, phase, swing = rng.uniform(0.2, 0.8), rng.uniform(0, 6.3), rng.uniform(0.0, 0.25)

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        rows = np.linspace(0, 6.3 / period, page.shape[0], dtype=np.float32)
        kept = (strength * (1 - swing + swing * np.sin(rows + phase)))[:, None].astype(np.float32)
        return cv2.bitwise_not(_scaled(cv2.bitwise_not(page), kept)), np.eye(3)

    return step


def laid(rng: Random) -> Step:
    """A sheet that lies off its place on the glass, a little larger or smaller than it is, on white."""
    scale, across, down = rng.uniform(0.95, 1.0), rng.uniform(0.0, 0.04), rng.uniform(0.0, 0.04)

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        high, wide = page.shape[:2]
        matrix = np.array([[scale, 0, across * wide], [0, scale, down * high], [0, 0, 1]], dtype=np.float64)
        paper = 255 if page.ndim == 2 else (255, 255, 255)
        moved = cv2.warpAffine(page, matrix[:2], (wide, high), flags=cv2.INTER_LINEAR, borderValue=paper)
        return np.asarray(moved, dtype=np.uint8), matrix

    return step


def turned(degrees: int) -> Step:
    """The sheet turned clockwise by 90, 180 or 270 degrees."""
    codes = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        high, wide = page.shape[:2]
        matrices = {
            90: [[0, -1, high], [1, 0, 0], [0, 0, 1]],
            180: [[-1, 0, wide], [0, -1, high], [0, 0, 1]],
            270: [[0, 1, 0], [-1, 0, wide], [0, 0, 1]],
        }
        return np.asarray(cv2.rotate(page, codes[degrees]), dtype=np.uint8), np.array(matrices[degrees], dtype=float)

    return step


def flatbed(angle: float, rng: Random) -> Step:
    """A scanner's glass: turned by `angle` degrees at most, soft, grainy, dusty."""
    noise = np.random.default_rng(rng.getrandbits(32))

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        worn, matrix = skewed(page, round(angle * rng.uniform(-1, 1), 2))
        worn = np.asarray(cv2.GaussianBlur(worn, (0, 0), rng.uniform(0.4, 0.9)), dtype=np.uint8)
        ink, paper = rng.randint(15, 60), rng.randint(232, 252)
        worn = np.asarray(cv2.LUT(worn, np.linspace(ink, paper, 256).astype(np.uint8)), dtype=np.uint8)
        specks(worn, rng)
        return _grained(worn, rng.uniform(1.5, 5.0), noise), matrix

    return step


def telephone(rng: Random) -> Step:
    """A fax: black or white, coarse in the vertical, with lines lost and specks won. Wants gray pixels."""
    noise = np.random.default_rng(rng.getrandbits(32))
    coarse, threshold, specks = rng.random() < 0.5, rng.randint(120, 185), rng.uniform(0.0002, 0.002)

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        high, wide = page.shape[:2]
        if coarse:  # the standard resolution of ITU-T T.4: 98 lines an inch for 204 dots
            small = cv2.resize(page, (wide, high // 2), interpolation=cv2.INTER_AREA)
            page = np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
        black = np.where(_grained(page, 18, noise) > threshold, 255, 0).astype(np.uint8)
        chance = noise.random(black.shape, dtype=np.float32)
        black[chance < specks] = 0
        black[chance > 1 - specks] = 255
        for _ in range(rng.choice((0, 0, 1, 3))):
            row = rng.randrange(high - 3)
            black[row : row + rng.randint(1, 2)] = black[max(0, row - 2)]
        return black, np.eye(3)

    return step


def shrunk(rng: Random) -> Step:
    """A picture that was passed on small and blown up again."""
    scale = rng.uniform(0.55, 0.95)

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        high, wide = page.shape[:2]
        small = cv2.resize(page, (int(wide * scale), int(high * scale)), interpolation=cv2.INTER_AREA)
        return np.asarray(cv2.resize(small, (wide, high), interpolation=cv2.INTER_CUBIC), dtype=np.uint8), np.eye(3)

    return step


def _enlarged(picture: Any, size: Size) -> Any:
    return cv2.resize(picture, size, interpolation=cv2.INTER_LINEAR)


def camera(strength: float, rng: Random) -> Step:
    """A phone above the sheet on a table; `strength` 1 shifts corners by up to 4% of the page. Wants colour."""
    noise = np.random.default_rng(rng.getrandbits(32))

    def step(page: Pixels) -> tuple[Pixels, Matrix]:
        high, wide = page.shape[:2]
        size = (int(wide * 1.14), int(high * 1.1) + int(wide * 0.04))
        corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
        reach = 0.04 * strength * wide
        shift = np.array([(rng.uniform(-reach, reach), rng.uniform(-reach, reach)) for _ in range(4)], dtype=np.float32)
        middle = np.array([(size[0] - wide) / 2, (size[1] - high) / 2], dtype=np.float32)
        matrix = np.asarray(cv2.getPerspectiveTransform(corners, corners + middle + shift), dtype=np.float64)
        picture = _enlarged(desk(size[0] // 2, size[1] // 2, rng, noise), size)
        cv2.warpPerspective(page, matrix, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
        lamp = _enlarged(light(size[0] // 4, size[1] // 4, rng), size)
        lit = _scaled(picture, lamp * np.float32(rng.uniform(0.82, 0.97)))
        soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.5, 1.1)), dtype=np.uint8)
        return _grained(soft, rng.uniform(2, 5), noise), matrix

    return step
