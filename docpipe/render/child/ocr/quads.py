"""A line of text as four corners on the image, and what can be measured and cut along it."""

from __future__ import annotations

import math

import cv2
import numpy as np

from docpipe.render.child.ocr.models import Pixels, Quad

LONG = 3.0  # width over height from which a line's angle can be trusted


def cut(image: Pixels, quad: Quad) -> Pixels:
    """The line as a straight strip, its edge pixels repeated where it leaves the image."""
    width, height = max(2, round(length(quad))), max(2, round(thickness(quad)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(quad, corners)
    strip: Pixels = cv2.warpPerspective(
        image, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return strip


def turned(quad: Quad, quarters: int, shape: tuple[int, ...]) -> Quad:
    """The quad after the image has been turned by quarters clockwise; it starts top left again."""
    height, width = shape[:2]
    for _ in range(quarters):
        quad = np.stack((height - quad[:, 1], quad[:, 0]), axis=1)
        height, width = width, height
    return np.roll(quad, quarters, axis=0).astype(np.float32)


def rotated(quad: Quad, degrees: float, centre: tuple[float, float]) -> Quad:
    if degrees == 0.0:
        return quad
    matrix = cv2.getRotationMatrix2D(centre, -degrees, 1.0)  # its angles run counter-clockwise
    moved: Quad = np.asarray(quad @ matrix[:, :2].T + matrix[:, 2], np.float32)
    return moved


def length(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))


def thickness(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))


def angle(quad: Quad) -> float:
    dx, dy = quad[1] + quad[2] - quad[0] - quad[3]
    return math.degrees(math.atan2(dy, dx))


def is_lying(quad: Quad) -> bool:
    return length(quad) >= thickness(quad)


def longest_side(quad: Quad) -> float:
    return max(length(quad), thickness(quad))


def shortest_side(quad: Quad) -> float:
    return min(length(quad), thickness(quad))


def read_upwards(quad: Quad) -> Quad:
    """The quad of a standing line, starting where text begins that runs up the page."""
    return np.roll(quad, 1, axis=0)


def read_downwards(quad: Quad) -> Quad:
    """The same of text that runs down the page."""
    return np.roll(quad, -1, axis=0)


def is_long(quad: Quad) -> bool:
    """Long enough for its direction to be trusted, whichever that is."""
    return longest_side(quad) > LONG * shortest_side(quad)
