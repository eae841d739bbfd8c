"""Characters that readers take for one another: letters and digits of one shape."""

from __future__ import annotations

from collections.abc import Iterator

_ALIKE = {"0": "OoQD", "1": "lI|i", "2": "Zz", "5": "Ss", "6": "Gb", "8": "B", "9": "gq"}
_LIKE = {ord(letter): digit for digit, letters in _ALIKE.items() for letter in letters}
_SURE = {
    ord(letter): digit
    for digit, letters in {"0": "Oo", "1": "lI|", "5": "S", "8": "B", "2": "Z"}.items()
    for letter in letters
}


def likeness(text: str) -> str:
    """What two texts have in common that differ in confusable characters only."""
    return text.translate(_LIKE)


def variants(text: str) -> Iterator[str]:
    """`text` with one confusable character read as another of its shape, a capital or a digit."""
    for at, char in enumerate(text):
        digit = char.translate(_LIKE)
        for other in (digit, *_ALIKE.get(digit, "")):
            if other != char.upper() and (other.isdigit() or other.isupper()):
                yield text[:at] + other + text[at + 1 :]


def read_as_digits(text: str) -> str | None:
    """`text` with its confusable letters read as digits; None if there are none, or no digit beside them."""
    read = text.translate(_SURE)
    if read == text or not any(char.isdigit() for char in text):
        return None
    return read
