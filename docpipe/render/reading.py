"""From the pixels of a scan to its words, upright and straight."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from docpipe.records import Box, Word
from docpipe.render.models import Networks, Pixels, Quad, Transcript
from docpipe.render.sheet import AS_IS, Pose

MIN_CONFIDENCE = 0.5  # lines below it are texture, not text
SURE = 0.8  # a probe that reads this well is the right way up
PROBES = 5  # lines tried to find out which way is up
LONG = 3.0  # width over height from which a line's angle can be trusted
MIN_SKEW, MAX_SKEW = 0.2, 15.0  # degrees; less is not worth resampling for, more is no scan
INK_LEVELS = 48  # of 255, darker than what is around it
MAX_DIRT = 1e-3  # share of ink that a page without text may have and still be blank: dust, punch holes
SEARCH = 1.0  # degrees on either side of the first guess
PROFILE_WIDTH_PX = 600
TYPE_HEIGHT = 0.9  # type size over the height of a word's box
WORD_GAP = 1.1  # distance between characters, in heights of the line, that parts words
INSET = 0.1  # of a detected line's height, above and below the type: lines must not overlap


@dataclass(frozen=True, slots=True)
class Reading:
    """The words of a scan, boxes as fractions of the page as `pose` shows it.

    `blank`: there are none, and hardly anything that could be one.
    """

    words: tuple[Word, ...]
    pose: Pose = AS_IS
    blank: bool = False


def read(image: Pixels, networks: Networks) -> Reading:
    """Read a BGR image (height, width, 3) whichever way it lies."""
    quads = networks.detect(image)
    if not quads:
        dirt = float((_ink(image) > INK_LEVELS).mean())
        return Reading((), blank=dirt < MAX_DIRT)
    quarters, quads = _upright(image, quads, networks)
    image = np.ascontiguousarray(np.rot90(image, -quarters))
    transcripts = networks.transcribe([_cut(image, quad) for quad in quads])
    skew = _skew(image, quads)
    height, width = image.shape[:2]
    straight = [_rotated(quad, -skew, (width / 2, height / 2)) for quad in quads]
    lines = [
        (quad, transcript)
        for quad, transcript in zip(straight, transcripts, strict=True)
        if transcript.confidence >= MIN_CONFIDENCE
    ]
    words = (
        word
        for number, index in enumerate(_reading_order([quad for quad, _ in lines]))
        for word in _words(*lines[index], number, (width, height))
    )
    return Reading(tuple(words), Pose(90 * quarters, skew))


def _upright(image: Pixels, quads: list[Quad], networks: Networks) -> tuple[int, list[Quad]]:
    """(quarter turns clockwise to upright, the quads after them)."""
    by_length = sorted(quads, key=_longest_side, reverse=True)
    lying = sum(_is_lying(quad) for quad in by_length[:20])
    candidates = (0, 2) if 2 * lying >= len(by_length[:20]) else (1, 3)
    probes = [quad for quad in by_length if _is_long(quad)][-PROBES:] or by_length[:PROBES]
    scores: dict[int, float] = {}
    for quarters in candidates:
        turned = np.ascontiguousarray(np.rot90(image, -quarters))
        strips = [_cut(turned, _turned(quad, quarters, image.shape)) for quad in probes]
        transcripts = networks.transcribe(strips)
        scores[quarters] = float(np.median([each.confidence for each in transcripts]))
        if scores[quarters] >= SURE:
            break
    best = max(scores, key=lambda quarters: scores[quarters])
    if scores[best] < SURE:
        best = 0  # read badly either way: no reason to turn it
    return best, [_turned(quad, best, image.shape) for quad in quads]


def _skew(image: Pixels, quads: Sequence[Quad]) -> float:
    """Degrees by which lines fall to the right, to a tenth.

    The median angle of the long lines, each weighing its length, is near; around it, the angle at
    which the page's rows of ink part best is right: the sum of squared steps of the horizontal
    profile is greatest there (Postl 1986, Detection of linear oblique structures).
    """
    long = [quad for quad in quads if _is_long(quad)]
    if not long:
        return 0.0
    angles, weights = np.array([_angle(quad) for quad in long]), np.array([_length(quad) for quad in long])
    order = np.argsort(angles)
    near = float(angles[order][np.searchsorted(np.cumsum(weights[order]), weights.sum() / 2)])
    if abs(near) > MAX_SKEW:
        return 0.0
    ink = _ink(image)
    candidates = near + np.arange(-SEARCH, SEARCH + 1e-9, 0.1)
    skew = float(max(candidates, key=lambda angle: _parted(ink, angle)))
    return round(skew, 1) if abs(skew) >= MIN_SKEW else 0.0


def _ink(image: Pixels) -> Pixels:
    """What is darker than its surroundings, on a small gray image: not shadows, nor a dark desk."""
    scale = PROFILE_WIDTH_PX / image.shape[1]
    gray = cv2.cvtColor(cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2GRAY)
    ink: Pixels = cv2.morphologyEx(gray, cv2.MORPH_BLACKHAT, np.ones((9, 9), np.uint8))
    return ink


def _parted(ink: Pixels, angle: float) -> float:
    height, width = ink.shape
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    profile = cv2.warpAffine(ink, matrix, (width, height)).sum(axis=1, dtype=np.float64)
    return float(np.square(np.diff(profile)).sum())


def _words(quad: Quad, transcript: Transcript, line: int, size: tuple[int, int]) -> list[Word]:
    """The line's words, each box from half a step before its first character to after its last."""
    characters, places, scores = transcript.characters, transcript.places, transcript.scores
    found = []
    step = _step(transcript)
    widest = WORD_GAP * _thickness(quad) / max(_length(quad), 1.0)
    for first, last in _spans(characters, places, widest):
        start = (places[first] + places[first - 1]) / 2 if first else 0.0
        start = max(start, places[first] - step)
        stop = (places[last] + places[last + 1]) / 2 if last + 1 < len(places) else 1.0
        stop = min(stop, places[last] + step)
        box = _box(quad, start, stop, size)
        found.append(
            Word(
                text=characters[first : last + 1],
                box=box,
                line=line,
                confidence=sum(scores[first : last + 1]) / (last + 1 - first),
                size=TYPE_HEIGHT * (box[3] - box[1]),
            )
        )
    return found


