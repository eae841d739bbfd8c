"""What a file is, by its first bytes and never by its name. What is not on the list is not read."""

from __future__ import annotations

import importlib.util
from pathlib import PurePosixPath

from docpipe.errors import EmptyFile, TypeMismatch, UnsupportedType, install_extra

HEAD_BYTES = 1024  # PDF 1.7, annex H.3 note 13: readers accept "%PDF-" within the first 1,024 bytes

PDF = "application/pdf"
HEIC = "image/heic"
ZIP = "a ZIP archive"
HEIC_LIBRARY = "pillow_heif"

_EXTENSIONS = {
    ".pdf": PDF,
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".webp": "image/webp",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".heic": HEIC,
    ".heif": HEIC,
}

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),  # BigTIFF
    (b"MM\x00+", "image/tiff"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)

_OTHERS = (
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),  # without members
    (b"PK\x07\x08", ZIP),  # spanned
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "EPS"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an older Office file"),
    (b"{\\rtf", "RTF"),
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"MZ", "a program"),
    (b"\x7fELF", "a program"),
    (b"#!", "a script"),
)
_MARKUP = (
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<head", "HTML"),
    (b"<body", "HTML"),
    (b"<script", "HTML"),
    (b"<svg", "SVG"),
    (b"<!doctype svg", "SVG"),
    (b"<?xml", "XML"),
)
"""Kinds that docpipe does not read but can name. A "%PDF-" further on does not make them a PDF."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}  # ISO/IEC 23008-12
_AVIF_BRANDS = {b"avif", b"avis"}  # AV1 Image File Format, 6.2: with the general mif1, like HEIC
_REMEDIES = {
    ZIP: "A ZIP is read as a folder if its name ends in .zip; one in a ZIP or in a bucket must be unpacked first.",
    "HEIC": f"{install_extra('heic')} Or convert the file first.",
}


def sniff(head: bytes, name: str) -> str:
    """The media type of the file that begins with `head` (its first `HEAD_BYTES`, or all of it).

    The content rules: a JPEG named .png is image/jpeg, see `conflict`. Raises EmptyFile without a byte,
    TypeMismatch where `name` claims a kind docpipe reads and the content is none of them, and
    UnsupportedType for everything else.
    """
    if not head:
        raise EmptyFile(f"{name}: the file is empty")
    head = head[:HEAD_BYTES]
    media_type = _image_type(head)
    other = "" if media_type else _other(head)
    if media_type == HEIC and not reads_heic():
        media_type, other = None, "HEIC"
    if media_type is None and not other and b"%PDF-" in head:
        media_type = PDF
    if media_type is not None:
        return media_type
    claimed = _EXTENSIONS.get(_suffix(name))
    if claimed is not None and not (claimed == HEIC and other == "HEIC"):
        raise TypeMismatch(f"{name}: named like {claimed}, but the content is {other or 'no kind docpipe reads'}")
    raise UnsupportedType(f"{name}: {other or 'neither a PDF nor an image docpipe reads'}", remedy=_REMEDIES.get(other))


def conflict(name: str, media_type: str) -> tuple[str, ...]:
    """A note for the record where `name` has the extension of another kind; () where there is no conflict."""
    claimed = _EXTENSIONS.get(_suffix(name))
    return () if claimed in (None, media_type) else (f"named like {claimed}, is {media_type}",)


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP archive."""
    return _other(head) == ZIP


def reads_heic() -> bool:
    """Whether the library for HEIC is installed."""
    return importlib.util.find_spec(HEIC_LIBRARY) is not None


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _image_type(head: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and _is_bmp(head):
        return "image/bmp"
    if head[4:8] == b"ftyp" and _HEIC_BRANDS & (brands := _brands(head)) and not brands & _AVIF_BRANDS:
        return HEIC
    return None


def _other(head: bytes) -> str:
    if head[4:8] == b"ftyp":
        return "AVIF" if _brands(head) & _AVIF_BRANDS else "a film or a picture of the MPEG-4 family"
    for magic, kind in _OTHERS:
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next((kind for magic, kind in _MARKUP if text.startswith(magic)), "")


def _is_bmp(head: bytes) -> bool:
    """Two letters are a weak mark: the size of the header that follows must be a known one."""
    return int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _brands(head: bytes) -> set[bytes]:
    """The major and the compatible brands of a file type box (ISO/IEC 14496-12, 4.3)."""
    box = head[: int.from_bytes(head[:4], "big")]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))}
