"""The type of a file is what its bytes say, among the kinds docpipe reads."""

import pytest

from docpipe.errors import EmptyFile, TypeMismatch, UnsupportedType
from docpipe.intake import sniff as sniff_module
from docpipe.intake.sniff import conflict, sniff

KINDS = [
    (b"%PDF-1.7\n", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "image/png"),
    (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg"),
    (b"II*\x00\x08\x00\x00\x00", "image/tiff"),
    (b"MM\x00*\x00\x00\x00\x08", "image/tiff"),
    (b"RIFF\x24\x00\x00\x00WEBPVP8 ", "image/webp"),
    (b"BM" + bytes(12) + (40).to_bytes(4, "little"), "image/bmp"),
    (b"GIF89a", "image/gif"),
]
HEIC = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic"
OTHERS = [
    b"<!DOCTYPE html><html>",
    b"\xef\xbb\xbf \n<HTML lang=en>",
    b"<svg xmlns='http://www.w3.org/2000/svg'>",
    b"<?xml version='1.0'?><svg>",
    b"PK\x03\x04",
    b"%!PS-Adobe-3.0 EPSF-3.0",
    b"\xc5\xd0\xd3\xc6",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    b"{\\rtf1",
    b"MZ\x90\x00",
    b"\x7fELF",
]


@pytest.mark.parametrize(("head", "media_type"), KINDS)
def test_magic_bytes_name_the_type(head: bytes, media_type: str) -> None:
    assert sniff(head, "document") == media_type


@pytest.mark.parametrize(
    "lead", [b"\x00" * 1000, b"\xef\xbb\xbf", b"\r\n  ", b"From: a@b.example\r\nSubject: bill\r\n\r\n"]
)
def test_a_pdf_header_may_follow_other_bytes(lead: bytes) -> None:
    assert sniff(lead + b"%PDF-1.4", "mail.pdf") == "application/pdf"


def test_a_pdf_header_that_comes_late_is_none() -> None:
    with pytest.raises(TypeMismatch):
        sniff(b"\x00" * 1020 + b"%PDF-1.4", "late.pdf")


@pytest.mark.parametrize("head", [*OTHERS, b"BMW invoices"])
def test_a_name_that_claims_what_the_content_is_not(head: bytes) -> None:
    with pytest.raises(TypeMismatch):
        sniff(head, "invoice.PDF")


@pytest.mark.parametrize("head", OTHERS)
def test_what_begins_as_something_else_is_no_pdf_however_it_goes_on(head: bytes) -> None:
    with pytest.raises(TypeMismatch):
        sniff(head + b"\n%PDF-1.7\n", "invoice.pdf")
    with pytest.raises(UnsupportedType):
        sniff(head + b"\n%PDF-1.7\n", "invoice")


def test_a_picture_that_hides_a_pdf_is_a_picture() -> None:
    assert sniff(b"GIF89a" + b"%PDF-1.7", "invoice.pdf") == "image/gif"


def test_what_it_is_instead_is_said() -> None:
    with pytest.raises(TypeMismatch, match="like application/pdf, but the content is HTML"):
        sniff(b"<html>", "invoice.pdf")


def test_the_content_rules_over_the_extension_and_the_conflict_is_noted() -> None:
    assert sniff(b"\xff\xd8\xff\xe0", "scan.png") == "image/jpeg"
    assert conflict("scan.png", "image/jpeg") == ("named like image/png, is image/jpeg",)
    assert conflict("scan.PDF", "image/jpeg") == ("named like application/pdf, is image/jpeg",)
    assert (
        conflict("scan.jpeg", "image/jpeg") == conflict("scan", "image/jpeg") == conflict("x.dat", "image/jpeg") == ()
    )


def test_what_is_not_read() -> None:
    with pytest.raises(UnsupportedType, match="ZIP"):
        sniff(b"PK\x03\x04", "sheet.xlsx")
    with pytest.raises(EmptyFile):
        sniff(b"", "invoice.pdf")


def test_heic_is_read_where_its_library_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff_module, "reads_heic", lambda: True)
    assert sniff(HEIC, "photo.heic") == "image/heic"
    monkeypatch.setattr(sniff_module, "reads_heic", lambda: False)
    with pytest.raises(UnsupportedType) as caught:
        sniff(HEIC, "photo.heic")
    assert "the extra 'heic'" in caught.value.what_to_do
    with pytest.raises(TypeMismatch):
        sniff(b"<html>", "photo.heic")


def test_avif_is_not_taken_for_heic(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sniff_module, "reads_heic", lambda: True)
    with pytest.raises(UnsupportedType, match="AVIF"):
        sniff(b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf", "photo.avif")


def test_a_film_is_no_photo() -> None:
    with pytest.raises(UnsupportedType):
        sniff(b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00isommp42", "film.mp4")
