"""The table that a schema's file or class becomes: a name that every SQL dialect takes unquoted."""

from __future__ import annotations

import hashlib
import re
import unicodedata

from docpipe.schema.columns import LEDGER_TABLES

MOST_CHARS = 63  # of a name in PostgreSQL; others take more
_ENDINGS = re.compile(r"(?:\.schema)?\.json\Z", re.IGNORECASE)
_OTHERS = re.compile(r"[^A-Za-z0-9_]+")
_DIGEST_CHARS = 8


def table_name(name: str) -> str:
    """The table's name for a file or class called `name`; a name that is one already stays as it is.

    The endings `.json` and `.schema.json` go, accents too, anything else that is no letter, digit or _ becomes _, none
    of which begins or ends the name; "t" stands before a digit, "_table" behind the name of one of docpipe's own
    tables. A name that is too long is cut, and one without a Latin letter or digit replaced, with a digest of it, so
    that two files do not become one table by that.
    """
    stem = _ENDINGS.sub("", name)
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    found = _OTHERS.sub("_", plain)
    found = found.lstrip("_") if found == plain else found.strip("_")
    if not found:
        found = f"t{_digest(stem)}"
    if found[0].isdigit():
        found = f"t{found}"
    if found.lower() in LEDGER_TABLES:
        found = f"{found}_table"
    return found if len(found) <= MOST_CHARS else f"{found[: MOST_CHARS - _DIGEST_CHARS - 1]}_{_digest(stem)}"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGEST_CHARS]
