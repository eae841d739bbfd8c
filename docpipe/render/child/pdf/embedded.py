"""The files that a PDF carries, as a hybrid invoice (Factur-X, ZUGFeRD) does with its XML."""

from __future__ import annotations

from docpipe.render.child.pdf.mupdf import pymupdf

MAX_NAMES = 100  # that are looked at
MAX_CHARS = 60  # of a name


def embedded_names(file: pymupdf.Document) -> list[str]:
    """What the files are called, XML first (PDF 2.0, 7.7.4, 7.11). Raises what MuPDF does of a broken tree."""
    mupdf = pymupdf.mupdf
    tree = mupdf.pdf_load_name_tree(mupdf.pdf_document_from_fz_document(file.this), mupdf.pdf_new_name("EmbeddedFiles"))
    entries = range(min(mupdf.pdf_dict_len(tree), MAX_NAMES))
    names = [_name(mupdf.pdf_dict_get_val(tree, at), mupdf.pdf_dict_get_key(tree, at)) for at in entries]
    return sorted(names, key=lambda name: not name.lower().endswith(".xml"))


def _name(specification: pymupdf.mupdf.PdfObj, key: pymupdf.mupdf.PdfObj) -> str:
    """By its specification, as a reader shows it; else the key under which it stands."""
    mupdf = pymupdf.mupdf
    spoken = (mupdf.pdf_dict_get_text_string(specification, mupdf.pdf_new_name(entry)) for entry in ("UF", "F"))
    return (next(filter(None, spoken), "") or mupdf.pdf_to_name(key) or "a file")[:MAX_CHARS]
