"""What stands in the input fields of a form: a key printed in the cell, and what was entered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from docpipe.engine.layout.forms.input_fields import InputField, inside
from docpipe.engine.layout.forms.keys import key_at, keys_under
from docpipe.engine.layout.forms.params import PARAMS
from docpipe.literals.currencies import parse_currency
from docpipe.page.lines import PageText, Token


@dataclass(frozen=True, slots=True)
class Filled:
    """An input field with the words in it: those of a key printed in the cell, and the entry's."""

    input_field: InputField
    key: tuple[Token, ...]
    value: tuple[Token, ...]

    @property
    def entry(self) -> str:
        """What was entered, line by line; a comb's characters without gaps."""
        lines = [[token.text for token in _without_unit(line)] for line in _lines(self.value)]
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
    named = {input_field.box for input_field in cells if key_at(input_field, page_text, held, written_under)}
    if len(named) < max(PARAMS.entries.outside_keys, len(cells) // 2 + 1):
        named = set()  # else this form prints keys outside: words in a cell are its entry
    printed = keys_under(page_text, input_fields) if written_under else set()
    filled = []
    for input_field in input_fields:
        words = [token for token in inside(tokens, input_field.box) if token.index not in printed]
        entry = _filled(input_field, words, page_text, named=input_field.box in named)
        if entry is not None:
            filled.append(entry)
    return filled


def _filled(input_field: InputField, tokens: Sequence[Token], page_text: PageText, *, named: bool) -> Filled | None:
    """The words told apart; None for a notice in a frame. `named`: its key stands outside."""
    if input_field.kind != "cell" or not tokens:
        return Filled(input_field, (), tuple(tokens))
    params = PARAMS.entries
    lines = _lines(tokens)
    first, rest = lines[0], [token for line in lines[1:] for token in line]
    tall = input_field.box.height
    alike = rest and abs(median(token.size for token in rest) / first[0].size - 1.0) < params.same_type_share
    if alike and tall > params.notice_pitches * page_text.pitch and len(lines) >= params.notice_lines:
        return None
    highest = params.head_share if rest else params.lone_head_share
    head = first[0].box.mid_y - input_field.box.top < highest * tall
    if named or tall < params.keyed_cell_pitches * page_text.pitch or not head:
        return Filled(input_field, (), tuple(tokens))
    return Filled(input_field, tuple(first), tuple(rest))


def _without_unit(line: Sequence[Token]) -> Sequence[Token]:
    """A line without the currency that is printed at the end of its input field, apart from the entry."""
    if parse_currency(line[-1].text) is None:
        return line
    far = PARAMS.entries.unit_gap_em * line[-1].size
    apart = len(line) == 1 or line[-1].box.left - line[-2].box.right > far
    return line[:-1] if apart else line


def _lines(tokens: Sequence[Token]) -> list[list[Token]]:
    """Words grouped by line, from the top down and from left to right."""
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda each: each.box.top + each.box.bottom):
        middle = token.box.mid_y
        if lines and middle < lines[-1][0].box.bottom - PARAMS.entries.same_line_share * token.size:
            lines[-1].append(token)
        else:
            lines.append([token])
    return [sorted(line, key=lambda each: each.box.left) for line in lines]
