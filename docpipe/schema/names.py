"""What may name a table, a column or a field: the one rule for every name that becomes a path or a column."""

from __future__ import annotations

import re

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}\Z")
"""Of a schema, a property, a table as a schema states it: what every SQL dialect takes unquoted."""

MAX_JOINED_CHARS = 128
"""Of a name that is joined from several ("invoice_line_items", "seller_name"): the longest that SQL engines take
(SQL Server), and far from what a file system takes as a folder's name (255 bytes)."""

_JOINED = re.compile(rf"[A-Za-z][A-Za-z0-9_]{{0,{MAX_JOINED_CHARS - 1}}}\Z")

RULE = "letters, digits and _, a letter first, at most 63"


def is_name(text: object) -> bool:
    """Whether `text` may name a schema, a property or, behind its schema's name, a table."""
    return isinstance(text, str) and NAME.match(text) is not None


def is_joined_name(text: object) -> bool:
    """Whether `text` may be a table's folder or a column: parts that are names, joined by "_"."""
    return isinstance(text, str) and _JOINED.match(text) is not None
