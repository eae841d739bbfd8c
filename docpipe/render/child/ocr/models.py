"""The two networks of PP-OCR, from the files in rapidocr's wheel. In the recogniser's process only.

detect      where text lies: a probability a pixel, its islands grown into rotated boxes
            (Liao et al. 2020, Real-time Scene Text Detection with Differentiable Binarization)
transcribe  what a strip of text says: a character or a blank at each step along it
            (Graves et al. 2006, Connectionist Temporal Classification; greedy decoding)
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime

from docpipe.errors import OcrUnavailable

Pixels = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]  # (4, 2): top left, top right, bottom right, bottom left, in pixels

DETECTION_PIXELS = 650_000  # an A4 page 960 px high: twice as fine costs 1.5 s and finds 1% more words
SMALL = 250_000  # a picture with fewer pixels is a chart or a clipping, its type as small ...
GROWN = 3.0  # ... and is found better when grown so much
MIN_PROBABILITY = 0.3  # a pixel above it belongs to text
MIN_BOX_SCORE = 0.5  # mean probability of a box that is kept
UNCLIP_RATIO = 1.6  # the network learns shrunken text: how far to grow it back
MAX_BOXES = 2_000
MIN_SIDE_PX = 3

STRIP_PX = 48  # the height the recogniser was trained on
MAX_STRIP_PX = 3_200
BATCH_PX = 1_280  # total width of a batch: larger ones read no faster, padding costs more [measured]
STRIP_STEP_PX = 32


@dataclass(frozen=True, slots=True)
class Transcript:
    """What a strip says: one character, place (fraction of the strip's width) and score each."""

    characters: str
    places: tuple[float, ...]
    scores: tuple[float, ...]

    @property
    def confidence(self) -> float:
        return sum(self.scores) / len(self.scores) if self.scores else 0.0


def alphabet() -> list[str]:
    """What the recogniser was taught. Raises OcrUnavailable."""
    return _taught(_session(_model_folder(), "*rec*.onnx", 1))


class Networks:
    """Both networks, loaded. `threads` is what one call may use."""

    def __init__(self, threads: int) -> None:
        cv2.setNumThreads(threads)
        folder = _model_folder()
        self._detector = _session(folder, "*det*.onnx", threads)
        self._recogniser = _session(folder, "*rec*.onnx", threads)
        self._alphabet = _taught(self._recogniser)

    def detect(self, image: Pixels) -> list[Quad]:
        """The boxes of the lines of text in a BGR image (height, width, 3)."""
        height, width = image.shape[:2]
        scale = min(GROWN if height * width < SMALL else 1.0, math.sqrt(DETECTION_PIXELS / (height * width)))
        size = tuple(max(32, round(side * scale / 32) * 32) for side in (width, height))
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC)
        probabilities = self._run(self._detector, _normalised(small)[None])[0, 0]
        mask = cv2.dilate((probabilities > MIN_PROBABILITY).astype(np.uint8), np.ones((2, 2)))
        outlines, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        stretch = np.array([width / size[0], height / size[1]], np.float32)
        boxes = (_grown(outline, probabilities) for outline in outlines[:MAX_BOXES])
        return [_ordered(box * stretch) for box in boxes if box is not None]

    def transcribe(self, strips: Sequence[Pixels]) -> list[Transcript]:
        """What each BGR strip says, in their order. Strips of like width are read together."""
        scaled = [_strip(strip) for strip in strips]
        order = sorted(range(len(scaled)), key=lambda index: scaled[index].shape[1])
        transcripts: dict[int, Transcript] = {}
        for batch in _batches(order, [strip.shape[1] for strip in scaled]):
            width = scaled[batch[-1]].shape[1]
            width = -(-width // STRIP_STEP_PX) * STRIP_STEP_PX
            inputs = np.zeros((len(batch), 3, STRIP_PX, width), np.float32)
            for row, index in enumerate(batch):
                inputs[row, :, :, : scaled[index].shape[1]] = _normalised(scaled[index])
            outputs = self._run(self._recogniser, inputs)
            for row, index in enumerate(batch):
                share = scaled[index].shape[1] / width
                transcripts[index] = self._decoded(outputs[row], share)
        return [transcripts[index] for index in range(len(scaled))]

    def _decoded(self, steps: npt.NDArray[np.float32], share: float) -> Transcript:
        """Greedy CTC: the best character a step, repeats merged, blanks dropped."""
        best = steps.argmax(axis=1)
        new = np.concatenate(([True], best[1:] != best[:-1])) & (best != 0)
        places = (np.flatnonzero(new) + 0.5) / (len(best) * share)
        return Transcript(
            "".join(self._alphabet[index] for index in best[new]),
            tuple(np.minimum(places, 1.0).tolist()),
            tuple(steps[new, best[new]].tolist()),
        )

    @staticmethod
    def _run(session: onnxruntime.InferenceSession, inputs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        outputs: npt.NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: inputs})[0]
        return outputs


