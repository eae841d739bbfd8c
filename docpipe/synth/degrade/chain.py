"""A clean PDF on its way through the world: what is done to it, in order, and the file that arrives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

import cv2
import numpy as np

from docpipe.synth.degrade import wear
from docpipe.synth.degrade.pixels import Matrix, Pixels, Size, bilevel_png, jpeg, moved, rendered
from docpipe.synth.truth import Boxes
from docpipe.synth.write import bilevel_pdf, image_pdf

WAYS: Final = ("none", "scan", "photo", "fax", "jpeg")
# How often each way is taken where they are mixed.
_SHARES: Final = (35, 28, 15, 9, 13)
_PHOTO_PAGES: Final = 4  # nobody photographs a longer document


@dataclass(frozen=True)
class Worn:
    """A file of images. `steps` names what was done, in order; `boxes` are where the values are now."""

    content: bytes
    suffix: str
    boxes: Boxes
    steps: tuple[str, ...]


def draw_way(asked: str, pages: int, rng: Random) -> str:
    """One of WAYS: `asked` itself, or where that is "mixed" a drawn one that suits a document of so many pages."""
    if asked != "mixed":
        return asked
    way = rng.choices(WAYS, _SHARES)[0]
    return "scan" if way == "photo" and pages > _PHOTO_PAGES else way


def _creases(rng: Random) -> tuple[str, list[wear.Step]]:
    folds = rng.choice((((True, 0.5),), ((True, 1 / 3), (True, 2 / 3)), ((False, 0.5), (True, 0.5))))
    return f"fold x{len(folds)}", [wear.fold(across, at + rng.uniform(-0.01, 0.01), rng) for across, at in folds]


def _worn_first(way: str, rng: Random) -> tuple[list[str], list[wear.Step]]:
    """What happened to the paper before it met a machine."""
    names: list[str] = []
    steps: list[wear.Step] = []
    if way != "fax" and rng.random() < 0.12:  # a fax of faint ink would be an empty page
        strength = round(rng.uniform(0.35, 0.65), 2)
        names.append(f"faint {strength}")
        steps.append(wear.faint(strength, rng))
    if way in ("scan", "photo") and rng.random() < 0.25:
        name, creases = _creases(rng)
        names.append(name)
        steps += creases
    return names, steps


def _machine(way: str, dpi: int, rng: Random) -> tuple[str, wear.Step]:
    if way == "scan":
        angle = rng.choice((0.4, 1.0, 2.0, 3.0))
        return f"scan {dpi} dpi, up to {angle} degrees", wear.flatbed(angle, rng)
    if way == "photo":
        strength = rng.choice((0.5, 1.0, 1.6))
        return f"photo, perspective {strength}", wear.camera(strength, rng)
    if way == "fax":
        return "fax", wear.telephone(rng)
    return f"jpeg {dpi} dpi", wear.shrunk(rng)


def degraded(document: bytes, boxes: Boxes, way: str, rng: Random, closer: float = 1.0, *, loose: bool = False) -> Worn:
    """`document`, a PDF, after `way` (one of WAYS but "none"). A small sheet is looked at from nearer by: `closer`
    times the usual resolution. `loose`: it lies shifted on the glass and comes out larger or smaller.
    """
    gray = way == "fax" or (way == "scan" and rng.random() < 0.8)
    drawn = {"scan": (150, 200, 200, 250), "photo": (150, 165, 180), "fax": (204,), "jpeg": (96, 110, 130, 150)}[way]
    dpi = int(rng.choice(drawn) * closer)
    names, steps = _worn_first(way, rng)
    if loose:
        names.append("shifted and scaled")
        steps.append(wear.laid(rng))
    name, machine = _machine(way, dpi, rng)
    names.append(name)
    steps.append(machine)
    if rng.random() < 0.07:
        degrees = rng.choice((90, 180, 180, 270))
        names.append(f"turned {degrees} degrees")
        steps.append(wear.turned(degrees))
    pages: list[Pixels] = []
    moves: list[tuple[Matrix, Size, Size]] = []
    for page in rendered(document, dpi, gray):
        worn, matrix = _through(page, steps)
        pages.append(worn)
        moves.append((matrix, (page.shape[1], page.shape[0]), (worn.shape[1], worn.shape[0])))
    content, suffix = _file(pages, way, dpi, gray, rng)
    return Worn(content, suffix, moved(boxes, moves), tuple(names))


def _through(page: Pixels, steps: Sequence[wear.Step]) -> tuple[Pixels, Matrix]:
    matrix: Matrix = np.eye(3)
    for step in steps:
        page, move = step(page)
        matrix = move @ matrix
    return page, matrix


def _file(pages: Sequence[Pixels], way: str, dpi: int, gray: bool, rng: Random) -> tuple[bytes, str]:
    """The pages as a file of a kind that `way` ends in, and its suffix."""
    suffix = rng.choice({"scan": ("pdf", "pdf", "pdf", "jpg", "png"), "fax": ("pdf", "pdf", "png")}.get(way, ("jpg",)))
    if len(pages) > 1:
        suffix = "pdf"
    quality = rng.randint(14, 38) if way == "jpeg" else rng.randint(42, 75)
    if suffix == "jpg":
        return jpeg(pages[0], quality), suffix
    if suffix == "png":
        return bilevel_png(page := _gray(pages[0]), _threshold(page)), suffix
    if way == "fax":
        bits = [(np.packbits(page > 127, axis=1).tobytes(), page.shape[1], page.shape[0]) for page in pages]
        return bilevel_pdf(bits, dpi), suffix
    return image_pdf([(jpeg(page, quality), page.shape[1], page.shape[0]) for page in pages], dpi, gray), suffix


def _gray(page: Pixels) -> Pixels:
    return page if page.ndim == 2 else np.asarray(cv2.cvtColor(page, cv2.COLOR_BGR2GRAY), dtype=np.uint8)


def _threshold(page: Pixels) -> int:
    """The gray level that tells ink from paper best (Otsu 1979, doi:10.1109/TSMC.1979.4310076)."""
    return int(cv2.threshold(page, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)[0])