def _step(transcript: Transcript) -> float:
    """The median distance between characters, as a fraction of the line."""
    if len(transcript.places) < 2:
        return 1.0
    return float(np.median(np.diff(transcript.places)))


def _spans(characters: str, places: Sequence[float], widest: float) -> list[tuple[int, int]]:
    """(first, last) character of each word: parted by spaces, and by gaps over `widest`."""
    spans: list[tuple[int, int]] = []
    previous = -1
    for index, character in enumerate(characters):
        if character.isspace():
            continue
        joined = previous >= 0 and previous == index - 1
        if joined and places[index] - places[previous] <= widest:
            spans[-1] = (spans[-1][0], index)
        else:
            spans.append((index, index))
        previous = index
    return spans


def _box(quad: Quad, start: float, stop: float, size: tuple[int, int]) -> Box:
    """The upright box around the part [start, stop] of a line, as fractions of the page."""
    inset = INSET * (quad[3] - quad[0] + quad[2] - quad[1]) / 2
    top_left, top_right = quad[0] + inset, quad[1] + inset
    bottom_right, bottom_left = quad[2] - inset, quad[3] - inset
    corners = np.stack(
        [
            top_left + (top_right - top_left) * start,
            top_left + (top_right - top_left) * stop,
            bottom_left + (bottom_right - bottom_left) * start,
            bottom_left + (bottom_right - bottom_left) * stop,
        ]
    )
    x0, y0 = (corners.min(axis=0) / size).tolist()
    x1, y1 = (corners.max(axis=0) / size).tolist()
    return x0, y0, x1, y1


def _reading_order(quads: Sequence[Quad]) -> list[int]:
    """Indices from top to bottom; within a row, which its highest line opens, left to right."""
    middle = [float(quad[:, 1].mean()) for quad in quads]
    rows: list[list[int]] = []
    for index in sorted(range(len(quads)), key=lambda index: middle[index]):
        if rows and middle[index] - middle[rows[-1][0]] < 0.5 * _thickness(quads[rows[-1][0]]):
            rows[-1].append(index)
        else:
            rows.append([index])
    return [index for row in rows for index in sorted(row, key=lambda i: float(quads[i][0, 0]))]


def _cut(image: Pixels, quad: Quad) -> Pixels:
    """The line as a straight strip, its edge pixels repeated where it leaves the image."""
    width, height = max(2, round(_length(quad))), max(2, round(_thickness(quad)))
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    transform = cv2.getPerspectiveTransform(quad, corners)
    strip: Pixels = cv2.warpPerspective(
        image, transform, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return strip


def _turned(quad: Quad, quarters: int, shape: tuple[int, ...]) -> Quad:
    """The quad after the image has been turned by quarters clockwise; it starts top left again."""
    height, width = shape[:2]
    for _ in range(quarters):
        quad = np.stack((height - quad[:, 1], quad[:, 0]), axis=1)
        height, width = width, height
    return np.roll(quad, quarters, axis=0).astype(np.float32)


def _rotated(quad: Quad, degrees: float, centre: tuple[float, float]) -> Quad:
    if degrees == 0.0:
        return quad
    matrix = cv2.getRotationMatrix2D(centre, -degrees, 1.0)  # its angles run counter-clockwise
    rotated: Quad = np.asarray(quad @ matrix[:, :2].T + matrix[:, 2], np.float32)
    return rotated


def _length(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[3] - quad[2])))


def _thickness(quad: Quad) -> float:
    return float(max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2])))


def _angle(quad: Quad) -> float:
    dx, dy = quad[1] + quad[2] - quad[0] - quad[3]
    return math.degrees(math.atan2(dy, dx))


def _is_lying(quad: Quad) -> bool:
    return _length(quad) >= _thickness(quad)


def _longest_side(quad: Quad) -> float:
    return max(_length(quad), _thickness(quad))


def _is_long(quad: Quad) -> bool:
    """Long enough for its direction to be trusted, whichever that is."""
    return _longest_side(quad) > LONG * min(_length(quad), _thickness(quad))