def _taught(recogniser: onnxruntime.InferenceSession) -> list[str]:
    characters = recogniser.get_modelmeta().custom_metadata_map["character"]
    return ["", *characters.splitlines(), " "]  # 0 is CTC's blank


def _model_folder() -> Path:
    """Found without importing rapidocr, whose own start takes half a second."""
    package = importlib.util.find_spec("rapidocr")
    if package is None or not package.submodule_search_locations:
        raise OcrUnavailable("rapidocr is not installed")
    return Path(package.submodule_search_locations[0]) / "models"


def _session(folder: Path, pattern: str, threads: int) -> onnxruntime.InferenceSession:
    models = sorted(folder.glob(pattern))
    if not models:
        raise OcrUnavailable(f"rapidocr came without a model {pattern}")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = True
    options.log_severity_level = 4
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # the other cores have work
    return onnxruntime.InferenceSession(models[-1], options, providers=["CPUExecutionProvider"])


def _normalised(image: Pixels) -> npt.NDArray[np.float32]:
    """(3, height, width) in [-1, 1], as both networks were trained."""
    return (image.transpose(2, 0, 1).astype(np.float32) / 127.5) - 1.0


def _grown(outline: npt.NDArray[np.int32], probabilities: npt.NDArray[np.float32]) -> Quad | None:
    """The rotated box around an island of text, or None if it is too small or too unsure.

    Growing a rectangle by d on every side is what offsetting its outline by
    d = area * ratio / perimeter gives.
    """
    centre, (width, height), angle = cv2.minAreaRect(outline)
    if min(width, height) < MIN_SIDE_PX or _score(outline, probabilities) < MIN_BOX_SCORE:
        return None
    distance = width * height * UNCLIP_RATIO / (2 * (width + height))
    box = (centre, (width + 2 * distance, height + 2 * distance), angle)
    grown: Quad = cv2.boxPoints(box)
    return grown


def _score(outline: npt.NDArray[np.int32], probabilities: npt.NDArray[np.float32]) -> float:
    x, y, width, height = cv2.boundingRect(outline)
    inside = np.zeros((height, width), np.uint8)
    cv2.fillPoly(inside, [outline - (x, y)], 1)
    return float(cv2.mean(probabilities[y : y + height, x : x + width], inside)[0])


def _ordered(box: Quad) -> Quad:
    """Corners clockwise from the top left one."""
    left, right = np.split(box[np.argsort(box[:, 0])], 2)
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.stack((top_left, top_right, bottom_right, bottom_left))


def _strip(strip: Pixels) -> Pixels:
    height, width = strip.shape[:2]
    scaled = min(MAX_STRIP_PX, max(8, round(width * STRIP_PX / height)))
    resized: Pixels = cv2.resize(strip, (scaled, STRIP_PX))
    return resized


def _batches(order: Sequence[int], widths: Sequence[int]) -> list[list[int]]:
    """Runs of `order`, narrow first, each at most `BATCH_PX` wide when padded to its widest."""
    batches: list[list[int]] = []
    for index in order:
        if batches and widths[index] * (len(batches[-1]) + 1) <= BATCH_PX:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches
