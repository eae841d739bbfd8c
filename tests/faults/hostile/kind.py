"""What a kind of input is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

READ = ""  # in place of a failure's code: the document is read, be it ok, repaired or for review
LISTENER = "127.0.0.1:47809"  # where documents say that something is to be fetched

Make = Callable[[Random], bytes]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of input: `make` gives its bytes, `code` is that of its failure, or `READ`.

    `note` is said of the document or of its first page. `share`: how many of a mix are of this kind;
    None takes an equal part of what is left.
    """

    name: str
    suffix: str
    make: Make
    code: str = READ
    note: str = ""
    share: int | None = None

    def content(self, seed: int) -> bytes:
        """The bytes of the input with that number; the same every time, but for the salt of a lock."""
        return self.make(Random(f"{self.name}/{seed}"))
