"""The legend: samples of colour, each before the name of its series."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from docpipe.engine.layout.charts.paints import Paint, Piece, pieces_of
from docpipe.engine.layout.charts.params import PARAMS
from docpipe.engine.layout.charts.picture import Phrase, Picture, phrase
from docpipe.page.box import Box
from docpipe.page.lines import Token, token_lines

_SIGNS = "■□▪▫●○◆◇▲△•·—–-|"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a legend; `paint` counts the paints of the picture."""

    paint: int
    sample: Box
    name: Phrase
    filled: int = 0  # pixels of the sample, times their contrast

    @property
    def box(self) -> Box:
        return Box.around((self.sample, self.name.box))


def legend_of(picture: Picture, paints: Sequence[Paint], ticks: Collection[int]) -> list[Entry]:
    """The entries from the top and from the left; [] without a legend. `ticks`: words that label axes."""
    em, params = picture.em, PARAMS.legend
    found = list(_possible(picture, paints, ticks))
    best: list[Entry] = []
    for first in found:
        alike = [
            entry
            for entry in found
            if abs(entry.sample.height - first.sample.height) <= params.same_size_em * em
            and abs(entry.sample.width - first.sample.width) <= params.same_size_em * em
        ]
        column = [entry for entry in alike if abs(entry.sample.left - first.sample.left) <= params.aligned_em * em]
        row = [entry for entry in alike if abs(entry.sample.mid_y - first.sample.mid_y) <= params.aligned_em * em]
        for group in (column, row, alike if _is_block(alike, em) else row):
            each = _one_a_paint(group)
            if len(each) > len(best):
                best = each
    if len(best) == 1 and not _tells(best[0], paints):
        return []
    return sorted(best, key=lambda entry: (round(entry.sample.mid_y / (0.5 * em)), entry.sample.left))


def _is_block(entries: Sequence[Entry], em: float) -> bool:
    """Whether entries in several rows and columns are one legend: its lines follow each other closely."""
    tops = sorted({round(entry.sample.mid_y / em) for entry in entries})
    return len(tops) <= 4 and all(below - above <= 3 for above, below in pairwise(tops))


def _one_a_paint(entries: Sequence[Entry]) -> list[Entry]:
    """The fullest sample of each name; none where most names share a paint with another."""
    named: dict[int, Entry] = {}
    for entry in sorted(entries, key=lambda entry: -entry.filled):
        named.setdefault(entry.name.tokens[0].index, entry)
    seen: dict[int, Entry] = {}
    for entry in named.values():
        seen.setdefault(entry.paint, entry)
    return list(seen.values()) if len(seen) >= PARAMS.legend.distinct_share * len(named) else []


def _tells(entry: Entry, paints: Sequence[Paint]) -> bool:
    """Whether a lone sample is one: much more of its paint lies elsewhere, and its name has letters."""
    rest = int(paints[entry.paint].mask.sum()) - entry.sample.width * entry.sample.height
    if paints[entry.paint].grey:
        return False
    return rest > 2 * entry.sample.width * entry.sample.height and any(map(str.isalpha, entry.name.text))


def _possible(picture: Picture, paints: Sequence[Paint], ticks: Collection[int]) -> Iterator[Entry]:
    """Every small piece of paint right before words."""
    em, params = picture.em, PARAMS.legend
    rows = [row for row in token_lines(picture.level) if any(token.index not in ticks for token in row)]
    samples: list[tuple[int, Piece]] = []
    for at, paint in enumerate(paints):
        samples += [
            (at, piece)
            for piece in pieces_of(paint.soft)
            if params.height_em[0] * em <= piece.box.height <= params.height_em[1] * em
            and params.width_em[0] * em <= piece.box.width <= params.width_em[1] * em
            and piece.pixels >= 0.3 * piece.box.width * piece.box.height
            and not any(_is_letter(piece, word, em) for word in picture.words)
        ]
    for at, piece in samples:
        for row in rows:
            name = _behind(piece.box, row, em, ticks)
            if name is not None:
                yield Entry(at, piece.box, name, piece.pixels * _contrast(paints[at], picture))
                break


def _is_letter(piece: Piece, word: Token, em: float) -> bool:
    """Whether a piece is a stroke of a word, and no sample that was read as a sign of its own or before a word."""
    if not word.box.holds(piece.x, piece.y):
        return False
    solid = piece.pixels > 0.75 * piece.box.width * piece.box.height and piece.box.height > 0.35 * em
    sign = not word.text[0].isalnum() or word.box.width < 2.0 * piece.box.width
    return not (solid and sign)


def _contrast(paint: Paint, picture: Picture) -> int:
    """How much a colour differs from the paper."""
    return max(abs(one - other) for one, other in zip(paint.colour, picture.paper, strict=True))


def _behind(sample: Box, row: Sequence[Token], em: float, ticks: Collection[int]) -> Phrase | None:
    """The words right of a sample, up to a wide gap."""
    params = PARAMS.legend
    words: list[Token] = []
    end = sample.right
    for token in row:
        if token.box.mid_x < sample.right or token.index in ticks:
            continue
        off = abs(token.box.mid_y - sample.mid_y)
        gap = token.box.left - end
        if off > 0.5 * em or gap > (PARAMS.picture.phrase_gap_em if words else params.gap_em) * em:
            break
        words.append(token)
        end = token.box.right
    if words and not words[0].text[0].isalnum():
        words[0] = replace(words[0], text=words[0].text.lstrip(_SIGNS) or words[0].text)
    return phrase(words) if words else None
