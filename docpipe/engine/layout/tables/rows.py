"""The lines under a header -> rows: which line begins one, which lines wrap into it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.readings import read
from docpipe.engine.layout.tables.columns import Cells
from docpipe.engine.layout.tables.headers import Column
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.engine.layout.tables.sums import Summand, items_of
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import Line, PageText, Token

NUMBERS = ("number", "integer")


@dataclass(frozen=True, slots=True)
class RowBand:
    """One row: its words by column, those of wrapped lines included."""

    cells: Cells
    lines: tuple[int, ...]


def split_rows(
    body: Sequence[Line],
    cells: Sequence[Cells],
    fields: Sequence[Field | None],
    columns: Sequence[Column],
    results: frozenset[str],
    page_text: PageText,
    conventions: Conventions,
) -> tuple[list[RowBand], list[int]]:
    """(rows from top to bottom, indices of the body's lines they use).

    A row begins at a line with a value in the key column: that of a field that the checks compute
    (`results`), else the number column that most lines fill, the rightmost of equals. Lines without
    one wrap into the row they stand nearest to.
    """
    key = _key_column(cells, fields, results, conventions)
    if key is None:
        return [], []
    anchors = [
        at
        for at, row in enumerate(cells)
        if _is_key(fields[key], row[key], columns[key], conventions)
        and _company(at, key, body, cells, fields, page_text)
    ]
    if not anchors:
        return [], []
    walls = _walls(page_text, body)
    above = _stand_above(anchors, body, cells, fields, page_text)
    members: dict[int, list[int]] = {anchor: [anchor] for anchor in anchors}
    for at in range(anchors[-1] + 1 + _tail(body, anchors[-1], page_text)):
        home = None if at in members else _home(at, anchors, body, cells, fields, walls, page_text, conventions, above)
        if home is not None:
            members[home].append(at)
    bands = [_band(anchor, sorted(lines), cells, fields, page_text) for anchor, lines in members.items()]
    return _items(bands, key, fields, results, body, walls, conventions)


def _key_column(
    cells: Sequence[Cells], fields: Sequence[Field | None], results: frozenset[str], conventions: Conventions
) -> int | None:
    filled = [
        (
            field.path in results and any(_reads(field, row[at], conventions) for row in cells),
            sum(_reads(field, row[at], conventions) for row in cells),
            at,
        )
        for at, field in enumerate(fields)
        if field is not None and (field.node.kind in NUMBERS or field.node.kind == "date")
    ]
    return max(filled)[2] if filled and max(filled)[1] else None


def _reads(field: Field | None, cell: Sequence[Token], conventions: Conventions) -> bool:
    return field is not None and bool(cell) and read(field, cell, conventions) is not None


def _is_key(field: Field | None, cell: Sequence[Token], column: Column, conventions: Conventions) -> bool:
    """True for a value that fills its cell and stands under its column's key."""
    reading = read(field, cell, conventions) if field is not None and cell else None
    if reading is None or len(reading.tokens) < len(cell):
        return False
    return min(cell[-1].box.right, column.x1) - max(cell[0].box.left, column.x0) > -PARAMS.rows.aside_pt


def _company(
    at: int, key: int, body: Sequence[Line], cells: Sequence[Cells], fields: Sequence[Field | None], page_text: PageText
) -> bool:
    """Whether other cells stand beside the key cell, on its line or half a line above.

    An amount alone is a total or a part of another row.
    """
    if _others(cells[at], key, fields) or len(cells[at]) <= 1:
        return True
    near = PARAMS.rows.half_line_pitches * page_text.pitch
    close = at > 0 and body[at].box.top - body[at - 1].box.bottom < near
    return close and not cells[at - 1][key] and _others(cells[at - 1], key, fields) >= PARAMS.rows.company_cells


def _others(row: Cells, key: int, fields: Sequence[Field | None]) -> int:
    return sum(bool(cell) for at, cell in enumerate(row) if at != key and fields[at] is not None)


def _walls(page_text: PageText, body: Sequence[Line]) -> list[float]:
    """Heights of the long level rules: they part rows."""
    width = max(line.box.right for line in body) - min(line.box.left for line in body)
    least = PARAMS.rows.wide_rule_share * width
    return sorted(rule.top for rule in page_text.rules if rule.width > least and rule.height < rule.width)


def _items(
    bands: Sequence[RowBand],
    key: int,
    fields: Sequence[Field | None],
    results: frozenset[str],
    body: Sequence[Line],
    walls: Sequence[float],
    conventions: Conventions,
) -> tuple[list[RowBand], list[int]]:
    """(the bands that are no sums of others, the body's lines that they and the sums among them take up)."""
    if not bands:
        return [], []
    ruled = [False, *(_parted(walls, body[a.lines[-1]], body[b.lines[0]]) for a, b in pairwise(bands))]
    mostly = sum(ruled) * 2 > len(bands)
    field = fields[key]
    computed = field is not None and field.path in results
    rows = [
        Summand(
            _amount(band.cells[key], fields[key], conventions),
            _numbers(band, fields, conventions),
            " ".join(token.text for cell in band.cells for token in cell),
            _apart(band, bands[0], fields),
            rule and not mostly,
            computed and not _has_own_key(band),
        )
        for band, rule in zip(bands, ruled, strict=True)
    ]
    items = items_of(rows)
    taken = bands[: items[-1] + 1] if items else ()
    return [bands[at] for at in items], sorted(line for band in taken for line in band.lines)


def _has_own_key(band: RowBand) -> bool:
    """Whether a colon stands in the row: "Remise : -5,00" is a key and its value."""
    return any(":" in token.text for cell in band.cells for token in cell)


def _amount(cell: Sequence[Token], field: Field | None, conventions: Conventions) -> Decimal | None:
    reading = read(field, cell, conventions) if field is not None and cell else None
    return reading.value if reading is not None and isinstance(reading.value, Decimal) else None


def _numbers(band: RowBand, fields: Sequence[Field | None], conventions: Conventions) -> int:
    return sum(
        _reads(field, cell, conventions)
        for cell, field in zip(band.cells, fields, strict=True)
        if field is not None and field.node.kind in NUMBERS
    )


def _apart(band: RowBand, first: RowBand, fields: Sequence[Field | None]) -> bool:
    """True if the row's text is a key: it ends with a colon, unless the first row's does, or begins right of texts."""
    for cell, usual, field in zip(band.cells, first.cells, fields, strict=True):
        if field is not None and field.type == "text" and usual:
            if not cell:
                return _words_elsewhere(band, fields)
            key = cell[-1].text.endswith(":") and not usual[-1].text.endswith(":")
            return key or cell[0].box.left > usual[-1].box.right + PARAMS.rows.indent_pt
    return False


def _words_elsewhere(band: RowBand, fields: Sequence[Field | None]) -> bool:
    """Whether a column of numbers holds words: "Subtotal" stands before its amount."""
    return any(
        field is not None and field.node.kind in NUMBERS and any(token.text[:1].isalpha() for token in cell)
        for cell, field in zip(band.cells, fields, strict=True)
    )


def _tail(body: Sequence[Line], last: int, page_text: PageText) -> int:
    """How many lines after the last row's own may wrap into it."""
    count = 0
    for above, line in zip(body[last:], body[last + 1 :], strict=False):
        if line.box.top - above.box.bottom > PARAMS.rows.wrap_gap_pitches * page_text.pitch:
            break
        count += 1
    return count


def _home(
    at: int,
    anchors: Sequence[int],
    body: Sequence[Line],
    cells: Sequence[Cells],
    fields: Sequence[Field | None],
    walls: Sequence[float],
    page_text: PageText,
    conventions: Conventions,
    above: bool,
) -> int | None:
    """The anchor whose row line `at` belongs to: between the same rules, else by nearness.

    `above`: texts begin above their numbers.
    """
    position = bisect_left(anchors, at)
    before = anchors[position - 1] if position else None
    after = anchors[position] if position < len(anchors) else None
    if before is not None and _parted(walls, body[before], body[at]):
        before = None
    if after is not None and _parted(walls, body[at], body[after]):
        after = None
    if after is not None and body[after].box.top - body[at].box.bottom > PARAMS.rows.ahead_pitches * page_text.pitch:
        after = None
    if before is None or after is None:
        return after if before is None else before
    typed = any(
        _reads(field, cell, conventions)
        for field, cell in zip(fields, cells[at], strict=True)
        if field and field.node.kind in NUMBERS
    )
    if above:
        return after
    gap_after = body[after].box.top - body[at].box.bottom
    gap_before = body[at].box.top - body[at - 1].box.bottom
    nearer = gap_after < (gap_before if typed else PARAMS.rows.nearer_share * gap_before)
    follows = at - 1 == before and gap_before <= PARAMS.rows.wrap_gap_pitches * page_text.pitch
    return after if nearer and (typed or not follows) else before


def _stand_above(
    anchors: Sequence[int],
    body: Sequence[Line],
    cells: Sequence[Cells],
    fields: Sequence[Field | None],
    page_text: PageText,
) -> bool:
    """Whether texts begin above their numbers: each row has one right above it, and the last none below it."""
    if not anchors[0] or len(anchors) < PARAMS.columns.bare_least_rows or _tail(body, anchors[-1], page_text):
        return False
    near = PARAMS.rows.ahead_pitches * page_text.pitch
    texts = [at for at, field in enumerate(fields) if field is not None and field.type == "text"]
    return all(
        at - 1 not in anchors
        and body[at].box.top - body[at - 1].box.bottom <= near
        and any(cells[at - 1][text] and not cells[at - 1][text][-1].text.endswith(":") for text in texts)
        for at in anchors
    )


def _parted(walls: Sequence[float], upper: Line, lower: Line) -> bool:
    low, high = upper.box.mid_y, lower.box.mid_y
    at = bisect_left(walls, low)
    return at < len(walls) and walls[at] < high


def _band(
    anchor: int, lines: Sequence[int], cells: Sequence[Cells], fields: Sequence[Field | None], page_text: PageText
) -> RowBand:
    """The row's cells: numbers from its own line first, text wrapped as long as it stays close."""
    joined: list[list[Token]] = []
    for at, field in enumerate(fields):
        filled = [line for line in lines if cells[line][at]]
        if field is not None and field.node.kind != "string":
            filled = [anchor] if anchor in filled else filled[:1]
        else:
            filled = _wrapped(filled, at, cells, page_text)
        joined.append([token for line in filled for token in cells[line][at]])
    return RowBand(joined, tuple(lines))


def _wrapped(lines: Sequence[int], at: int, cells: Sequence[Cells], page_text: PageText) -> list[int]:
    """The lines of one text: until a gap, an indent, another weight, much smaller type, or a key of its own."""
    kept = list(lines[:1])
    for line in lines[1:]:
        above, cell = cells[kept[-1]][at], cells[line][at]
        gap = min(token.box.top for token in cell) - max(token.box.bottom for token in above)
        far = gap > PARAMS.rows.wrap_gap_pitches * page_text.pitch
        indented = abs(cell[0].box.left - cells[kept[0]][at][0].box.left) > PARAMS.rows.indent_pt
        own = any(":" in token.text for token in cell)
        smaller = _size(cells[kept[0]][at]) > PARAMS.rows.smaller_ratio * _size(cell)
        if far or indented or smaller or cell[0].bold != above[0].bold or own:
            break
        kept.append(line)
    return kept


def _size(cell: Sequence[Token]) -> float:
    """The height of the type of a cell: on a scan a word of low letters is lower than others of its line."""
    return max(token.size for token in cell)
