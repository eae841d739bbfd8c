"""Members added to objects of a JSON text: order and layout of all that is there stay as they are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Pointer = tuple[str | int, ...]  # from the root: names of members, places in lists

_SPACE = re.compile(r"[ \t\r\n]*")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_SCALAR = re.compile(r'[^\s,\]}"]+')
DEFAULT_STEP = "  "


@dataclass(frozen=True, slots=True)
class Member:
    """One member of an object: where its name begins, where its value begins and ends."""

    name: str
    start: int
    value: int
    end: int


@dataclass(frozen=True, slots=True)
class Object:
    """Where an object begins, with its brace, and ends, behind it."""

    start: int
    end: int
    members: tuple[Member, ...]

    def member(self, name: str) -> Member | None:
        """The member of that name, or None."""
        return next((member for member in self.members if member.name == name), None)


def objects(text: str) -> dict[Pointer, Object]:
    """Every object of a JSON text that is valid, by where it stands."""
    found: dict[Pointer, Object] = {}
    _value(text, _skip(text, 0), (), found)
    return found


def with_members(text: str, added: Mapping[Pointer, Mapping[str, Any]]) -> str:
    """The text with members added to the objects at the pointers; a member that is there already is replaced."""
    known = objects(text)
    edits: list[tuple[int, int, str]] = []
    for pointer, members in added.items():
        edits += _edits(text, known[pointer], members)
    for start, end, new in sorted(edits, key=lambda edit: -edit[0]):
        text = text[:start] + new + text[end:]
    return text


def _edits(text: str, where: Object, members: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
    """(start, end, what takes its place)."""
    indent, step = _indents(text, where)
    fresh = {name: value for name, value in members.items() if where.member(name) is None}
    for name in members.keys() - fresh.keys():
        old = where.member(name)
        assert old is not None
        yield old.value, old.end, _written(members[name], indent, step, text)
    if not fresh:
        return
    between = f"{_line_end(text)}{indent}" if indent is not None else ""
    new = [
        f"{between}{json.dumps(name, ensure_ascii=False)}: {_written(value, indent, step, text)}"
        for name, value in fresh.items()
    ]
    if where.members:
        end = where.members[-1].end
        yield end, end, "".join(f",{each}" if between else f", {each}" for each in new)
    else:
        yield where.start + 1, where.end - 1, ("," if between else ", ").join(new)


def _indents(text: str, where: Object) -> tuple[str | None, str]:
    """(what stands before each member of the object on its line, a step more); None for one that is on one line."""
    if not where.members:
        return None, DEFAULT_STEP
    first = where.members[0].start
    line = text.rfind("\n", where.start, first)
    if line < 0:
        return None, DEFAULT_STEP
    own = text[line + 1 : first]
    outer = text.rfind("\n", 0, where.start)
    before = _SPACE.match(text, outer + 1)
    around = before[0] if before is not None else ""
    return own, own[len(around) :] if own.startswith(around) and len(own) > len(around) else DEFAULT_STEP


def _written(value: Any, indent: str | None, step: str, text: str) -> str:
    """Objects a member a line where the object around has a line for each; everything else on one line."""
    if indent is None or not isinstance(value, Mapping) or not value:
        return json.dumps(value, ensure_ascii=False)
    inner, end = indent + step, _line_end(text)
    lines = (
        f"{inner}{json.dumps(name, ensure_ascii=False)}: {_written(each, inner, step, text)}"
        for name, each in value.items()
    )
    return f"{{{end}{f',{end}'.join(lines)}{end}{indent}}}"


def _line_end(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _skip(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return at if match is None else match.end()


def _value(text: str, at: int, pointer: Pointer, found: dict[Pointer, Object]) -> int:
    """The end of the value at `at`; what objects it holds is added to `found`."""
    if text[at] == "{":
        return _object(text, at, pointer, found)
    if text[at] == "[":
        return _list(text, at, pointer, found)
    if text[at] == '"':
        return _text(text, at)[1]
    match = _SCALAR.match(text, at)
    assert match is not None
    return match.end()


def _text(text: str, at: int) -> tuple[str, int]:
    """The string at `at`, and where it ends."""
    match = _STRING.match(text, at)
    assert match is not None
    name: str = json.loads(match[0])
    return name, match.end()


def _object(text: str, start: int, pointer: Pointer, found: dict[Pointer, Object]) -> int:
    members: list[Member] = []
    at = _skip(text, start + 1)
    while text[at] != "}":
        name, behind = _text(text, at)
        value = _skip(text, _skip(text, behind) + 1)
        end = _value(text, value, (*pointer, name), found)
        members.append(Member(name, at, value, end))
        at = _skip(text, end)
        at = _skip(text, at + 1) if text[at] == "," else at
    found[pointer] = Object(start, at + 1, tuple(members))
    return at + 1


def _list(text: str, start: int, pointer: Pointer, found: dict[Pointer, Object]) -> int:
    at, place = _skip(text, start + 1), 0
    while text[at] != "]":
        at = _skip(text, _value(text, at, (*pointer, place), found))
        at = _skip(text, at + 1) if text[at] == "," else at
        place += 1
    return at + 1
