"""The languages documents are written in, and what they need of fonts and formats."""

from __future__ import annotations

from typing import Final

LANGUAGES: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")
# The base-14 faces print the letters of Western Europe only (WinAnsi).
NEEDS_UNICODE: Final = frozenset({"pl"})
