"""Pages as pixels, and the boxes of their values moved as the pixels are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pypdfium2 as pdfium

from docpipe.synth.truth import Boxes

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]
Size = tuple[int, int]


@dataclass(frozen=True)
class Degraded:
    """A file without a text layer. `suffix` is pdf, jpg or png; `description` says what was done to the page."""

    content: bytes
    suffix: str
    boxes: Boxes
    description: str


def rendered(document: bytes, dpi: float, gray: bool) -> list[Pixels]:
    """The pages of a PDF at `dpi`: (height, width) where gray, else (height, width, 3) in OpenCV's order."""
    opened = pdfium.PdfDocument(document)
    try:
        return [
            np.ascontiguousarray(page.render(scale=dpi / 72, grayscale=gray).to_numpy().squeeze()) for page in opened
        ]
    finally:
        opened.close()


def moved(boxes: Boxes, moves: Sequence[tuple[Matrix, Size, Size]]) -> Boxes:
    """The boxes around the corners of `boxes` after the move of their page: a 3x3 matrix on pixels, and (width,
    height) before and after.
    """
    out: Boxes = {}
    for path, places in boxes.items():
        for place in places:
            matrix, before, after = moves[place["page"] - 1]
            x0, y0, x1, y1 = place["box"]
            corners = np.array([[x0, y0, 1], [x1, y0, 1], [x1, y1, 1], [x0, y1, 1]]) * (*before, 1)
            points = corners @ matrix.T
            points = points[:, :2] / points[:, 2:] / after
            low, high = points.min(axis=0).clip(0, 1), points.max(axis=0).clip(0, 1)
            box = [round(float(part), 5) for part in (*low, *high)]
            out.setdefault(path, []).append({"page": place["page"], "box": box})
    return out


def noisy(pixels: Pixels, sigma: float, noise: np.random.Generator) -> Pixels:
    """`pixels` with grain: one field of normal noise, the same for every colour."""
    grain = noise.standard_normal(pixels.shape[:2], dtype=np.float32) * sigma
    out = pixels.astype(np.float32) + (grain if pixels.ndim == 2 else grain[..., None])
    return out.clip(0, 255).astype(np.uint8)


def jpeg(pixels: Pixels, quality: int) -> bytes:
    """`pixels` as JPEG of `quality` 1 to 100."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise ValueError("the page image could not be encoded as JPEG")
    return bytes(data.tobytes())


def bilevel_png(pixels: Pixels, threshold: int) -> bytes:
    """Gray `pixels` as a PNG of one bit a pixel, white above `threshold`."""
    black = np.where(pixels > threshold, 255, 0).astype(np.uint8)
    done, data = cv2.imencode(".png", black, [cv2.IMWRITE_PNG_BILEVEL, 1, cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise ValueError("the page image could not be encoded as PNG")
    return bytes(data.tobytes())


def picture(document: bytes, dpi: int) -> bytes:
    """The first page of a PDF as a PNG at `dpi`."""
    done, data = cv2.imencode(".png", rendered(document, dpi, False)[0], [cv2.IMWRITE_PNG_COMPRESSION, 6])
    if not done:
        raise ValueError("the page image could not be encoded as PNG")
    return bytes(data.tobytes())
