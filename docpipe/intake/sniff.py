"""What a file is, by its first bytes and never by its name."""

from __future__ import annotations

from pathlib import PurePath

from docpipe.errors import EmptyFile, TypeMismatch, UnsupportedType

HEAD_BYTES = 1024  # PDF 1.7, annex H.3 note 13: readers accept "%PDF-" within the first 1,024 bytes

PDF = "application/pdf"

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


def sniff(head: bytes, name: str) -> str:
    """The media type of the file that begins with `head` (its first `HEAD_BYTES`, or all of it).

    The content rules: a JPEG named .png is image/jpeg. Raises EmptyFile without a byte,
    TypeMismatch where `name` claims a kind docpipe reads and the content is none of them, and
    UnsupportedType for everything else.
    """
    if not head:
        raise EmptyFile(f"{name}: the file is empty")
    media_type = _type_of(head[:HEAD_BYTES])
    if media_type is not None:
        return media_type
    claimed = _EXTENSIONS.get(PurePath(name).suffix.lower())
    if claimed is not None:
        raise TypeMismatch(f"{name}: named like {claimed}, but the content is no kind docpipe reads")
    raise UnsupportedType(f"{name}: neither a PDF nor an image docpipe reads")


def _type_of(head: bytes) -> str | None:
    for magic, media_type in _MAGIC:
        if head.startswith(magic):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and _is_bmp(head):
        return "image/bmp"
    if b"%PDF-" in head and not head.startswith((b"%!PS", b"\xc5\xd0\xd3\xc6")):
        return PDF
    return None


def _is_bmp(head: bytes) -> bool:
    """Two letters are a weak mark: the size of the header that follows must be a known one."""
    return int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)
