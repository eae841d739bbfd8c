"""PyMuPDF, without what it would load along. In the decoder's process only."""

import contextlib
import importlib
import sys
from collections.abc import Iterator

from docpipe.errors import Corrupt
from docpipe.render.child.blame import is_the_documents

# PyMuPDF imports both if they are installed, and with them an inference engine that only the tabulator asks
# for: half a second of every child's start.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
sys.modules.setdefault("pymupdf4llm", None)  # type: ignore[arg-type]

import pymupdf  # noqa: E402

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
pymupdf.TOOLS.set_small_glyph_heights(True)  # a word's box is as high as its type, not its line

_FAILURES = (RuntimeError, ValueError, pymupdf.mupdf.FzErrorBase)


@contextlib.contextmanager
def corrupt(what: str) -> Iterator[None]:
    """Whatever MuPDF and its Python code raise about a file is Corrupt, but for a failed allocation: MemoryError."""
    try:
        yield
    except Exception as error:
        if isinstance(error, MemoryError) or not (isinstance(error, _FAILURES) or is_the_documents(error)):
            raise
        if "alloc" in str(error):
            raise MemoryError from error
        inner = "/proc/" in str(error)  # the name it was opened by says nothing to anybody
        raise Corrupt(what if inner else f"{what}: {error}") from error


def with_layout() -> None:
    """Load the library's layout and table models, which its pages use from now on. Raises ImportError without them."""
    sys.modules.pop("pymupdf.layout", None)
    importlib.import_module("pymupdf.layout")


__all__ = ["corrupt", "pymupdf", "with_layout"]
