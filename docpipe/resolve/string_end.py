"""Where a string ends whose own quotes were not escaped: `"size": "3/4" x 1/2" pipe", "quantity": 1`.

A quote ends a string if the text goes on behind it as the schema says: with a field of this record that was not
read yet, or with the ends of what is open. It is the string's own if nothing of JSON follows it. What lies between
(a name that the schema does not know, a colon, the next text of a list, a comment) can be read both ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal

from docpipe.schema.nodes import Node

Verdict = Literal["end", "inside", "doubt"]

_SPACE = re.compile(r"[\s\ufeff]*")
_NAME = re.compile(r"""(?:"([^"\\]{0,200})"|'[^'\\]{0,200}'|\u201c[^\u201d\\]{0,200}\u201d|\w{1,200})\s*(?::|\Z)""")
_CUT_NAME = re.compile(r'"?([^"\\]{0,200})\Z')
_INCH_AT_END = re.compile(r'"\s*[,}\]]')
_BOTH_WAYS = re.compile(r"[:\"'{\u201c\u2018]|//|/\*|\#[\s\#]")  # a colon, a comma that was forgotten, a comment
_AS_AN_OPENING = re.compile(r',\s*"')
_CLOSED: Final = "}]`"  # with these an answer ends, or the fence around it


@dataclass(slots=True)
class Level:
    """An object or a list that is being read. `node` is None where the schema knows none; `names` were read so far."""

    closing: str
    node: Node | None
    names: dict[str, None] = field(default_factory=dict)

    @property
    def below(self) -> Node | None:
        """The node of what is read now: of the field that was named last, or of a list's item."""
        if self.node is None or self.closing == "]":
            return self.node and self.node.item
        return self.node.child(next(reversed(self.names), ""))


def verdict(text: str, at: int, levels: list[Level]) -> Verdict:
    """What the quote before `at` is, by what follows it: the end of a value of the innermost level, or its own."""
    depth, at = len(levels), past_space(text, at)
    while at < len(text) and text[at] in "}]":
        depth -= 1
        if text[at] != levels[depth].closing:
            return "inside"
        at = past_space(text, at + 1)
        if depth == 0:  # no prose begins with a quote
            return "inside" if text[at : at + 1] == '"' else "end"
    if at == len(text):
        return "end"
    if text[at] == ",":
        return _after_comma(text, past_space(text, at + 1), levels[depth - 1])
    if _INCH_AT_END.match(text, at) and text[at - 1] == '"':
        return "inside"
    return "doubt" if _BOTH_WAYS.match(text, at) else "inside"


def _after_comma(text: str, at: int, level: Level) -> Verdict:
    if at == len(text) or text[at] == level.closing:
        return "end"
    if level.closing == "]":
        records = level.node is not None and level.node.item is not None and bool(level.node.item.children)
        return "end" if records and text[at] == "{" else "doubt"
    name = _NAME.match(text, at)
    if name is None and (cut := _CUT_NAME.match(text, at)) is not None:
        return "end" if any(unread.startswith(cut[1]) for unread in _unread(level)) else "doubt"
    if name is None:
        return "doubt" if _BOTH_WAYS.match(text, at) and text[at] != '"' else "inside"
    return "end" if name[1] in _unread(level) else "doubt"


def _unread(level: Level) -> list[str]:
    """The fields of a record that were not read yet."""
    return [child.name for child in level.node.children if child.name not in level.names] if level.node else []


def past_space(text: str, at: int) -> int:
    """Where in `text` the first character from `at` on stands that is no space."""
    match = _SPACE.match(text, at)
    assert match is not None
    return match.end()


def may_be_more(raw: str, levels: list[Level]) -> bool:
    """Whether what stands between two quotes may be several texts of a list, of which one lost its quote."""
    return levels[-1].closing == "]" and _AS_AN_OPENING.search(raw) is not None


def is_cut(text: str) -> bool:
    """Whether an answer ends with none of the signs that whole ones end with."""
    return text.rstrip()[-1:] not in _CLOSED
