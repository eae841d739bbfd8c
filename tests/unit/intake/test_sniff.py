"""The type of a file is what its bytes say, among the kinds docpipe reads."""

import pytest

from docpipe.errors import EmptyFile, TypeMismatch, UnsupportedType
from docpipe.intake.sniff import sniff

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


@pytest.mark.parametrize(("head", "media_type"), KINDS)
def test_magic_bytes_name_the_type(head: bytes, media_type: str) -> None:
    assert sniff(head, "document") == media_type


def test_a_pdf_header_may_follow_other_bytes() -> None:
    assert sniff(b"\x00" * 1000 + b"%PDF-1.4", "mail.pdf") == "application/pdf"
    with pytest.raises(TypeMismatch):
        sniff(b"\x00" * 1020 + b"%PDF-1.4", "late.pdf")


def test_the_content_rules_over_the_extension() -> None:
    assert sniff(b"\xff\xd8\xff\xe0", "scan.png") == "image/jpeg"
    assert sniff(b"%PDF-1.7", "noextension") == "application/pdf"


@pytest.mark.parametrize("head", [b"<!DOCTYPE html><html>", b"PK\x03\x04", b"%!PS-Adobe-3.0 EPSF-3.0", b"BMW invoices"])
def test_a_name_that_claims_what_the_content_is_not(head: bytes) -> None:
    with pytest.raises(TypeMismatch):
        sniff(head, "invoice.PDF")


def test_what_is_not_read() -> None:
    with pytest.raises(UnsupportedType):
        sniff(b"PK\x03\x04", "sheet.xlsx")
    with pytest.raises(EmptyFile):
        sniff(b"", "invoice.pdf")
