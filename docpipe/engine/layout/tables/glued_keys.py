"""Keys of several columns that stand so close that they look like one: the columns of the body say where to cut."""

from __future__ import annotations

from collections import Counter
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


def cut_by_body(header: Header, page_text: PageText, body: Sequence[Line], index: LabelIndex) -> Header:
    """The header, with a key cut into as many parts as there are columns of the body under it.

    A key that is a label as it stands is left whole.
    """
    rows = [line for line in body[: PARAMS.columns.sample_lines] if is_tabular(line)]
    below = body_columns(rows, header.right)
    if len(below) <= len(header.columns):
        return header
    spans = [(column.x0, column.x1) for column in header.columns]
    under = nearest(spans, below)
    counts = Counter(under)
    columns: list[Column] = []
    for at, column in enumerate(header.columns):
        mine = [span for span, home in zip(below, under, strict=True) if home == at]
        whole = max((match.quality for match in column.matches), default=0.0)
        if counts[at] < PARAMS.headers.least_columns or whole >= SURE:
            columns.append(column)
        else:
            words = _words(column, header, page_text)
            columns += keys_over(mine, words, header.array, index, page_text.letter) or [column]
    return replace(header, columns=tuple(columns)) if len(columns) > len(header.columns) else header


def keys_over(
    columns: Sequence[Span], words: Sequence[Token], array: str, index: LabelIndex, letter: float
) -> list[Column]:
    """The words of a header as one key for each column: near to it, and labels where they can be; [] if too few."""
    groups = _groups(words)[: PARAMS.headers.most_words]
    if len(groups) < len(columns):
        columns = _nearest_to_words(columns, groups)
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


def _nearest_to_words(columns: Sequence[Span], groups: Sequence[Sequence[Token]]) -> list[Span]:
    """As many of the columns as there are words, those that have a word next to them."""
    spans = [(group[0].box.left, max(token.box.right for token in group)) for group in groups]
    return [columns[at] for at in sorted(set(nearest(columns, spans)))]


def _words(column: Column, header: Header, page_text: PageText) -> list[Token]:
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
