"""A flatbed scanner: the sheet a little turned, soft, grainy, with dust on the glass."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import cv2
import numpy as np

from docpipe.synth.degrade.pixels import Degraded, Matrix, Pixels, bilevel_png, jpeg, moved, noisy, rendered
from docpipe.synth.truth import Boxes
from docpipe.synth.write import image_pdf


def skewed(page: Pixels, angle: float) -> tuple[Pixels, Matrix]:
    """`page` turned by `angle` degrees about its middle, on paper, and the matrix that did it."""
    high, wide = page.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0), [0.0, 0.0, 1.0]])
    paper = 246 if page.ndim == 2 else (246, 246, 244)
    turned = cv2.warpAffine(page, turn[:2], (wide, high), flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(turned, dtype=np.uint8), turn


def specks(page: Pixels, rng: Random) -> None:
    """Dust on the glass, and now and then a dark streak down the sheet."""
    high, wide = page.shape[:2]
    for _ in range(rng.randint(3, 25)):
        cv2.circle(page, (rng.randrange(wide), rng.randrange(high)), rng.randint(0, 1), rng.randint(40, 170), -1)
    if rng.random() < 0.3:
        x = rng.randrange(wide)
        page[:, x : x + 1] = (page[:, x : x + 1] * 0.8).astype(np.uint8)


def scanned(page: Pixels, rng: Random, noise: np.random.Generator, angle: float) -> tuple[Pixels, Matrix]:
    """`page` as a scanner sees it, turned by `angle` degrees."""
    worn, matrix = skewed(page, angle)
    worn = np.asarray(cv2.GaussianBlur(worn, (0, 0), rng.uniform(0.4, 0.9)), dtype=np.uint8)
    ink, paper = rng.randint(15, 60), rng.randint(232, 252)
    worn = (ink + worn.astype(np.float32) * ((paper - ink) / 255)).astype(np.uint8)
    specks(worn, rng)
    return noisy(worn, rng.uniform(1.5, 5.0), noise), matrix


def scan(document: bytes, boxes: Boxes, rng: Random) -> Degraded:
    """`document` from a flatbed: 150 to 250 dpi, turned by up to 2 degrees, soft, grainy; as image-only PDF, JPEG
    or black-and-white PNG.
    """
    dpi, angle = rng.choice((150, 150, 175, 200, 200, 250)), round(rng.uniform(-2.0, 2.0), 2)
    noise = np.random.default_rng(rng.getrandbits(32))
    suffix, gray, quality = rng.choice(("pdf", "pdf", "jpg", "png")), rng.random() < 0.85, rng.randint(38, 62)
    gray = gray or suffix == "png"
    worn: list[Pixels] = []
    turn: Matrix = np.eye(3)
    for page in rendered(document, dpi, gray):
        pixels, turn = scanned(page, rng, noise, angle)
        worn.append(pixels)
    high, wide = worn[0].shape[:2]
    places = moved(boxes, [(turn, (wide, high), (wide, high))] * len(worn))
    told = f"scan {dpi} dpi, {angle} degrees, {'black and white' if suffix == 'png' else 'gray' if gray else 'colour'}"
    if len(worn) > 1:
        suffix = "pdf"
    return Degraded(packed(worn, suffix, dpi, gray, quality), suffix, places, told)


def packed(pages: Sequence[Pixels], suffix: str, dpi: int, gray: bool, quality: int) -> bytes:
    """The pages as a PDF of images, or the first as JPEG or black-and-white PNG, by `suffix`."""
    if suffix == "pdf":
        return image_pdf([(jpeg(page, quality), page.shape[1], page.shape[0]) for page in pages], dpi, gray)
    if suffix == "jpg":
        return jpeg(pages[0], quality)
    return bilevel_png(pages[0], 165)
