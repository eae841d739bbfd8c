"""Where a key stands to others that tell what it is.

Set by hand on documents of ten languages.
"""

from __future__ import annotations

from dataclasses import dataclass

from docpipe.engine.layout.geometry import Params


@dataclass(frozen=True, slots=True)
class KeyParams(Params):
    """All of them."""

    value_below_em: float = 1.5  # of the key's type: white space between a key and the number right under it
    value_right_share: float = 0.4  # of the page's width: a number is no farther right of its key
    bank_lines: int = 5  # above or below an account number, in which its bank is named
    bank_gap_em: float = 1.3  # white space between the lines of one block of bank details
    aligned_pt: float = 3.0  # edges nearer than this are aligned


PARAMS = KeyParams()
