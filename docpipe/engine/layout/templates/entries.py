"""What was entered on a page: the words that its form does not print, in runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from docpipe.engine.layout.forms.checkboxes import Checkbox
from docpipe.engine.layout.forms.params import PARAMS as FORMS
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.page.box import Box
from docpipe.page.lines import PageText, Segment, Token


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together on one line, none of them printed; `box` on the form's own page."""

    tokens: tuple[Token, ...]
    box: Box


def runs(
    page_text: PageText, printed: Collection[int], laid: Mapping[int, Box], checkboxes: Iterable[Checkbox]
) -> list[Run]:
    """What was entered on the page, but for marks in checkboxes, and for what is too large: a stamp, a fold.

    `printed`: indices of the words that the form prints; `laid`: index of a word -> its box on the form's own page.
    """
    boxes = [checkbox.box for checkbox in checkboxes]
    found = []
    for line in page_text.lines:
        for segment in line.segments:
            for tokens in _runs(segment, printed):
                text = "".join(token.text for token in tokens)
                mark = len(text) <= FORMS.checkboxes.mark_chars and any(
                    box.holds(tokens[0].box.mid_x, tokens[0].box.mid_y, FORMS.checkboxes.centre_slack_pt)
                    for box in boxes
                )
                box = Box.around(laid[token.index] for token in tokens)
                stamp = box.height > PARAMS.tall_pitches * page_text.pitch
                if not mark and not stamp and any(char.isalnum() for char in text):
                    found.append(Run(tuple(tokens), box))
    return found


def _runs(segment: Segment, printed: Collection[int]) -> Iterator[Sequence[Token]]:
    """Neighbours of a segment that are entered. A number that repeats right behind what varies is a part of it."""
    run: list[Token] = []
    for token in segment.tokens:
        entered = token.index not in printed
        near = bool(run) and token.box.left - run[-1].box.right <= PARAMS.run_em * max(token.size, run[-1].size)
        continued = near and any(char.isdigit() for char in token.text) and not token.text.endswith(":")
        if run and not (near and (entered or continued)):
            yield run
            run = []
        if entered or (run and continued):
            run.append(token)
    if run:
        yield run


def text_of(tokens: Sequence[Token], pitch: float) -> str:
    """An entry line by line; a comb's single characters without gaps."""
    lines: list[list[Token]] = []
    for token in sorted(tokens, key=lambda token: (token.box.mid_y, token.box.left)):
        if lines and abs(lines[-1][0].box.mid_y - token.box.mid_y) <= PARAMS.line_pitches * pitch:
            lines[-1].append(token)
        else:
            lines.append([token])
    comb = len(tokens) >= FORMS.entries.comb_chars and all(len(token.text) == 1 for token in tokens)
    ordered = [sorted(line, key=lambda token: token.box.left) for line in lines]
    return "\n".join(("" if comb else " ").join(token.text for token in line) for line in ordered)


def parted(tokens: Sequence[Token]) -> bool:
    """Whether a gap parts the words that no text has."""
    return any(
        b.box.left - a.box.right > PARAMS.run_em * max(a.size, b.size)
        for a, b in pairwise(sorted(tokens, key=lambda token: token.box.left))
    )
