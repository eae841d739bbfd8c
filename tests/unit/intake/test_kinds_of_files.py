"""What docpipe does not read is named for what it is, and its remedy says what to do; no container is its first PDF."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
from email.message import EmailMessage

import pytest

from docpipe.errors import DocumentError, TypeMismatch, UnsupportedType
from docpipe.intake.sniff import is_zip, sniff

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\n" + bytes(2000)


def tarred(form: int, name: str = "a.pdf") -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as tar:
        for number in range(3):
            member = tarfile.TarInfo(f"{number}-{name}")
            member.size = len(PDF)
            tar.addfile(member, io.BytesIO(PDF))
    return target.getvalue()


def old_tar() -> bytes:
    """As before POSIX: no magic, its checksum alone."""
    block = bytearray(tarred(tarfile.USTAR_FORMAT)[:512])
    block[257:512] = bytes(255)
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block) + PDF


def zipped(*names: str, stored: bool = False, content: bytes = b"<x/>") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, content)
    return target.getvalue()


def open_document(media_type: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("mimetype", media_type)
        file.writestr("content.xml", "<x/>")
    return target.getvalue()


def compound(*streams: str) -> bytes:
    names = b"".join(stream.encode("utf-16-le").ljust(128, b"\0") for stream in ("Root Entry", *streams))
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".ljust(512, b"\0") + names


def mail() -> bytes:
    message = EmailMessage()
    message["From"], message["Subject"] = "billing@example.org", "Invoice 7"
    message.set_content("see there")
    message.add_attachment(PDF, maintype="application", subtype="pdf", filename="a.pdf")
    return message.as_bytes()


WORD = ("[Content_Types].xml", "_rels/.rels", "word/document.xml")
EXCEL = ("docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml", "xl/workbook.xml", "[Content_Types].xml")
XML = '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="{1}">'
KINDS = [
    (tarred(tarfile.USTAR_FORMAT), "a tar archive", "Unpack"),
    (tarred(tarfile.GNU_FORMAT), "a tar archive", "Unpack"),
    (tarred(tarfile.PAX_FORMAT, "ü" * 120), "a tar archive", "Unpack"),
    (old_tar(), "a tar archive", "Unpack"),
    (gzip.compress(PDF), "a gzip file", "Unpack"),
    (bz2.compress(PDF), "a bzip2 file", "Unpack"),
    (lzma.compress(PDF), "an xz file", "Unpack"),
    (b"\x28\xb5\x2f\xfd" + PDF, "a Zstandard file", "Unpack"),
    (b"7z\xbc\xaf\x27\x1c" + PDF, "a 7z archive", "Unpack"),
    (b"Rar!\x1a\x07\x01\x00" + PDF, "a RAR archive", "Unpack"),
    (b"MSCF\x00\x00\x00\x00" + PDF, "a cabinet archive", "Unpack"),
    (b"!<arch>\ndebian-binary   ", "a Debian package", "Unpack"),
    (b"!<arch>\na.pdf/          " + PDF, "an ar archive", "Unpack"),
    (b"070701" + b"0" * 104 + b"a.pdf\0" + PDF, "a cpio archive", "Unpack"),
    (bytes(32_769) + b"CD001\x01" + bytes(100), "an ISO disk image", "Unpack"),
    (zipped("a.pdf", "b.pdf"), "a ZIP archive", "folder"),
    (zipped(*WORD), "a Word document (DOCX)", "soffice"),
    (zipped(*EXCEL), "an Excel workbook (XLSX)", "soffice"),
    (zipped("[Content_Types].xml", "ppt/presentation.xml"), "a PowerPoint presentation (PPTX)", "soffice"),
    (open_document("application/vnd.oasis.opendocument.text"), "an OpenDocument text (ODT)", "soffice"),
    (compound("__properties_version1.0"), "an Outlook message (MSG)", "attachments"),
    (compound("WordDocument"), "an older Word document (DOC)", "soffice"),
    (compound("Workbook"), "an older Excel workbook (XLS)", "soffice"),
    (compound("EncryptedPackage"), "an Office file that is locked by a password", "Unlock"),
    (compound("Else"), "an older Office file", "soffice"),
    (mail(), "an e-mail", "attachments"),
    (b"From billing@example.org Mon Mar  4 10:00:00 2024\n" + mail(), "an e-mail", "attachments"),
    (XML.format("Invoice", "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2").encode(), "UBL", "as data"),
    (
        XML.format("x", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100").encode("utf-16"),
        "(CII)",
        "as data",
    ),
    (XML.format("xdp:xdp", "http://ns.adobe.com/xdp/").encode(), "an XFA form as XML", "Reader"),
    (XML.format("book", "urn:a").encode(), "XML", "data already"),
    (b"<!DOCTYPE html><html>", "HTML", "Print it"),
    (b"{\\rtf1\\ansi", "RTF", "soffice"),
    (b"%!PS-Adobe-3.0\n", "PostScript", "soffice"),
    (b"AT&TFORM\x00\x00\x10\x00DJVM", "DjVu", "Convert"),
    (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avif", "AVIF", "Convert"),
    (b"<svg xmlns='http://www.w3.org/2000/svg'>", "SVG", "Convert"),
    (b'{"number": "INV-1"}\n', "JSON", "data already"),
    (b"number;total\nINV-1;1,50\nINV-2;2,50\n", "CSV", "data already"),
    ("Invoice INV-1\n\nTotal: 1,50 €\n".encode(), "plain text", "soffice"),
    ("Invoice INV-1\n\nTotal: 1,50 €\n".encode("utf-16"), "plain text", "soffice"),
    (b"UNB+UNOC:3+a+b+240301:1000+1'", "EDIFACT", "data already"),
    (b"PAR1\x15\x04", "a Parquet file", "data already"),
    (bytes(range(256)) * 8, "neither a PDF nor an image", "docpipe reads PDF"),
]


@pytest.mark.parametrize(("head", "name", "remedy"), KINDS, ids=[f"{at}-{kind[1]}" for at, kind in enumerate(KINDS)])
def test_a_kind_is_named_and_its_remedy_says_what_to_do(head: bytes, name: str, remedy: str) -> None:
    with pytest.raises(UnsupportedType) as raised:
        sniff(head, "inbox-7")
    assert name in raised.value.message
    assert remedy in raised.value.what_to_do


@pytest.mark.parametrize(
    "head", [tarred(tarfile.USTAR_FORMAT), old_tar(), zipped("a.pdf", stored=True, content=PDF), mail()]
)
def test_a_container_that_is_called_a_pdf_is_none(head: bytes) -> None:
    with pytest.raises(TypeMismatch) as raised:
        sniff(head, "invoices.pdf")
    assert raised.value.what_to_do != DocumentError.remedy


def test_a_pdf_that_has_the_mark_of_another_kind_inside_is_a_pdf() -> None:
    assert sniff(b"%PDF-1.7\n".ljust(257) + b"ustar\0", "a") == "application/pdf"


def test_office_files_are_no_folders_of_documents() -> None:
    assert not is_zip(zipped(*WORD))
    assert not is_zip(zipped(*EXCEL))
    assert is_zip(zipped("a.pdf", "letter.docx"))


def test_an_office_file_in_a_zip_does_not_hide_its_neighbours() -> None:
    assert is_zip(zipped("a.docx", "b.pdf", stored=True, content=zipped(*WORD)))
