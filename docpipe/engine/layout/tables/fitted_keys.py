"""Keys of a header fitted to the columns of the body: a key over several is cut, keys over one are joined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations, pairwise

from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.body_columns import Span, body_columns, distance, nearest
from docpipe.engine.layout.tables.columns import is_tabular
from docpipe.engine.layout.tables.headers import Column, Header
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.page.lines import Line, PageText, Token

SURE = weight("threshold.column_key")  # quality of a key that is whole as it stands
KNOWN = weight("header.cut_at_label")  # of a letter's width: what a part that is a label may be aside, by its quality


def fitted_to_body(header: Header, page_text: PageText, body: Sequence[Line], index: LabelIndex) -> Header:
    """The header with its keys cut and joined; each reaches as far as the cells of its column, where no other does.

    A key that is a label as it stands is left whole.
    """
    rows = [line for line in body[: PARAMS.columns.sample_lines] if is_tabular(line)]
    below = body_columns(rows, header.right)
    if not below:
        return header
    columns: list[Column] = []
    for column, mine in zip(header.columns, _of_each(header.columns, below), strict=True):
        parts: list[Column] = []
        if len(mine) > 1 and max((match.quality for match in column.matches), default=0.0) < SURE:
            parts = keys_over(mine, _words([column], header, page_text), header.array, index, page_text.letter)
        columns += parts if any(part.matches for part in parts) else [column]
    columns = _joined(columns, below, header, page_text, index)
    return replace(header, columns=tuple(_widened(columns, below)))


def keys_over(
    columns: Sequence[Span], words: Sequence[Token], array: str, index: LabelIndex, letter: float
) -> list[Column]:
    """The words of a header as one key for each column: near to it, and labels where they can be."""
    groups = _groups(words)[: PARAMS.headers.most_words]
    if len(groups) < len(columns):
        spans = [(group[0].box.left, max(token.box.right for token in group)) for group in groups]
        columns = [columns[at] for at in sorted(set(nearest(columns, spans)))]
    best: tuple[float, list[Column]] | None = None
    for cuts in combinations(range(1, len(groups)), len(columns) - 1):
        bounds = [0, *cuts, len(groups)]
        keys = [_key([w for group in groups[a:b] for w in group], array, index) for a, b in pairwise(bounds)]
        aside = sum(distance((key.x0, key.x1), column) for key, column in zip(keys, columns, strict=True))
        known = sum(max((match.quality for match in key.matches), default=0.0) for key in keys)
        cost = aside - KNOWN * letter * known
        if best is None or cost < best[0]:
            best = (cost, keys)
    return best[1] if best is not None else []


def _of_each(columns: Sequence[Column], below: Sequence[Span]) -> list[list[Span]]:
    """Of each key the columns of the body that stand next to it."""
    homes = nearest([(column.x0, column.x1) for column in columns], below)
    return [[span for span, home in zip(below, homes, strict=True) if home == at] for at in range(len(columns))]


def _joined(
    columns: Sequence[Column], below: Sequence[Span], header: Header, page_text: PageText, index: LabelIndex
) -> list[Column]:
    """The keys, two of them as one where they name the same field and only one of them has a column under it."""
    joined = list(columns[:1])
    filled = [bool(mine) for mine in _of_each(columns, below)]
    for at, (before, column) in enumerate(pairwise(columns), 1):
        gap = column.x0 - joined[-1].x1
        fields = {match.field for match in before.matches} & {match.field for match in column.matches}
        if fields and not (filled[at - 1] and filled[at]) and gap < PARAMS.headers.joined_letters * page_text.letter:
            joined[-1] = _key(_words([joined[-1], column], header, page_text), header.array, index)
            joined[-1] = joined[-1] if joined[-1].matches else replace(joined[-1], matches=before.matches)
        else:
            joined.append(column)
    return joined


def _widened(columns: Sequence[Column], below: Sequence[Span]) -> list[Column]:
    """Each key as wide as it and the one column under it, if that reaches over no other key or column."""
    wide = [
        (min(column.x0, mine[0][0]), max(column.x1, mine[0][1])) if len(mine) == 1 else (column.x0, column.x1)
        for column, mine in zip(columns, _of_each(columns, below), strict=True)
    ]
    free = [
        (not at or wide[at - 1][1] < left) and (at + 1 == len(wide) or right < wide[at + 1][0])
        for at, (left, right) in enumerate(wide)
    ]
    return [
        replace(column, x0=left, x1=right) if alone else column
        for column, (left, right), alone in zip(columns, wide, free, strict=True)
    ]


def _words(columns: Sequence[Column], header: Header, page_text: PageText) -> list[Token]:
    """The words of a header in some neighbouring columns of it."""
    left, right = columns[0].x0, columns[-1].x1
    lines = page_text.lines[header.first : header.last + 1]
    tokens = (token for line in lines for segment in line.segments for token in segment.tokens)
    return [token for token in tokens if left <= token.box.mid_x <= right]


def _groups(words: Sequence[Token]) -> list[list[Token]]:
    """The words from left to right, those that stand over each other together."""
    groups: list[list[Token]] = []
    end = 0.0
    for token in sorted(words, key=lambda token: token.box.left):
        if groups and token.box.left < end:
            groups[-1].append(token)
        else:
            groups.append([token])
        end = max(end, token.box.right)
    return groups


def _key(words: Sequence[Token], array: str, index: LabelIndex) -> Column:
    """The words as one key, read line by line."""
    ordered = sorted(words, key=lambda token: token.index)
    text = " ".join(token.text for token in ordered)
    matches = tuple(match for match in index.matches(text) if match.field.array == array)
    return Column(text, matches, min(w.box.left for w in words), max(w.box.right for w in words))
