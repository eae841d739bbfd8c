"""Text that no spreadsheet takes for a formula, and the way back.

A cell begins at the start of a text, and for a spreadsheet that separates by ";" or by tabs also behind each of these,
as it loses count of the quotes. Where a sign that begins a formula stands there, one apostrophe is put before it, and
before the apostrophes that stand there already: with one taken off, the text is as it was.
"""

from __future__ import annotations

import re

# OWASP, "CSV Injection", and the signs' full-width forms; blanks at the start of a text are among them there.
_START = r"\A(\"*)(?='*[=+\-@\uff1d\uff0b\uff0d\uff20\t\r\n])"
_INSIDE = r"([;\t\r\n][\s\"]*)(?='*[=+\-@\uff1d\uff0b\uff0d\uff20])"
_DEFUSE = re.compile(f"{_START}|{_INSIDE}")
_RESTORE = re.compile(f"{_START}'|{_INSIDE}'")


def defused(text: str) -> str:
    """`text` with an apostrophe before each sign that could begin a formula."""
    return _DEFUSE.sub(lambda lead: f"{lead[0]}'", text)


def restored(text: str) -> str:
    """What `defused` made `text` of; a text that it would not have made is given back as it is."""
    return _RESTORE.sub(lambda lead: lead[0][:-1], text)
