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
            parts = keys_over(mine, _words(column, header, page_text), header.array, index, page_text.letter)
        columns += parts if any(part.matches for part in parts) else [column]
    columns = _joined(columns, below, header.array, index, page_text.letter)
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
        cost = aside - PARAMS.headers.label_letters * letter * known
        if best is None or cost < best[0]:
            best = (cost, keys)
    return best[1] if best is not None else []


def _of_each(columns: Sequence[Column], below: Sequence[Span]) -> list[list[Span]]:
    """Of each key the columns of the body that stand next to it."""
    homes = nearest([(column.x0, column.x1) for column in columns], below)
    return [[span for span, home in zip(below, homes, strict=True) if home == at] for at in range(len(columns))]


def _joined(
    columns: Sequence[Column], below: Sequence[Span], array: str, index: LabelIndex, letter: float
) -> list[Column]:
    """The keys, two of them as one where only one of them has a column under it, and they name the same field or the
    other is a letter or two over that column.
    """
    joined: list[Column] = []
    homes = _of_each(columns, below)
    mine: list[Span] = []
    for column, under in zip(columns, homes, strict=True):
        before = joined[-1] if joined else None
        if before is not None and _is_one(before, mine, column, under, letter):
            text = f"{before.text} {column.text}"
            matches = tuple(match for match in index.matches(text) if match.field.array == array)
            joined[-1] = Column(text, matches or before.matches or column.matches, before.x0, column.x1)
            mine = mine or under
        else:
            joined.append(column)
            mine = under
    return joined


def _is_one(before: Column, left: Sequence[Span], column: Column, right: Sequence[Span], letter: float) -> bool:
    """Whether two neighbouring keys, with these columns under them, are one."""
    if bool(left) is bool(right):
        return False
    fields = {match.field for match in before.matches} & {match.field for match in column.matches}
    near = column.x0 - before.x1 < PARAMS.headers.joined_letters * letter
    empty, over = (column, left) if left else (before, right)
    inside = len(over) == 1 and over[0][0] <= empty.x0 and empty.x1 <= over[0][1]
    return bool(fields and near) or (inside and len(empty.text) <= PARAMS.headers.torn_chars)


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


def _words(column: Column, header: Header, page_text: PageText) -> list[Token]:
    """The words of a column's key."""
    lines = page_text.lines[header.first : header.last + 1]
    tokens = (token for line in lines for segment in line.segments for token in segment.tokens)
    return [token for token in tokens if column.x0 <= token.box.mid_x <= column.x1]


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
