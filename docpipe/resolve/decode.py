"""The text of a reply -> a JSON object with exact numbers. Nothing is guessed, nothing is lost in silence."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from docpipe.errors import DecodeError

MAX_REPLY_CHARS = 4_000_000
MAX_DEPTH = 64
MAX_DIGITS = 60  # of one number; decimal128 holds 38
MAX_EXPONENT = 60

_FENCED = re.compile(r"```(?:json)?\s*\n?(.*?)```", re.DOTALL)


def decode(text: str) -> dict[str, Any]:
    """The JSON object in `text`; numbers with a point become Decimal, without one int.

    Strict JSON first, then the same inside a code fence or between the outermost braces. Raises
    DecodeError for anything else: NaN, a name twice, numbers or nesting beyond the limits, half a
    surrogate pair, text that is cut off.
    """
    if len(text) > MAX_REPLY_CHARS:
        raise DecodeError(f"the answer has {len(text)} characters; at most {MAX_REPLY_CHARS} are read")
    problem = "the answer holds no JSON object"
    for candidate in _candidates(text):
        try:
            found = json.loads(
                candidate,
                parse_float=_number,
                parse_int=_integer,
                parse_constant=_refuse,
                object_pairs_hook=_once,
            )
        except json.JSONDecodeError as error:
            problem = f"the answer is not JSON: {error.msg} at character {error.pos}"
            continue
        except RecursionError:
            raise DecodeError(f"nested deeper than {MAX_DEPTH} levels") from None
        if isinstance(found, dict):
            _inspect(found, 0)
            return found
    raise DecodeError(problem)


def _candidates(text: str) -> list[str]:
    fenced = _FENCED.search(text)
    start, end = text.find("{"), text.rfind("}")
    inner = [fenced[1]] if fenced else []
    return [text, *inner, *([text[start : end + 1]] if 0 <= start < end else [])]


def _number(digits: str) -> Decimal:
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) > MAX_DIGITS or len(exponent) > 4 or abs(int(exponent or 0)) > MAX_EXPONENT:
        raise DecodeError(f"a number of {len(digits)} characters is out of bounds: {digits[:20]}...")
    return Decimal(digits)


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise DecodeError(f"a number of {len(digits)} digits is out of bounds: {digits[:20]}...")
    return int(digits)


def _refuse(constant: str) -> NoReturn:
    raise DecodeError(f"{constant} is not a JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise DecodeError(f"{name!r} stands twice in one object")
        found[name] = value
    return found


def _inspect(value: Any, depth: int) -> None:
    """Bounded depth and encodable text all the way down."""
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels")
    if isinstance(value, dict):
        for name, below in value.items():
            _inspect(name, depth + 1)
            _inspect(below, depth + 1)
    elif isinstance(value, list):
        for below in value:
            _inspect(below, depth + 1)
    elif isinstance(value, str) and not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise DecodeError("half of a surrogate pair in a string") from None
