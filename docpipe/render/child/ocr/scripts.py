"""Which scripts the recogniser reads, told from the characters that it was taught: `python -m` prints them as JSON."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Collection, Mapping

from docpipe.render.child.ocr.models import alphabet

# Unicode's own ranges of the letters in common use. Greek has its accented vowels, without which no text is read.
LETTERS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "Latin": ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17E)),
    "Greek": ((0x391, 0x3A9), (0x3AC, 0x3CE)),
    "Cyrillic": ((0x410, 0x44F),),
    "Hebrew": ((0x5D0, 0x5EA),),
    "Arabic": ((0x621, 0x63A), (0x641, 0x64A)),
    "Devanagari": ((0x905, 0x939),),
    "Thai": ((0xE01, 0xE2E),),
    "Hangul": ((0xAC00, 0xD7A3),),
    "Hiragana": ((0x3041, 0x3096),),
    "Katakana": ((0x30A1, 0x30FA),),
    "Han": ((0x4E00, 0x9FFF),),
}
KNOWN = 0.9  # of a script's letters, from which it is read
KNOWN_HAN = 0.5  # of Unicode's 20,992 characters: half of them are in nobody's daily use


def scripts_read(characters: Collection[str]) -> dict[str, bool]:
    """Script -> whether a recogniser that was taught `characters` reads it."""
    return {
        name: _share(ranges, characters) >= (KNOWN_HAN if name == "Han" else KNOWN) for name, ranges in LETTERS.items()
    }


def _share(ranges: tuple[tuple[int, int], ...], characters: Collection[str]) -> float:
    letters = [char for first, last in ranges for char in map(chr, range(first, last + 1)) if _is_letter(char)]
    return sum(char in characters for char in letters) / len(letters)


def _is_letter(char: str) -> bool:
    return unicodedata.category(char).startswith("L")


if __name__ == "__main__":
    print(json.dumps(scripts_read(frozenset(alphabet()))))
