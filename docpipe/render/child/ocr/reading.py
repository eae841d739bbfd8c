"""From the pixels of a scan to its words, upright and straight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from docpipe.records import Word
from docpipe.render.child.ocr.lines import reading_order, words_of
from docpipe.render.child.ocr.models import Networks, Pixels, Quad, Transcript
from docpipe.render.child.ocr.orientation import quarters_to_upright
from docpipe.render.child.ocr.quads import (
    angle,
    cut,
    is_long,
    length,
    read_downwards,
    read_upwards,
    rotated,
    thickness,
    turned,
)
from docpipe.render.child.skew import MAX_SKEW, skew_of
from docpipe.render.sheet import AS_IS, Pose

MIN_CONFIDENCE = 0.5  # lines below it are texture, not text
STANDING = 1.6  # height over width of a line that may be turned; a single letter is less tall


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a scan, boxes as fractions of the page as `pose` shows it."""

    words: tuple[Word, ...]
    pose: Pose = AS_IS


def read(image: Pixels, networks: Networks, *, words: bool = True) -> Reading:
    """Read a BGR image (height, width, 3) whichever way it lies; without `words`, only find out which."""
    quads = networks.detect(image)
    if not quads:
        return Reading(())
    quarters = quarters_to_upright(image, quads, networks)
    quads = [turned(quad, quarters, image.shape) for quad in quads]
    image = np.ascontiguousarray(np.rot90(image, -quarters))
    skew = _skew(image, quads)
    if not words:
        return Reading((), Pose(90 * quarters, skew))
    height, width = image.shape[:2]
    lines = [
        (rotated(quad, -skew, (width / 2, height / 2)), transcript)
        for quad, transcript in _transcribed(image, quads, networks)
        if transcript.confidence >= MIN_CONFIDENCE
    ]
    words_read = (
        word
        for line, index in enumerate(reading_order([quad for quad, _ in lines]))
        for word in words_of(*lines[index], line, (width, height))
    )
    return Reading(tuple(words_read), Pose(90 * quarters, skew))


def _transcribed(image: Pixels, quads: Sequence[Quad], networks: Networks) -> list[tuple[Quad, Transcript]]:
    """What each line says. One that stands is read up and down the page too; its quad begins where its text does."""
    ways = [
        [quad, read_upwards(quad), read_downwards(quad)] if thickness(quad) > STANDING * length(quad) else [quad]
        for quad in quads
    ]
    transcripts = iter(networks.transcribe([cut(image, quad) for way in ways for quad in way]))
    read = [[(quad, next(transcripts)) for quad in way] for way in ways]
    return [max(way, key=lambda line: line[1].confidence) for way in read]


def _skew(image: Pixels, quads: Sequence[Quad]) -> float:
    """The skew of the page, sought around the median angle of its long lines, weighed by length."""
    long = [quad for quad in quads if is_long(quad)]
    if not long:
        return 0.0
    angles, weights = np.array([angle(quad) for quad in long]), np.array([length(quad) for quad in long])
    order = np.argsort(angles)
    near = float(angles[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
    return skew_of(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), near) if abs(near) <= MAX_SKEW else 0.0
