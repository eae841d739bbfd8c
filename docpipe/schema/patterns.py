"""The only door to patterns that a schema or a user brings: one engine, linear in time, bounded in size.

The engine is Rust's `regex`, as pydantic carries it: finite automata, no backtracking, so the time grows with the
text times the pattern and never faster. It knows neither lookaround nor backreferences, and it gives up on a
pattern whose automaton takes over 10 MB. Python's `re` never sees a pattern from outside.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from docpipe.schema.nodes import MAX_STRING_CHARS

MAX_PATTERN_CHARS = 1_000
MAX_POSITIONS = 2_000  # of a pattern, counted repetitions written out: half a second for a text of MAX_STRING_CHARS

_VERBOSE = re.compile(r"\(\?[a-zA-Z]*x")
_GROUP = re.compile(r"\(\?(?:P?<\w+>|[a-zA-Z-]*:)")
_COUNTS = re.compile(r"\{\s*(\d{1,9})\s*(,?)\s*(\d{0,9})\s*\}")
_ESCAPE = re.compile(r"\\(?:[pP]\{[^}]*\}|[xuU]\{[^}]*\}|.)", re.DOTALL)


def pattern_fault(pattern: str) -> str:
    """Why `pattern` cannot be used, in words; "" if it can."""
    shown = f"pattern {pattern[:80]!r}"
    if len(pattern) > MAX_PATTERN_CHARS:
        return f"{shown} is longer than {MAX_PATTERN_CHARS} characters"
    if _VERBOSE.search(pattern):
        return f"{shown} uses the flag x; write the pattern without spaces and comments"
    if positions(pattern) > MAX_POSITIONS:
        return (
            f"{shown} is too large: its repetitions written out, it has more than {MAX_POSITIONS} characters; "
            "say how long a text may be with minLength and maxLength"
        )
    try:
        matcher(pattern)
    except ValueError as error:
        return f"{shown} cannot be used (lookaround and backreferences cannot): {error}"
    return ""


@lru_cache(maxsize=1024)
def matcher(pattern: str) -> Callable[[str], bool]:
    """Whether `pattern` is found anywhere in a text. A text over MAX_STRING_CHARS is not searched, and never matches.

    Raises ValueError for what the engine cannot compile.
    """
    from pydantic_core import SchemaError, SchemaValidator, core_schema

    try:
        validator = SchemaValidator(core_schema.str_schema(pattern=pattern, regex_engine="rust-regex", strict=True))
    except SchemaError as error:
        raise ValueError(" ".join(line.strip() for line in str(error).splitlines()[1:])) from error
    return lambda text: len(text) <= MAX_STRING_CHARS and bool(validator.isinstance_python(text))


def positions(pattern: str) -> int:
    """How many characters `pattern` has when its counted repetitions are written out: `(ab{3}){2}` has 8.

    That is what the engine may have to follow at each character of a text. An open repetition counts once more
    than its least; numbers are held below a bound, so that nested ones stay small.
    """
    sizes = [0]  # of what was read so far, one a group that is open
    last, at = 0, 0
    while at < len(pattern):
        sign, size = pattern[at], 1
        if sign == "(":
            sizes.append(0)
            at, last = header.end() if (header := _GROUP.match(pattern, at)) else at + 1, 0
            continue
        if sign == ")" and len(sizes) > 1:
            at, last = at + 1, sizes.pop()
            sizes[-1] += last
            continue
        if sign == "{" and (counts := _COUNTS.match(pattern, at)):
            at = counts.end()
            most = int(counts[3] or 0) or int(counts[1]) + bool(counts[2])
            sizes[-1] += last * max(0, most - 1)
            last = min(last * most, MAX_POSITIONS + 1)
            sizes[-1] = min(sizes[-1], MAX_POSITIONS + 1)
            continue
        if sign == "\\" and (escape := _ESCAPE.match(pattern, at)):
            at = escape.end()
        elif sign == "[":
            at = _end_of_class(pattern, at)
        else:
            at, size = at + 1, 0 if sign in "*+?|^$" else 1
        if size:
            sizes[-1] += size
            last = size
    return sum(sizes)


def _end_of_class(pattern: str, start: int) -> int:
    """Where the class that opens at `start` ends; classes may hold classes."""
    at, depth, first = start, 0, True
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 1
        elif sign == "[":
            depth, first = depth + 1, True
            at += pattern[at + 1 : at + 2] == "^"
        elif sign == "]" and not first:
            depth -= 1
            if depth == 0:
                return at + 1
        if sign != "[":
            first = False
        at += 1
    return at
