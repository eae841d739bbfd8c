"""PyMuPDF, without what it would load along. In the decoder's process only."""

import sys

# PyMuPDF imports both if they are installed, and with them an inference engine that nobody asks
# for here: half a second of every child's start.
sys.modules.setdefault("pymupdf.layout", None)  # type: ignore[arg-type]
sys.modules.setdefault("pymupdf4llm", None)  # type: ignore[arg-type]

import pymupdf  # noqa: E402

pymupdf.TOOLS.mupdf_display_errors(False)
pymupdf.TOOLS.mupdf_display_warnings(False)
pymupdf.TOOLS.set_small_glyph_heights(True)  # a word's box is as high as its type, not its line

__all__ = ["pymupdf"]
