"""What stands in the input fields of a form: a key printed in the cell, and what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.forms.keys import key_at, keys_under
from docpipe.engine.layout.forms.marked import parted
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.literals.currencies import parse_currency
from docpipe.page.lines import PageText, Token, around, token_lines


@dataclass(frozen=True, slots=True)
class Filled:
    """An input field with the words in it: those of a key printed in the cell, and the entry's."""

    input_field: InputField
    key: tuple[Token, ...]
    lines: Sequence[tuple[Token, ...]]  # of the entry

    @property
    def value(self) -> tuple[Token, ...]:
        """The words of the entry."""
        return tuple(token for line in self.lines for token in line)

    @property
    def entry(self) -> str:
        """What was entered, line by line; a comb's characters without gaps."""
        lines = [[token.text for token in _without_unit(line)] for line in self.lines]
        comb = self.input_field.kind == "comb" or (
            len(self.value) >= PARAMS.entries.comb_chars and all(len(token.text) == 1 for token in self.value)
        )
        text = "\n".join(("" if comb else " ").join(line) for line in lines).strip()
        return text.strip("$€£ _") or self.input_field.value


def filled_input_fields(
    input_fields: Sequence[InputField], tokens: Sequence[Token], page_text: PageText, written_under: bool
) -> list[Filled]:
    """Every input field with its words; frames around printed notices are left out."""
    held = {token.index for input_field in input_fields for token in inside(tokens, input_field.box)}
    cells = [input_field for input_field in input_fields if input_field.kind == "cell"]
    outside = {each.box for each in input_fields if key_at(each, page_text, held, written_under)}
    named = {input_field.box for input_field in cells if input_field.box in outside}
    if len(named) < max(PARAMS.entries.outside_keys, len(cells) // 2 + 1):
        named = set()  # else this form prints keys outside: words in a cell are its entry
    printed = keys_under(page_text, input_fields) if written_under else set()
    filled = []
    for input_field in input_fields:
        words = [token for token in inside(tokens, input_field.box) if token.index not in printed]
        lines = token_lines(words)
        if lines and input_field.kind in ("cell", "line") and input_field.box not in outside:
            entry = _with_colon(input_field, lines, page_text.pitch)
        else:
            entry = _filled(input_field, lines, page_text.pitch, named=input_field.box in named)
        if entry is not None:
            filled.append(entry)
    return filled


def _filled(input_field: InputField, lines: Sequence[tuple[Token, ...]], pitch: float, *, named: bool) -> Filled | None:
    """The key and the entry told apart; None for a notice in a frame. `named`: the key stands outside."""
    if input_field.kind != "cell" or not lines:
        return Filled(input_field, (), lines)
    params = PARAMS.entries
    tall = input_field.box.height
    cut = key_lines(lines, pitch)
    key, rest = lines[:cut], lines[cut:]
    size = median(token.size for line in rest for token in line) if rest else 0.0
    alike = abs(size / key[0][0].size - 1.0) < params.same_type_share
    apart = len(rest) == 1 and around(rest[0]).top - around(key[-1]).bottom > params.leading_pitches * pitch
    if alike and not apart and tall > params.notice_pitches * pitch and len(lines) >= params.notice_lines:
        return None
    highest = params.head_share if rest else params.lone_head_share
    head = key[0][0].box.mid_y - input_field.box.top < highest * tall
    if named or tall < params.keyed_cell_pitches * pitch or not head:
        return Filled(input_field, (), lines)
    return Filled(input_field, tuple(token for line in key for token in line), rest)


def _with_colon(input_field: InputField, lines: Sequence[tuple[Token, ...]], pitch: float) -> Filled | None:
    """What a colon tells apart in a place that has no key outside; else as `_filled`. None for several keys."""
    lines = lines[_heading_lines(lines) :]
    keys = parted(lines[0])
    if not keys:
        return _filled(input_field, lines, pitch, named=False)
    (key, value), rest = keys[0], lines[1:]
    several = len(keys) > 1 or key[0] is not lines[0][0]  # they have their entries behind them
    return None if several else Filled(input_field, key, (value, *rest) if value else rest)


def _heading_lines(lines: Sequence[tuple[Token, ...]]) -> int:
    """How many lines stand above the first with a colon: the heading of a block that has no line of its own."""
    marked = (at for at, line in enumerate(lines[: PARAMS.entries.heading_lines + 1]) if line[-1].text.endswith(":"))
    return next(marked, 0)


def key_lines(lines: Sequence[tuple[Token, ...]], pitch: float) -> int:
    """How many of the lines in a cell, at least one, are its key: the first, and those that go on with it."""
    at = 1
    while at < min(len(lines), PARAMS.entries.key_lines) and _goes_on(lines[at - 1], lines[at], pitch):
        at += 1
    return at


def _goes_on(line: Sequence[Token], below: Sequence[Token], pitch: float) -> bool:
    """Whether a text goes on in the line below: close to it, in its type, in lower case."""
    params, first = PARAMS.entries, below[0]
    near = around(below).top - around(line).bottom <= params.leading_pitches * pitch
    sizes = [median(token.size for token in tokens) for tokens in (line, below)]
    alike = max(sizes) <= params.key_type_ratio * min(sizes) and first.bold == line[0].bold
    lower = first.text[0].islower() and first.text.rstrip(",;.)").replace("-", "").replace("/", "").isalpha()
    return near and alike and not line[-1].text.endswith(":") and (lower or first.text[0] == "(")


def _without_unit(line: Sequence[Token]) -> Sequence[Token]:
    """A line without the currency that is printed at the end of its input field, apart from the entry."""
    if parse_currency(line[-1].text) is None:
        return line
    far = PARAMS.entries.unit_gap_em * line[-1].size
    apart = len(line) == 1 or line[-1].box.left - line[-2].box.right > far
    return line[:-1] if apart else line
