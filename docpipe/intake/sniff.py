"""What a file is, by its first bytes and never by its name. What is not on the list is not read."""

from __future__ import annotations

import importlib.util
from pathlib import PurePosixPath

from docpipe.errors import EmptyFile, TypeMismatch, UnsupportedType
from docpipe.intake import kinds
from docpipe.intake.kinds import Kind, container, text_kind

HEAD_BYTES = 64 * 1024  # enough for the first names in a ZIP, and for the mark of a disk image
_PDF_BYTES = 1024  # PDF 1.7, annex H.3 note 13: readers accept "%PDF-" within the first 1,024 bytes

PDF = "application/pdf"
HEIC = "image/heic"
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

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}  # ISO/IEC 23008-12
_AVIF_BRANDS = {b"avif", b"avis"}  # AV1 Image File Format, 6.2: with the general mif1, like HEIC


def sniff(head: bytes, name: str) -> str:
    """The media type of the file that begins with `head` (its first `HEAD_BYTES`, or all of it).

    The content rules: a JPEG named .png is image/jpeg, see `conflict`. Raises EmptyFile without a byte,
    TypeMismatch where `name` claims a kind docpipe reads and the content is none of them, and
    UnsupportedType for everything else; both say what it is and what to do with it, where that is known.
    """
    if not head:
        raise EmptyFile(f"{name}: the file is empty")
    head = head[:HEAD_BYTES]
    media_type = _image_type(head)
    if media_type == HEIC and not reads_heic():
        raise _refusal(name, kinds.HEIC)
    if media_type is not None:
        return media_type
    other = None if head.startswith(b"%PDF-") else _container(head)
    if other is None and b"%PDF-" in head[:_PDF_BYTES]:
        return PDF
    raise _refusal(name, other or text_kind(head))


def _refusal(name: str, kind: Kind | None) -> TypeMismatch | UnsupportedType:
    claimed, remedy = _EXTENSIONS.get(_suffix(name)), kind.remedy if kind else None
    if claimed is None or (claimed == HEIC and kind is kinds.HEIC):
        what = kind.name if kind else "neither a PDF nor an image docpipe reads"
        return UnsupportedType(f"{name}: {what}", remedy=remedy)
    what = kind.name if kind else "no kind docpipe reads"
    return TypeMismatch(f"{name}: named like {claimed}, but the content is {what}", remedy=remedy)


def conflict(name: str, media_type: str) -> tuple[str, ...]:
    """A note for the record where `name` has the extension of another kind; () where there is no conflict."""
    claimed = _EXTENSIONS.get(_suffix(name))
    return () if claimed in (None, media_type) else (f"named like {claimed}, is {media_type}",)


def is_zip(head: bytes) -> bool:
    """Whether a file that begins so is a ZIP archive, and not an Office file or a book, which are ZIPs too."""
    return container(head) is kinds.ZIP


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


def _container(head: bytes) -> Kind | None:
    return kinds.AVIF if head[4:8] == b"ftyp" and _brands(head) & _AVIF_BRANDS else container(head)


def _is_bmp(head: bytes) -> bool:
    """Two letters are a weak mark: the size of the header that follows must be a known one."""
    return int.from_bytes(head[14:18], "little") in (12, 40, 52, 56, 64, 108, 124)


def _brands(head: bytes) -> set[bytes]:
    """The major and the compatible brands of a file type box (ISO/IEC 14496-12, 4.3)."""
    box = head[: int.from_bytes(head[:4], "big")]
    return {box[8:12], *(box[at : at + 4] for at in range(16, len(box) - 3, 4))}
