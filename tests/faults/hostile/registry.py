"""Every kind, and how a run must end for it."""

from __future__ import annotations

import io
import zipfile
from random import Random

import pymupdf

from tests.faults.hostile import images, pdfs
from tests.faults.hostile.kind import Kind, Make
from tests.faults.hostile.paper import invoice

HANGS = 10  # of each kind that costs its whole time limit or a child's life


def _text(beginning: bytes) -> Make:
    return lambda chance: beginning + b" %d" % chance.randint(0, 10**9)


def _zip(chance: Random, members: dict[str, bytes] | None = None) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in (members or {"a.txt": chance.randbytes(50)}).items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # without the time of day
    return out.getvalue()


def _zip_bomb(chance: Random) -> bytes:
    return _zip(chance, {"a.pdf": invoice(chance) + bytes(30_000_000)})


def _docx(chance: Random) -> bytes:
    body = f"<w:document><w:body>Invoice {chance.random()}</w:body></w:document>".encode()
    return _zip(chance, {"[Content_Types].xml": b"<Types/>", "word/document.xml": body})


AES = pymupdf.PDF_ENCRYPT_AES_256
RC4 = pymupdf.PDF_ENCRYPT_RC4_128

KINDS: tuple[Kind, ...] = (
    # what must be read
    Kind("clean", ".pdf", pdfs.clean),
    Kind("pages", ".pdf", pdfs.pages(3)),
    Kind("turned", ".pdf", pdfs.page_with("/MediaBox [0 0 595 842] /Rotate 90")),
    Kind("png", ".png", images.clean("PNG")),
    Kind("jpeg", ".jpg", images.clean("JPEG")),
    Kind("tiff", ".tif", images.clean("TIFF")),
    Kind("webp", ".webp", images.clean("WEBP")),
    Kind("heic", ".heic", images.heic),
    Kind("bmp", ".bmp", images.clean("BMP")),
    Kind("gif", ".gif", images.clean("GIF", "P")),
    Kind("animated", ".gif", images.animated),
    Kind("cmyk", ".jpg", images.clean("JPEG", "CMYK")),
    Kind("16bit", ".png", images.sixteen_bits),
    Kind("transparent", ".png", images.transparent),
    Kind("exif", ".jpg", images.turned_by_exif),
    Kind("frames", ".tif", images.frames(3)),
    Kind("misnamed", ".png", images.clean("JPEG"), note="named like image/png, is image/jpeg"),
    Kind("named-as-image", ".jpg", pdfs.clean, note="named like image/jpeg, is application/pdf"),
    Kind("owner-only", ".pdf", pdfs.locked("", "owner", AES)),
    Kind("password-aes", ".pdf", pdfs.locked(pdfs.KNOWN_PASSWORD, "owner", AES)),
    Kind("password-rc4", ".pdf", pdfs.locked(pdfs.KNOWN_PASSWORD, "owner", RC4)),
    # damaged, and still to be read
    Kind("cut-short", ".pdf", pdfs.cut_short, note="repaired"),
    Kind("without-xref", ".pdf", pdfs.without_xref, note="repaired"),
    Kind("wrong-offsets", ".pdf", pdfs.wrong_offsets, note="repaired"),
    Kind("junk-before", ".pdf", pdfs.junk_before),
    Kind("garbage-contents", ".pdf", pdfs.garbage_contents),
    Kind("zero-box", ".pdf", pdfs.media_box("0 0 0 0"), note="page box replaced"),
    Kind("nan-box", ".pdf", pdfs.media_box("0 0 nan 842"), note="page box replaced"),
    Kind("inverted-box", ".pdf", pdfs.media_box("595 842 0 0"), note="page box replaced"),
    Kind("broken-jbig2", ".pdf", pdfs.broken_image("JBIG2Decode")),
    Kind("broken-jpx", ".pdf", pdfs.broken_image("JPXDecode")),
    Kind("broken-dct", ".pdf", pdfs.broken_image("DCTDecode")),
    Kind("broken-fax", ".pdf", pdfs.broken_image("CCITTFaxDecode")),
    Kind("broken-font", ".pdf", pdfs.broken_font),
    # odd or made to harm, and still to be read
    Kind("odd-font-name", ".pdf", pdfs.odd_font_name),
    Kind("form-of-itself", ".pdf", pdfs.form_of_itself),
    Kind("annotations", ".pdf", pdfs.many_annotations),
    Kind("active", ".pdf", pdfs.active),
    Kind("extreme-numbers", ".pdf", pdfs.extreme_numbers),
    Kind("deep-arrays", ".pdf", pdfs.deep_arrays),
    # refused by their bytes
    Kind("empty", ".pdf", lambda _: b"", "EMPTY_FILE"),
    Kind("text", ".txt", _text(b"Dear customer,"), "UNSUPPORTED_TYPE"),
    Kind("bytes", ".bin", lambda chance: b"\x00" + chance.randbytes(999), "UNSUPPORTED_TYPE"),
    Kind("office", ".docx", _docx, "UNSUPPORTED_TYPE"),
    Kind("html", ".pdf", _text(b"<!DOCTYPE html><html><body>%PDF-1.7"), "TYPE_MISMATCH"),
    Kind("svg", ".pdf", _text(b"<svg xmlns='http://www.w3.org/2000/svg'>"), "TYPE_MISMATCH"),
    Kind("zip-as-pdf", ".pdf", _zip, "TYPE_MISMATCH"),
    Kind("eps", ".pdf", _text(b"%!PS-Adobe-3.0 EPSF-3.0\n%PDF-1.4"), "TYPE_MISMATCH"),
    Kind("text-as-tiff", ".tif", _text(b"II, wrote the king"), "TYPE_MISMATCH"),
    # damaged beyond reading
    Kind("noise", ".pdf", pdfs.noise, "CORRUPT"),
    Kind("lying-count", ".pdf", pdfs.root_with("/Kids [5 0 R] /Count 1000000000"), "CORRUPT"),
    Kind("claimed-pages", ".pdf", pdfs.root_with("/Kids [] /Count 1000000000"), "CORRUPT"),
    Kind("negative-count", ".pdf", pdfs.root_with("/Kids [5 0 R] /Count -5"), "CORRUPT"),
    Kind("page-tree-cycle", ".pdf", pdfs.page_tree_cycle, "CORRUPT"),
    Kind("broken-lock", ".pdf", pdfs.broken_lock, "CORRUPT"),
    Kind("pattern-of-itself", ".pdf", pdfs.pattern_of_itself, "CORRUPT"),
    Kind("text-bomb", ".png", images.text_bomb, "CORRUPT", share=HANGS),
    Kind("cut-png", ".png", images.cut("PNG"), "CORRUPT"),
    Kind("cut-jpeg", ".jpg", images.cut("JPEG", quality=90), "CORRUPT"),
    Kind("cut-tiff", ".tif", images.cut("TIFF", compression="tiff_lzw"), "CORRUPT"),
    Kind("cut-webp", ".webp", images.cut("WEBP", lossless=True), "CORRUPT"),
    Kind("cut-bmp", ".bmp", images.cut("BMP"), "CORRUPT"),
    # over a limit
    Kind("zero-pages", ".pdf", pdfs.root_with("/Kids [] /Count 0"), "EMPTY_DOCUMENT"),
    Kind("locked", ".pdf", pdfs.locked("unknown", "owner", AES), "ENCRYPTED"),
    Kind("many-pages", ".pdf", pdfs.pages(pdfs.MAX_PAGES + 1), "TOO_MANY_PAGES", share=HANGS),
    Kind("many-frames", ".tif", images.tiny_frames, "TOO_MANY_PAGES"),
    Kind("huge-box", ".pdf", pdfs.media_box("0 0 1000000000 1000000000"), "PAGE_TOO_LARGE"),
    Kind("user-unit", ".pdf", pdfs.page_with("/MediaBox [0 0 595 842] /UserUnit 1000"), "PAGE_TOO_LARGE"),
    Kind("flate-bomb", ".pdf", pdfs.flate_bomb, "PAGE_TOO_LARGE", share=HANGS),
    Kind("image-bomb", ".pdf", pdfs.image_bomb, "IMAGE_TOO_LARGE"),
    Kind("strip", ".pdf", pdfs.media_box("0 0 1 14400"), "BAD_ASPECT"),
    Kind("strip-image", ".png", images.png_of(10_000, 10), "BAD_ASPECT"),
    Kind("png-bomb", ".png", images.png_of(60_000, 60_000), "IMAGE_TOO_LARGE"),
    Kind("bmp-bomb", ".bmp", images.bmp_of(60_000, 60_000), "IMAGE_TOO_LARGE"),
    Kind("gif-bomb", ".gif", images.gif_of(65_000, 65_000), "IMAGE_TOO_LARGE"),
    Kind("zip-bomb", ".zip", _zip_bomb, "ARCHIVE_BOMB"),
    Kind("hang", ".pdf", pdfs.hanging(1), "RENDER_TIMEOUT", share=HANGS),
)
