"""A phone's photograph of a page on a table: perspective, uneven light, a shadow, soft focus."""

from __future__ import annotations

from random import Random

import cv2
import numpy as np
import numpy.typing as npt

from docpipe.synth.degrade.pixels import Degraded, Pixels, jpeg, moved, noisy, rendered
from docpipe.synth.truth import Boxes


def desk(wide: int, high: int, rng: Random, noise: np.random.Generator) -> Pixels:
    """A table top to lay the sheet on: one colour with coarse grain along it."""
    tone = np.array(rng.choice(((62, 88, 120), (96, 92, 88), (40, 44, 52), (110, 140, 168))), dtype=np.float32)
    grain = cv2.resize(
        noise.standard_normal((high // 6, 12), dtype=np.float32), (wide, high), interpolation=cv2.INTER_CUBIC
    )
    desk: Pixels = (tone + np.asarray(grain)[..., None] * 9).clip(0, 255).astype(np.uint8)
    return desk


def light(wide: int, high: int, rng: Random) -> npt.NDArray[np.float32]:
    """Uneven light as a factor a pixel: a slope across the picture and the soft shadow of a hand or phone from one
    side.
    """
    x, y = np.meshgrid(np.linspace(-1, 1, wide, dtype=np.float32), np.linspace(-1, 1, high, dtype=np.float32))
    slope = 1.0 + rng.uniform(-0.12, 0.12) * x + rng.uniform(-0.12, 0.12) * y
    edge = rng.uniform(0.1, 0.8) * rng.choice((-1, 1))
    lean = rng.uniform(-0.5, 0.5)
    side = (x + lean * y - edge) * (1 if edge > 0 else -1)
    shadow = 1.0 - rng.uniform(0.12, 0.32) / (1.0 + np.exp(-side * rng.uniform(8, 25)))
    return np.asarray(slope * shadow, dtype=np.float32)


def photograph(document: bytes, boxes: Boxes, rng: Random) -> Degraded:
    """The first page of `document` on a desk, from a phone: perspective, uneven light, a shadow, soft focus. Always
    a JPEG.
    """
    noise = np.random.default_rng(rng.getrandbits(32))
    sheets = rendered(document, rng.choice((150, 165, 180)), False)
    page, pages = sheets[0], len(sheets)
    high, wide = page.shape[:2]
    size = (int(wide * 1.12), int(high * 1.1))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    shift = np.array(
        [(rng.uniform(-0.03, 0.04) * wide, rng.uniform(-0.025, 0.03) * high) for _ in range(4)], dtype=np.float32
    )
    target = corners + np.array([wide * 0.06, high * 0.05], dtype=np.float32) + shift
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, target), dtype=np.float64)
    picture = desk(*size, rng, noise)
    cv2.warpPerspective(page, matrix, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    lit = (
        (picture.astype(np.float32) * light(*size, rng)[..., None] * rng.uniform(0.82, 0.97))
        .clip(0, 255)
        .astype(np.uint8)
    )
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.6, 1.1)), dtype=np.uint8)
    told = "photo: perspective, uneven light, shadow"
    return Degraded(
        jpeg(noisy(soft, rng.uniform(2, 5), noise), rng.randint(45, 62)),
        "jpg",
        moved(boxes, [(matrix, (wide, high), size)] * pages),
        told,
    )
