"""The recogniser's process: `python -m docpipe.render.child.recogniser`, started by `sandbox.Child` only.

A job is a scan: RGB pixels in the memory that comes with it. Models load with the first one.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from docpipe.errors import OcrUnavailable
from docpipe.intake.content import Descriptor
from docpipe.render import wire
from docpipe.render.child.confine import Answer, serve
from docpipe.render.sheet import word_row
from docpipe.settings import Settings

if TYPE_CHECKING:
    import numpy.typing as npt

    from docpipe.render.child.ocr.reading import Reading

Reader = Callable[["npt.NDArray[np.uint8]", bool], "Reading"]


class Recogniser:
    """Answers scans with words. Its networks load with the process, or it says why they cannot."""

    def __init__(self, settings: Settings) -> None:
        self._reader: Reader | None = None
        self._reason = ""
        try:
            self._reader = _loaded(settings.render.ocr_threads)
        except (ImportError, OcrUnavailable) as error:
            self._reason = str(error)

    def __call__(self, job: wire.Message, memory: Descriptor | None) -> Answer:
        if self._reader is None:
            raise OcrUnavailable(self._reason)
        width, height = job["width"], job["height"]
        if memory is None or not wire.is_sealed(memory, width * height * 3):
            raise ValueError("a scan that is not as large as it says")
        with mmap.mmap(memory.fd, 0, access=mmap.ACCESS_READ) as pixels:
            rgb = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
            image = np.ascontiguousarray(rgb[:, :, ::-1])
            del rgb
        reading = self._reader(image, job["what"] == "words")
        return {
            "words": [word_row(word) for word in reading.words],
            "pose": {"turn": reading.pose.turn, "skew": reading.pose.skew},
        }, None


def _loaded(threads: int) -> Reader:
    from docpipe.render.child.ocr.models import Networks
    from docpipe.render.child.ocr.reading import read

    networks = Networks(threads)
    return lambda image, words: read(image, networks, words=words)


if __name__ == "__main__":
    serve(Recogniser)
