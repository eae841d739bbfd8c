"""What docpipe does not read, told by its bytes, and what to do with it.

Marks are those of the formats' own specifications, as the `file` command's magic(5) lists them.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from docpipe.errors import install_extra


@dataclass(frozen=True, slots=True)
class Kind:
    """`name` with its article, `remedy` for whoever wanted it read."""

    name: str
    remedy: str


_READS = "docpipe reads PDF, PNG, JPEG, TIFF, WebP, BMP and GIF"
_UNPACK = "Unpack it first: the PDFs and images in it are then read. Of archives only a .zip is read as a folder."
_CONVERT = "Convert it to PDF first, for example by `soffice --headless --convert-to pdf FILE`."
_PICTURE = "Convert it to PNG, TIFF or PDF first."
_MAIL = "Save its attachments as files first: PDFs and images among them are read."
_DATA = f"It is data already, no page to be read; {_READS}."
_E_INVOICE = f"It is an invoice as data: take its values as they stand. {_READS}; a PDF that came with it can be read."
_NO_DOCUMENT = f"It is no document: leave it out of the inputs. {_READS}."

ZIP = Kind("a ZIP archive", "A ZIP is read as a folder if its name ends in .zip; one in a ZIP must be unpacked first.")
HEIC = Kind("HEIC", f"{install_extra('heic')} Or convert the file first.")
AVIF = Kind("AVIF", _PICTURE)
_FILM = Kind("a film or a picture of the MPEG-4 family", _NO_DOCUMENT)
_TAR = Kind("a tar archive", _UNPACK)
_MESSAGE = Kind("an e-mail", _MAIL)
_HTML = Kind("HTML", "Print it to PDF first.")
_SVG = Kind("SVG", _PICTURE)
_XFA = Kind("an XFA form as XML", "Open it in Adobe's Reader and print it to PDF.")
_OLE = Kind("an older Office file", _CONVERT)

_MAGIC: tuple[tuple[int, bytes, Kind], ...] = tuple(
    (at, mark, Kind(name, remedy))
    for remedy, marks in (
        (
            _UNPACK,
            (
                (0, b"\x1f\x8b", "a gzip file"),
                (0, b"\x1f\x9d", "a file packed by compress"),
                (0, b"BZh", "a bzip2 file"),
                (0, b"\xfd7zXZ\x00", "an xz file"),
                (0, b"\x28\xb5\x2f\xfd", "a Zstandard file"),
                (0, b"\x04\x22\x4d\x18", "an LZ4 file"),
                (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
                (0, b"Rar!\x1a\x07", "a RAR archive"),
                (0, b"MSCF\x00\x00\x00\x00", "a cabinet archive"),
                (0, b"!<arch>\ndebian-binary", "a Debian package"),
                (0, b"!<arch>\n", "an ar archive"),
                (0, b"070701", "a cpio archive"),
                (0, b"070702", "a cpio archive"),
                (0, b"070707", "a cpio archive"),
                (0, b"\xc7\x71", "a cpio archive"),
                (0, b"xar!", "a xar archive"),
                (257, b"ustar\x00", "a tar archive"),
                (257, b"ustar ", "a tar archive"),
                (32_769, b"CD001", "an ISO disk image"),
            ),
        ),
        (
            _CONVERT,
            (
                (0, b"{\\rtf", "RTF"),
                (0, b"%!PS", "PostScript"),
                (0, b"\xc5\xd0\xd3\xc6", "EPS"),
            ),
        ),
        (
            _PICTURE,
            (
                (0, b"AT&TFORM", "DjVu"),
                (0, b"\x00\x00\x00\x0cjP  \r\n\x87\n", "JPEG 2000"),
                (0, b"\xff\x4f\xff\x51", "JPEG 2000"),
                (0, b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
                (0, b"\x97JB2\r\n\x1a\n", "JBIG2"),
                (0, b"8BPS", "a Photoshop picture"),
                (40, b" EMF", "a Windows metafile"),
                (0, b"\xd7\xcd\xc6\x9a", "a Windows metafile"),
                (128, b"DICM", "DICOM"),
            ),
        ),
        (
            _MAIL,
            (
                (0, b"\x78\x9f\x3e\x22", "an Outlook attachment (winmail.dat)"),
                (0, b"!BDN", "an Outlook mailbox (PST)"),
            ),
        ),
        (
            _DATA,
            (
                (0, b"PAR1", "a Parquet file"),
                (0, b"SQLite format 3\x00", "an SQLite database"),
                (8, b"DUCK", "a DuckDB database"),
                (0, b"BEGIN:VCARD", "a vCard"),
                (0, b"BEGIN:VCALENDAR", "a calendar entry"),
                (0, b"UNA:+.", "EDIFACT"),
                (0, b"UNB+", "EDIFACT"),
            ),
        ),
        (
            _NO_DOCUMENT,
            (
                (0, b"MZ", "a program"),
                (0, b"\x7fELF", "a program"),
                (0, b"#!", "a script"),
                (8, b"WAVE", "a sound"),
                (8, b"AVI ", "a film"),
                (0, b"ID3", "a sound"),
                (0, b"OggS", "a sound or a film"),
                (0, b"\x1a\x45\xdf\xa3", "a film"),
            ),
        ),
    )
    for at, mark, name in marks
)

_ZIPPED: tuple[tuple[bytes, Kind], ...] = (
    (b"word/", Kind("a Word document (DOCX)", _CONVERT)),
    (b"xl/", Kind("an Excel workbook (XLSX)", _CONVERT)),
    (b"ppt/", Kind("a PowerPoint presentation (PPTX)", _CONVERT)),
    (b"visio/", Kind("a Visio drawing (VSDX)", _CONVERT)),
    (b"FixedDocSeq.fdseq", Kind("an XPS document", _CONVERT)),
    (b"FixedDocumentSequence.fdseq", Kind("an XPS document", _CONVERT)),
    (b"Index/Document.iwa", Kind("a document of Pages, Numbers or Keynote", "Export it as PDF first.")),
)
_PACKAGE_PARTS = {b"[Content_Types].xml", b"_rels/.rels", b"docProps/app.xml", b"docProps/core.xml"}  # ECMA-376, part 2
_OFFICE = Kind("an Office file", _CONVERT)
_MIME_TYPES: tuple[tuple[bytes, Kind], ...] = (  # of a "mimetype" that is stored first (OpenDocument 1.3, part 2, 3.3)
    (b"application/vnd.oasis.opendocument.text", Kind("an OpenDocument text (ODT)", _CONVERT)),
    (b"application/vnd.oasis.opendocument.spreadsheet", Kind("an OpenDocument spreadsheet (ODS)", _CONVERT)),
    (b"application/vnd.oasis.opendocument.presentation", Kind("an OpenDocument presentation (ODP)", _CONVERT)),
    (b"application/vnd.oasis.opendocument", Kind("an OpenDocument file", _CONVERT)),
    (b"application/epub+zip", Kind("an EPUB book", _CONVERT)),
)
_LOCAL_HEADER = b"PK\x03\x04"
_LOCAL = struct.Struct("<6xHH8xI4xHH")  # flags, method, packed size, lengths of name and extra field
_SIZE_FOLLOWS, _DEFLATED = 1 << 3, 8
_ZIP_STARTS = (_LOCAL_HEADER, b"PK\x05\x06", b"PK\x07\x08")  # with members, without, spanned

_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # [MS-CFB], 2.2; the names in its directory are UTF-16
_STREAMS: tuple[tuple[str, Kind], ...] = (
    ("__properties_version1.0", Kind("an Outlook message (MSG)", _MAIL)),
    ("EncryptedPackage", Kind("an Office file that is locked by a password", "Unlock it, then convert it to PDF.")),
    ("WordDocument", Kind("an older Word document (DOC)", _CONVERT)),
    ("Workbook", Kind("an older Excel workbook (XLS)", _CONVERT)),
    ("PowerPoint Document", Kind("an older PowerPoint presentation (PPT)", _CONVERT)),
)

_MARKUP: tuple[tuple[str, Kind], ...] = (
    ("urn:un:unece:uncefact:data:standard:crossindustryinvoice", Kind("an e-invoice as XML (CII)", _E_INVOICE)),
    ("crossindustrydocument", Kind("an e-invoice as XML (CII)", _E_INVOICE)),
    ("urn:oasis:names:specification:ubl:", Kind("an e-invoice as XML (UBL)", _E_INVOICE)),
    ("fatturaelettronica", Kind("an e-invoice as XML (FatturaPA)", _E_INVOICE)),
    ("http://ns.adobe.com/xdp/", _XFA),
    ("http://www.xfa.org/schema/", _XFA),
    ("<svg", _SVG),
    ("<!doctype svg", _SVG),
    ("<html", _HTML),
    ("<!doctype html", _HTML),
)
_MARKUP_STARTS = ("<?xml", "<!doctype", "<html", "<head", "<body", "<script", "<svg", "<!--")
_XML = Kind("XML", _DATA)

_HEADER = re.compile(rb"(?:[!-9;-~]+:[ \t][^\r\n]*\r?\n(?:[ \t]+[^\r\n]*\r?\n)*){2,}")  # RFC 5322, 2.2
_MAIL_FIELDS = re.compile(rb"(?im)^(?:from|received|return-path|delivered-to|message-id|mime-version|subject):")
_SEVERAL_PARTS = re.compile(rb"(?im)^content-type:\s*multipart/")
_MAILBOX = re.compile(rb"From \S+ .*\d{4}\r?\n\S+:")  # RFC 4155


def container(head: bytes) -> Kind | None:
    """The kind of a file that begins so, by a mark that no PDF begins with; None where there is none.

    A "%PDF-" further on is then not its own: a tar whose first member is a PDF has one at byte 512.
    """
    if head[4:8] == b"ftyp":
        return _FILM
    for at, mark, kind in _MAGIC:
        if head.startswith(mark, at):
            return kind
    if head.startswith(_ZIP_STARTS):
        return _zipped(head)
    if head.startswith(_COMPOUND):
        return next((kind for name, kind in _STREAMS if name.encode("utf-16-le") in head), _OLE)
    if _is_old_tar(head):
        return _TAR
    if _MAILBOX.match(head) or (_is_message(head) and _SEVERAL_PARTS.search(head)):
        return _MESSAGE
    return _markup(head)


def text_kind(head: bytes) -> Kind | None:
    """The kind of text that a file begins with; None for what is no text."""
    if _is_message(head):
        return _MESSAGE
    text = _decoded(head)
    if text is None or not text.strip():
        return None
    if text.lstrip()[:1] in ("{", "["):
        return Kind("JSON", _DATA)
    lines = [line for line in text.splitlines()[:-1] if line][:20]
    for separator, name in ((",", "CSV"), (";", "CSV"), ("\t", "tab-separated values")):
        if len(lines) > 1 and len({line.count(separator) for line in lines}) == 1 and separator in lines[0]:
            return Kind(name, _DATA)
    return Kind("plain text", _CONVERT)


def _zipped(head: bytes) -> Kind:
    """An Office file or a book by the names of its first members, else an archive."""
    names = list(_member_names(head))
    if names and names[0] == b"mimetype":
        return next((kind for mark, kind in _MIME_TYPES if mark in head[:200]), ZIP)
    if _PACKAGE_PARTS.isdisjoint(names):
        return ZIP
    return next((kind for name in names for mark, kind in _ZIPPED if name.startswith(mark)), _OFFICE)


def _member_names(head: bytes) -> Iterator[bytes]:
    """The names of the first members, as far as their local headers (APPNOTE.TXT 6.3.10, 4.3.7) lie in `head`.

    A member that is stored is stepped over: it may be a ZIP itself.
    """
    at = 0
    while head.startswith(_LOCAL_HEADER, at) and at + _LOCAL.size <= len(head):
        flags, method, packed, name_bytes, extra_bytes = _LOCAL.unpack_from(head, at)
        start = at + _LOCAL.size
        yield head[start : start + name_bytes]
        at = start + name_bytes + extra_bytes + packed
        if flags & _SIZE_FOLLOWS:
            if method != _DEFLATED:
                return
            at = head.find(_LOCAL_HEADER, at)
            if at < 0:
                return


def _is_old_tar(head: bytes) -> bool:
    """A tar from before POSIX has no magic: its header's checksum must fit (tar(5), "Old-Style Archive Format")."""
    block, said = head[:512], head[148:156].strip(b" \x00")
    if len(block) < 512 or not block[0] or not said or not all(0x30 <= digit <= 0x37 for digit in said):
        return False
    return int(said, 8) == sum(block) - sum(block[148:156]) + 8 * 0x20


def _is_message(head: bytes) -> bool:
    return bool(_HEADER.match(head) and _MAIL_FIELDS.search(head[:4096]))


def _markup(head: bytes) -> Kind | None:
    text = (_decoded(head) or head.decode("latin-1")).lstrip("\ufeff").lstrip()[:8192].lower()
    if not text.startswith(_MARKUP_STARTS):
        return None
    for mark, kind in _MARKUP:
        if mark in text:
            return kind
    return _XML if text.startswith("<?xml") else _HTML


def _decoded(head: bytes) -> str | None:
    """Text in UTF-16 with its mark, in UTF-8, or in an encoding of one byte a character; None for what is no text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace")
    if any(byte < 0x20 and byte not in b"\t\n\r\f\x1b" for byte in head[:4096]):
        return None
    return head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
