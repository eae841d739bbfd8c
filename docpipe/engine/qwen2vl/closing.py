"""An answer that was cut short -> the JSON of what was complete in it."""

from __future__ import annotations

from collections.abc import Iterator

_CLOSES = {"{": "}", "[": "]"}


def close_json(text: str) -> str:
    """`text`, the start of a compact JSON object, cut back to its last complete part and closed.

    An element of an array that is not complete is dropped whole: a row is never passed on in halves.
    Text that holds nothing complete becomes {}.
    """
    end, closers = 0, ""
    for position, opened in _whole_parts(text):
        end, closers = position, "".join(_CLOSES[bracket] for bracket in reversed(opened))
    return text[:end] + closers if end else "{}"


def _whole_parts(text: str) -> Iterator[tuple[int, str]]:
    """(position, brackets open there) of every place where the text could be closed without halving a row."""
    opened, quoted, escaped = "", False, False
    for position, character in enumerate(text):
        if quoted:
            quoted = escaped or character != '"'
            escaped = character == "\\" and not escaped
            continue
        quoted = character == '"'
        if character in _CLOSES:
            opened += character
        elif character in "}]":
            opened = opened[:-1]
        if "[{" in opened or "[[" in opened:
            continue
        if character in "{[}]":
            yield position + 1, opened
        elif character == ",":
            yield position, opened
