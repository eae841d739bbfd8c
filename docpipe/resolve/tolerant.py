"""Nearly JSON, as models write it without a grammar, read with exact numbers.

Allowed, and noted as an Edit: single and curly quotes, bare names, Python's None, True and False,
commas too many or too few, comments, line breaks and unescaped quotes inside a string, an end that is
cut off. Whatever would need a guess is a fault. (json-repair reads numbers as floats, takes the last of
two equal names and invents values for what it does not understand: none of it may happen to money.)
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any, Final, NoReturn

from docpipe.errors import DecodeError
from docpipe.records import Edit
from docpipe.resolve.numerals import MAX_DEPTH, integer, number, refuse
from docpipe.resolve.string_end import Level, is_cut, may_be_more, past_space, verdict
from docpipe.schema.nodes import Node

MAX_SHOWN_CHARS = 200

_CLOSING = {'"': '"', "'": "'", "\u201c": "\u201d", "\u2018": "\u2019"}
_STRINGS = {  # opening quote -> what stands between it and the one that closes it, which no backslash escapes
    opening: re.compile(rf"((?:[^\\{closing}]++|\\.)*+){closing}", re.DOTALL) for opening, closing in _CLOSING.items()
}
_LITERALS: Final[dict[str, Any]] = {"true": True, "false": False, "null": None}
_PYTHON: Final[dict[str, Any]] = {"True": True, "False": False, "None": None}
_NOT_FINITE = re.compile(r"[+-]?(?:nan|inf|infinity)\Z", re.IGNORECASE)
_UNQUOTED = re.compile(r'(?:[^\\"]++|\\.)*+"', re.DOTALL)  # up to the next quote that no backslash escapes
_SPACE = re.compile(r"[\s\ufeff]*")
_COMMENT = re.compile(r"//[^\n]*|\#(?=[\s\#])[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)  # "#5" may be a value
_ENDED = re.compile(r'"\s*[,:}\]]')
_TOKEN = re.compile(r"[\w.+-]+")
_NUMBER = re.compile(r"(-?(?:0|[1-9]\d*))(\.\d+)?([eE][+-]?\d+)?\Z", re.ASCII)
_BARE_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f]")
_UNFINISHED: Final = object()  # stands for a value that the end of the text cut off


@dataclass(frozen=True, slots=True)
class Decoded:
    """A reply as JSON. `edits`: what was passed over to read it, by rule `decode:...`.

    `cut` is None for an answer that is whole, else the path of the list of records that was being
    written when the text broke off ("" if none was).
    """

    value: dict[str, Any]
    edits: tuple[Edit, ...] = ()
    cut: str | None = None


def read_object(text: str, start: int, root: Node | None = None) -> tuple[Decoded, int]:
    """The object that begins at `start`, and where it ends. `root`: of the schema, without which no string's
    unescaped quotes are told from its end.

    A text that ends inside it gives what is complete: the scalar or the record of a list that was
    being written is left out, with an Edit that keeps its text. Raises json.JSONDecodeError where it
    is not even nearly JSON, DecodeError for what has no exact meaning.
    """
    reader = _Reader(text, start, root)
    value = reader.object("", 0)
    return Decoded(value, (*reader.notes.values(), *reader.mended, *reader.lost), reader.cut), reader.at


class _Reader:
    """One pass over the text; `at` is the next character to be read."""

    def __init__(self, text: str, at: int, root: Node | None) -> None:
        self.text = text
        self.at = at
        self.root = root
        self.levels: list[Level] = []  # what is open, the outermost first
        self.ended = -1  # where the last string did, and the comma after it
        self.cut: str | None = None
        self.notes: dict[str, Edit] = {}  # the first of each kind
        self.mended: list[Edit] = []
        self.lost: list[Edit] = []
        self.open_lists: list[tuple[str, list[Any], bool]] = []  # path, what it holds, is an object being written

    def object(self, path: str, depth: int) -> dict[str, Any]:
        _bounded(depth)
        members: dict[str, Any] = {}
        self.at += 1
        level = self.open("}")
        while not self.over():
            if self.text[self.at] == "}":
                self.close()
                return members
            name = self.name()
            if self.over():
                break
            if self.text[self.at] != ":":
                self.fault("a colon is missing")
            self.at += 1
            level.names[name] = None
            where = f"{path}.{name}" if path else name
            began = self.at
            value = self.value(where, depth + 1)
            if name in members:
                raise DecodeError(f"{name!r} stands twice in one object")
            if value is not _UNFINISHED:
                members[name] = value
            elif self.text[began:].strip():
                self.lose(where, began)
            if self.cut is not None or not self.separated("}"):
                break
        return members

    def array(self, path: str, depth: int) -> list[Any]:
        _bounded(depth)
        items: list[Any] = []
        self.at += 1
        self.open("]")
        while True:
            self.open_lists.append((path, items, False))
            if self.over():
                break
            if self.text[self.at] == "]":
                self.open_lists.pop()
                self.close()
                return items
            self.open_lists[-1] = (path, items, self.text[self.at] == "{")
            began, where = self.at, f"{path}[{len(items)}]"
            value = self.value(where, depth + 1)
            if self.cut is not None and (
                value is _UNFINISHED or (isinstance(value, dict) and not _holds_records(value))
            ):
                self.lose(where, began)
                if self.cut.startswith(f"{where}."):  # in a list of a row that is not kept
                    self.cut = path
            else:
                if self.cut == path and isinstance(value, dict):  # known as far as its last list of records
                    self.cut = f"{where}.{_lists_of_records(value)[-1]}"
                items.append(value)
            if self.cut is not None or not self.separated("]"):
                break
            self.open_lists.pop()
        return items

    def value(self, path: str, depth: int) -> Any:
        if self.over():
            return _UNFINISHED
        char = self.text[self.at]
        if char == "{":
            members = self.object(path, depth)
            return members if self.cut is None or members else _UNFINISHED
        if char == "[":
            return self.array(path, depth)
        if char == '"' and self.root is not None:
            return self.own_quotes(path)
        return self.string() if char in _CLOSING else self.token()

    def open(self, closing: str) -> Level:
        """One level deeper, at the node of the field that was named last."""
        node = self.root if not self.levels else self.levels[-1].below
        self.levels.append(Level(closing, node))
        return self.levels[-1]

    def close(self) -> None:
        self.levels.pop()
        self.at += 1

    def own_quotes(self, path: str) -> Any:
        """A string with all of its quotes; as `string` where the first of them ends it, or none does.

        A fault where one of them may be its end and may not; unfinished where the text ends before that is known.
        """
        opening, quotes = self.at, 0
        at = opening + 1
        while (match := _UNQUOTED.match(self.text, at)) is not None:
            at, quotes = match.end(), quotes + 1
            said = verdict(self.text, at, self.levels)
            if said == "inside":
                continue
            if quotes == 1:
                return self.string()
            if past_space(self.text, at) == len(self.text):
                break
            alone = self.levels[-1].closing == "}" or not self.open_lists[-1][1]
            if said == "doubt" or not alone or may_be_more(self.text[opening : at - 1], self.levels):
                self.fault("a quote in a string may be its end")
            return self.mend(path, opening, at)
        if quotes and is_cut(self.text):
            self.break_off()
            return _UNFINISHED
        return self.string()

    def mend(self, path: str, opening: int, end: int) -> str:
        """The string between two quotes, with those between escaped."""
        raw = self.text[opening + 1 : end - 1]
        content: str
        content, _ = scanstring(
            re.sub(r'(\\.)|"', lambda match: match[1] or '\\"', raw, flags=re.DOTALL) + '"', 0, False
        )
        self.mended.append(Edit(path, self.text[opening:end][:MAX_SHOWN_CHARS], content, "decode:inner_quote"))
        self.at = self.ended = end
        return content

    def string(self) -> Any:
        """A string in any quotes; _UNFINISHED if the text ends before it does."""
        opening, start = self.text[self.at], self.at + 1
        match = _STRINGS[opening].match(self.text, start)
        if match is None:
            self.break_off()
            return _UNFINISHED
        raw = match[1]
        if opening != '"':
            self.note("quotes", self.text[self.at : match.end()])
            raw = raw.replace("\\'", "'")
            raw = re.sub(r'(?<!\\)((?:\\\\)*)"', r'\1\\"', raw)
        if _CONTROL.search(raw):
            self.note("line_break", raw)
        self.at = self.ended = match.end()
        content, _ = scanstring(raw + '"', 0, False)
        return content

    def token(self) -> Any:
        """A number or a word without quotes."""
        match = _TOKEN.match(self.text, self.at)
        if match is None:
            self.fault("a value is missing")
        word = match[0]
        if match.end() == len(self.text) and word not in _LITERALS:
            self.break_off()
            return _UNFINISHED
        if _NOT_FINITE.match(word):
            refuse(word)
        if word in _PYTHON:
            self.note("literal", word)
        elif word not in _LITERALS and not _NUMBER.match(word):
            self.fault(f"{word[:20]!r} is no value")
        self.at, self.ended = match.end(), -1
        return _meaning(word)

    def name(self) -> str:
        if self.text[self.at] in _CLOSING:
            text = self.string()
            return "" if text is _UNFINISHED else text
        match = _BARE_NAME.match(self.text, self.at)
        if match is None:
            self.fault("a name is missing")
        self.note("bare_name", match[0])
        self.at = match.end()
        return match[0]

    def separated(self, closing: str) -> bool:
        """Past the comma between two members, if there is one; False at the end of the text."""
        if self.over():
            return False
        char = self.text[self.at]
        if char == ",":
            self.ended = self.at + 1 if self.ended == self.at else self.ended
            self.at += 1
            if not self.over() and self.text[self.at] == closing:
                self.note("comma", f",{closing}")
        elif char != closing:
            if char not in _CLOSING and char != "{":
                self.fault("a comma is missing")
            self.note("comma", self.text[self.at - 1 : self.at + 1])
        return self.cut is None

    def over(self) -> bool:
        """True, and noted, if nothing but space and comments is left."""
        self.skip(_SPACE)
        while (comment := _COMMENT.match(self.text, self.at)) is not None:
            beside = self.ended >= 0 and "\n" not in self.text[self.ended : self.at]
            if beside and _ENDED.search(comment[0]):
                self.fault("a comment after a string may belong to it")
            self.note("comment", comment[0])
            self.at = comment.end()
            self.ended = self.at if beside else -1
            self.skip(_SPACE)
        if self.at >= len(self.text):
            self.break_off()
        return self.cut is not None

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def break_off(self) -> None:
        self.at = len(self.text)
        if self.cut is None:
            lists = [path for path, items, record in self.open_lists if record or not items or _has_records(items)]
            self.cut = lists[-1] if lists else ""

    def note(self, rule: str, before: str) -> None:
        self.notes.setdefault(rule, Edit("", before[:MAX_SHOWN_CHARS], "", f"decode:{rule}"))

    def lose(self, path: str, began: int) -> None:
        self.lost.append(Edit(path, self.text[began:].strip()[:MAX_SHOWN_CHARS], None, "decode:cut"))

    def fault(self, what: str) -> NoReturn:
        raise json.JSONDecodeError(what, self.text, self.at)


def _bounded(depth: int) -> None:
    if depth > MAX_DEPTH:
        raise DecodeError(f"nested deeper than {MAX_DEPTH} levels")


def _meaning(word: str) -> Any:
    match = _NUMBER.match(word)
    if match is None:
        return {**_LITERALS, **_PYTHON}[word]
    return number(word) if match[2] or match[3] else integer(word)


def _has_records(items: list[Any]) -> bool:
    return any(isinstance(item, dict) for item in items)


def _holds_records(value: dict[str, Any]) -> bool:
    """Whether an unfinished record already holds finished ones of its own."""
    return bool(_lists_of_records(value))


def _lists_of_records(value: dict[str, Any]) -> list[str]:
    return [name for name, below in value.items() if isinstance(below, list) and _has_records(below)]
