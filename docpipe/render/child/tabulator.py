"""The tabulator's process: `python -m docpipe.render.child.tabulator`, started by `sandbox.Child` only.

    page   the tables of a page of a PDF, set upright as `turn` says
    scan   the tables on a picture whose words are known: RGB pixels in the memory that comes with the job

It is not the decoder: its models take memory that a page without tables does not need, and a page that it fails on is
read without it.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING

from docpipe.intake.content import Descriptor
from docpipe.page.box import Box
from docpipe.render import wire
from docpipe.render.child.canvas import Canvas
from docpipe.render.child.confine import Answer, serve
from docpipe.render.child.pdf.mupdf import corrupt, pymupdf
from docpipe.render.child.pdf.pdf import PdfFile
from docpipe.render.child.tables.written import written
from docpipe.settings import Settings

if TYPE_CHECKING:
    from docpipe.render.child.tables.model import TableModel, TableRow


class Tabulator:
    """Answers pages with tables. Its models load with the process, or it says why they cannot."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: TableModel | None = None
        self._reason = ""
        try:
            self._model = _loaded(settings.render.ocr_threads)
        except Exception as error:  # noqa: BLE001  a library that lacks the models, or whose models lack something
            self._reason = f"{type(error).__name__}: {error}"

    def __call__(self, job: wire.Message, memory: Descriptor | None) -> Answer:
        if self._model is None:
            return {"unavailable": self._reason}, None
        if memory is None:
            raise ValueError("a job without its document")
        if job["op"] == "scan":
            return {"tables": _of_scan(self._model, job, memory)}, None
        return {"tables": self._of_page(self._model, job, memory)}, None

    def _of_page(self, model: TableModel, job: wire.Message, memory: Descriptor) -> list[object]:
        """Each job opens the file anew: a page that is set upright is another page afterwards."""
        file = PdfFile(memory, job["passwords"], self._settings.limits, Canvas())
        try:
            page = file.sheet(job["number"]).upright(job["turn"])
            with corrupt("the tables cannot be read"):
                return _rows(model.tables(page), Box(*page.rect))
        finally:
            file.close()


def _of_scan(model: TableModel, job: wire.Message, memory: Descriptor) -> list[object]:
    width, height = job["size"]
    if not wire.is_sealed(memory, width * height * 3):
        raise ValueError("a scan that is not as large as it says")
    words = [(text, Box(*sides)) for text, sides in job["words"]]
    with mmap.mmap(memory.fd, 0, access=mmap.ACCESS_READ) as pixels:
        file, picture = written(pixels[:], (width, height), tuple(job["sides"]), words)
    with corrupt("the tables cannot be read"), pymupdf.open("pdf", file) as document:
        return _rows(model.tables(document[0]), picture)


def _rows(tables: list[TableRow], page: Box) -> list[object]:
    """The tables in fractions of `page`, as `untrusted.tables` reads them."""

    def share(sides: object) -> list[float]:
        return [round(side, 6) for side in Box(*sides).within(page)]  # type: ignore[misc]

    return [
        [share(box), header_rows, [[*places, share(cell)] for *places, cell in cells]]
        for box, header_rows, cells in tables
    ]


def _loaded(threads: int) -> TableModel:
    from docpipe.render.child.tables.model import TableModel

    return TableModel(threads)


if __name__ == "__main__":
    serve(Tabulator)
