"""Pages as a scanner or a camera sees them. The boxes of the truth go through the same geometry as the pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from docpipe.synth.write import image_pdf

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Boxes = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Degraded:
    """A file without a text layer. `suffix` is pdf, jpg or png; `description` says what was done to the page."""

    content: bytes
    suffix: str
    boxes: Boxes
    description: str


def _pages(document: bytes, dpi: float, gray: bool) -> list[Pixels]:
    opened = pdfium.PdfDocument(document)
    try:
        return [
            np.ascontiguousarray(page.render(scale=dpi / 72, grayscale=gray).to_numpy().squeeze()) for page in opened
        ]
    finally:
        opened.close()


def _moved(boxes: Boxes, matrix: Matrix, before: tuple[int, int], after: tuple[int, int]) -> Boxes:
    """The boxes around the corners of `boxes` after `matrix`; `before` and `after` are (width, height) in pixels."""
    moved: Boxes = {}
    for path, places in boxes.items():
        for place in places:
            x0, y0, x1, y1 = place["box"]
            corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) * (*before, 1)
            points = corners @ matrix.T
            points = points[:, :2] / points[:, 2:] / after
            low, high = points.min(axis=0).clip(0, 1), points.max(axis=0).clip(0, 1)
            box = [round(float(part), 5) for part in (*low, *high)]
            moved.setdefault(path, []).append({"page": place["page"], "box": box})
    return moved


def _noisy(pixels: Pixels, sigma: float, noise: np.random.Generator) -> Pixels:
    """`pixels` with grain: one field of normal noise, the same for every colour."""
    grain = noise.standard_normal(pixels.shape[:2], dtype=np.float32) * sigma
    out = pixels.astype(np.float32) + (grain if pixels.ndim == 2 else grain[..., None])
    return out.clip(0, 255).astype(np.uint8)


def _skewed(page: Pixels, angle: float) -> tuple[Pixels, Matrix]:
    high, wide = page.shape[:2]
    turn = np.vstack([cv2.getRotationMatrix2D((wide / 2, high / 2), angle, 1.0), [0.0, 0.0, 1.0]])
    paper = 246 if page.ndim == 2 else (246, 246, 244)
    turned = cv2.warpAffine(page, turn[:2], (wide, high), flags=cv2.INTER_LINEAR, borderValue=paper)
    return np.asarray(turned, dtype=np.uint8), turn


def _jpeg(pixels: Pixels, quality: int) -> bytes:
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the page image could not be encoded as JPEG")
    return bytes(data.tobytes())


def _specks(page: Pixels, rng: Random) -> None:
    """Dust on the glass, and now and then a dark streak down the sheet."""
    high, wide = page.shape[:2]
    for _ in range(rng.randint(3, 25)):
        cv2.circle(page, (rng.randrange(wide), rng.randrange(high)), rng.randint(0, 1), rng.randint(40, 170), -1)
    if rng.random() < 0.3:
        x = rng.randrange(wide)
        page[:, x : x + 1] = (page[:, x : x + 1] * 0.8).astype(np.uint8)


def _scanned(page: Pixels, rng: Random, noise: np.random.Generator, angle: float) -> tuple[Pixels, Matrix]:
    worn, matrix = _skewed(page, angle)
    worn = np.asarray(cv2.GaussianBlur(worn, (0, 0), rng.uniform(0.4, 0.9)), dtype=np.uint8)
    ink, paper = rng.randint(15, 60), rng.randint(232, 252)
    worn = (ink + worn.astype(np.float32) * ((paper - ink) / 255)).astype(np.uint8)
    _specks(worn, rng)
    return _noisy(worn, rng.uniform(1.5, 5.0), noise), matrix


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
    for page in _pages(document, dpi, gray):
        pixels, turn = _scanned(page, rng, noise, angle)
        worn.append(pixels)
    high, wide = worn[0].shape[:2]
    moved = _moved(boxes, turn, (wide, high), (wide, high))
    told = f"scan {dpi} dpi, {angle} degrees, {'black and white' if suffix == 'png' else 'gray' if gray else 'colour'}"
    if len(worn) > 1:
        suffix = "pdf"
    return Degraded(_packed(worn, suffix, dpi, gray, quality), suffix, moved, told)


def _packed(pages: Sequence[Pixels], suffix: str, dpi: int, gray: bool, quality: int) -> bytes:
    if suffix == "pdf":
        return image_pdf([(_jpeg(page, quality), page.shape[1], page.shape[0]) for page in pages], dpi, gray)
    if suffix == "jpg":
        return _jpeg(pages[0], quality)
    black = np.where(pages[0] > 165, 255, 0).astype(np.uint8)
    done, data = cv2.imencode(".png", black, [cv2.IMWRITE_PNG_BILEVEL, 1, cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise ValueError("the page image could not be encoded as PNG")
    return bytes(data.tobytes())


def _desk(wide: int, high: int, rng: Random, noise: np.random.Generator) -> Pixels:
    """A table top to lay the sheet on: one colour with coarse grain along it."""
    tone = np.array(rng.choice(((62, 88, 120), (96, 92, 88), (40, 44, 52), (110, 140, 168))), dtype=np.float32)
    grain = cv2.resize(
        noise.standard_normal((high // 6, 12), dtype=np.float32), (wide, high), interpolation=cv2.INTER_CUBIC
    )
    desk: Pixels = (tone + np.asarray(grain)[..., None] * 9).clip(0, 255).astype(np.uint8)
    return desk


def _light(wide: int, high: int, rng: Random) -> npt.NDArray[np.float32]:
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
    page = _pages(document, rng.choice((150, 165, 180)), False)[0]
    high, wide = page.shape[:2]
    size = (int(wide * 1.12), int(high * 1.1))
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], dtype=np.float32)
    shift = np.array(
        [(rng.uniform(-0.03, 0.04) * wide, rng.uniform(-0.025, 0.03) * high) for _ in range(4)], dtype=np.float32
    )
    target = corners + np.array([wide * 0.06, high * 0.05], dtype=np.float32) + shift
    matrix = np.asarray(cv2.getPerspectiveTransform(corners, target), dtype=np.float64)
    picture = _desk(*size, rng, noise)
    cv2.warpPerspective(page, matrix, size, dst=picture, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT)
    lit = (
        (picture.astype(np.float32) * _light(*size, rng)[..., None] * rng.uniform(0.82, 0.97))
        .clip(0, 255)
        .astype(np.uint8)
    )
    soft = np.asarray(cv2.GaussianBlur(lit, (0, 0), rng.uniform(0.6, 1.1)), dtype=np.uint8)
    told = "photo: perspective, uneven light, shadow"
    return Degraded(
        _jpeg(_noisy(soft, rng.uniform(2, 5), noise), rng.randint(45, 62)),
        "jpg",
        _moved(boxes, matrix, (wide, high), size),
        told,
    )
