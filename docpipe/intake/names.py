"""How sources are named: a uri is text that gives back the very path, and no two paths share one.

A local path is its own uri where that is possible. One that is no Unicode, or that looks like the
member of an archive, becomes a file: URI of its bytes (RFC 8089, percent-encoded). A member of a ZIP
is the archive's uri, "!/", and the member's name. What stands in an object store keeps its scheme and
its key; a key with ".zip!/" in it is taken for a member.
"""

from __future__ import annotations

import os
import re
from urllib.parse import quote_from_bytes, unquote_to_bytes

_FILE = "file://"
_MEMBER = "!/"
_IN_ARCHIVE = re.compile(r"\.zip!/", re.IGNORECASE)
_USER = re.compile(r"(?:[^/@:?]*:[^?]*|[^/@?]*)@")  # a secret may hold a slash, and an @
_STORED = re.compile(r"(s3|gs|gcs|abfs|abfss)://")
# Control characters but tab and line feed, what turns the direction of writing, line and paragraph separators, and
# half characters (Unicode 15, categories Cc and Cs; UAX 9, table 4).
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
_URL = re.compile(r"([a-z][a-z0-9+.-]+)(:/{1,2})([^\s\"'<>]*)", re.IGNORECASE)  # a Path makes one slash of two
_SECRET = re.compile(r"([?&;][^=&;]*(?:secret|token|key|passw|credential|sig|sas)[^=&;]*=)[^&;]*", re.IGNORECASE)
_MASK = "***"


def uri_of(path: str | os.PathLike[str]) -> str:
    """The uri of a local path, made absolute without following links."""
    absolute = os.path.abspath(path)
    if absolute.startswith("//"):  # POSIX lets two slashes mean something else; Linux does not
        absolute = absolute[1:]
    if _IN_ARCHIVE.search(absolute) or not _is_text(absolute):
        return _FILE + quote_from_bytes(os.fsencode(absolute))
    return absolute


def path_of(uri: str) -> str:
    """The local path that `uri_of` was given, undecodable bytes as Python has them (PEP 383)."""
    return os.fsdecode(unquote_to_bytes(uri.removeprefix(_FILE))) if uri.startswith(_FILE) else uri


def is_file_uri(text: str) -> bool:
    """Whether `text` is a file: URI, as `uri_of` writes it."""
    return text.startswith(f"{_FILE}/")


def is_stored(uri: str) -> bool:
    """Whether `uri` names something in an object store: s3, gs or gcs, abfs or abfss."""
    return _STORED.match(uri) is not None


def is_archive(uri: str) -> bool:
    """Whether `uri` is called like a ZIP file."""
    return uri[-4:].lower() == ".zip" and not split_member(uri)[1]


def member_uri(archive: str, member: str) -> str:
    """The uri of a member of the archive with that uri."""
    return f"{archive}{_MEMBER}{member}"


def split_member(uri: str) -> tuple[str, str]:
    """The archive's uri and the member's name; (uri, "") for what is no member."""
    found = _IN_ARCHIVE.search(uri)
    if found is None:
        return uri, ""
    return uri[: found.end() - len(_MEMBER)], uri[found.end() :]


def public(text: str) -> str:
    """An input in an object store without its query and credentials; any other text as it is.

    The account of an Azure uri stays: it is part of the name (abfs://container@account...).
    """
    if not is_stored(text):
        return text
    scheme, _, rest = text.partition("?")[0].partition("://")
    user = _USER.match(rest)
    if user is not None:
        kept = _account(scheme, user[0])
        rest = f"{kept}@{rest[user.end() :]}" if kept else rest[user.end() :]
    return f"{scheme}://{rest}"


def _account(scheme: str, user: str) -> str:
    """What is no secret before the @: the container of an Azure uri."""
    return user.partition(":")[0].rstrip("@") if scheme.startswith("abfs") else ""


def chosen_in(text: str) -> list[str]:
    """What an address in an object store says of how it is reached: "credentials", and the names of its options."""
    if not is_stored(text):
        return []
    address, _, query = text.partition("?")
    names = [option.partition("=")[0] for option in query.split("&") if option]
    return ["credentials", *names] if public(address) != address else names


def true_place(text: str) -> str:
    """What two ways to name a folder or a prefix have in common: links resolved, or the public uri."""
    return public(text).rstrip("/") if is_stored(text) else os.path.realpath(text)


def shown(text: str) -> str:
    """`text` as one printable line: what a terminal would obey, and half characters, as escapes."""
    return "".join(_escaped(char) for char in text)


def harmless(text: str) -> str:
    """`text` with its lines and tabs, but what else a terminal would obey, and half characters, as \\uXXXX.

    In JSON these stand in strings only, where the escape means the same character: JSON keeps its values.
    """
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def masked(text: str) -> str:
    """`text` without the credentials of the URLs in it: of their authority, and of secrets in their query.

    The container of an Azure uri is part of its name and stays (abfs://container@account...).
    """
    return _URL.sub(_masked_url, text) if ":/" in text else text


def _masked_url(found: re.Match[str]) -> str:
    scheme, slashes, rest = found.groups()
    user = _USER.match(rest)
    if user is not None:
        rest = f"{_account(scheme, user[0]) or _MASK}@{rest[user.end() :]}"
    return scheme + slashes + _SECRET.sub(rf"\g<1>{_MASK}", rest)


def _escaped(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
