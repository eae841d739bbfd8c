"""Rows that a page prints and an answer lacks: words that no value explains, set in the columns of a table.

A line counts as a missing row if words of it that no value stands on fill the columns that the found
rows fill, near those rows and above the sums. Where no row of a list was found at all, the keys of
its columns are looked for, or failing these lines with two amounts.
"""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from docpipe.literals.numbers import WITH_CENTS
from docpipe.page.box import Box
from docpipe.page.lines import SAME_LINE
from docpipe.records import Severity, Violation
from docpipe.resolve.columns import SLACK, Column, Line, Rows, columns_between, columns_of, filled, unexplained
from docpipe.resolve.ground import Evidence
from docpipe.resolve.money import checks_of
from docpipe.resolve.page_index import PageIndex
from docpipe.schema import exact
from docpipe.schema.checks import check_paths, field_at, holds, sides, summed
from docpipe.schema.importance import is_weighty
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import generic, value_at

ALIKE = 0.7  # share of the usual columns that a line must fill to be a row
ALL = 1.0  # the share where the rows that were found add up
REACH = 2.5  # rows stand no farther apart than this many usual distances
ROW_PITCHES = 2.4  # of the page's lines: the distance of rows where there is but one
SUMS_PITCHES = 7.0  # sums stand closer together than this
LAST_ROW_PITCHES = 1.3  # the last row stands so far above the sums
MIN_ALIGNED = 3  # lines with one amount that make a table where nothing says that there is one
MAX_TOLD = 3


def missing_rows(
    schema: Schema, value: Mapping[str, Any], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> list[Violation]:
    """One `incomplete_rows` violation for each list of records of which `pages` print more rows than stand on them.

    `left` is how many rows were found, `right` how many the page suggests. It is an error but for a list that the
    schema does not call important although it calls others so. Where the rows of `value`
    add up, only lines that fill every column of a rich table still speak for a missing row.
    """
    if not any(page.words for page in pages):
        return []
    lists = _lists(schema.root)
    rows_of = _by_list(lists, evidence)
    told = _numbered(schema, value)
    free = {page.number: _beside_rows(unexplained(page, evidence, told), rows_of, page) for page in pages}
    sums = {page.number: _sums_begin(schema, evidence, page) for page in pages}
    widest = max(lists.values(), key=lambda item: len(item.children), default=None)
    violations = []
    for path, rows in rows_of.items():
        item = lists[generic(path)]
        missing: list[Line] = []
        if rows:
            columns = columns_of(item, rows, pages)
            missing = _like_rows(free, columns, ALIKE, rows, pages, sums)
            if missing and _adds_up(schema, path, value, rows, pages):
                missing = _like_rows(free, columns, ALL, rows, pages, sums)
        else:
            for page in pages:
                lines, end = free[page.number], sums[page.number]
                missing += _under_keys(item, page, lines, end) or (
                    _with_amounts(lines, page, end, expected=_must_add_up(schema, path, value))
                    if item is widest
                    else []
                )
        if missing:
            severity: Severity = "error" if is_weighty(schema, (path,)) else "warning"
            violations.append(_violation(path, len(rows), missing, severity))
    return violations


def _numbered(schema: Schema, value: Mapping[str, Any]) -> frozenset[str]:
    """The texts with a digit that stand outside of lists: a number that looks like an amount may be printed again."""
    found = (value_at(value, path) for path, node in schema.root.leaves() if node.kind == "string")
    return frozenset(text for text in found if isinstance(text, str) and any(map(str.isdigit, text)))


def _beside_rows(lines: Sequence[Line], rows_of: Mapping[str, Rows], page: PageIndex) -> list[Line]:
    """Those of `lines` on which no row of any list stands."""
    taken = _row_lines(rows_of, page)
    return [line for line in lines if line.number not in taken]


def _row_lines(rows_of: Mapping[str, Rows], page: PageIndex) -> set[int]:
    """The numbers of the lines of a page on which rows of any list stand: with two of their values, if they have so
    many.
    """
    taken: set[int] = set()
    for rows in rows_of.values():
        for row in rows.values():
            once: set[int] = set()
            for evidence in row.values():
                for line in _lines_of(evidence, page) if evidence.page == page.number else ():
                    (taken if line in once else once).add(line)
            if len(row) == 1:
                taken |= once
    return taken


def _lines_of(evidence: Evidence, page: PageIndex) -> Sequence[int]:
    """The numbers of the lines on which a value of `page` stands."""
    if evidence.place is not None:
        return page.lines_of(evidence.place)
    return tuple(dict.fromkeys(line for box in evidence.boxes for line in page.lines_in(box)))


def _adds_up(schema: Schema, path: str, value: Mapping[str, Any], rows: Rows, pages: Sequence[PageIndex]) -> bool:
    """Whether a field of the list that a check sums comes to what the check says, or to what a page prints."""
    if "[" in path:
        return False
    own = {
        (evidence.page, evidence.place.start)
        for row in rows.values()
        for evidence in row.values()
        if evidence.place is not None
    }
    for check in checks_of(schema, value):
        names = [name for name in summed(check) if name.rpartition(".")[0] == path]
        pair = sides(check, value) if names and check.op == "==" and not check.each else None
        if pair is not None and holds(check, *pair):
            return True
        for name in names:
            total = exact.total([leaf for leaf in field_at(value, name) or () if isinstance(leaf, Decimal)])
            if total and any((page.number, place.start) not in own for page in pages for place in page.places(total)):
                return True
    return False


def _must_add_up(schema: Schema, path: str, value: Mapping[str, Any]) -> bool:
    """Whether a check sums the list and the record has an amount that it would have to come to, or to reach."""
    for check in schema.checks:
        if any(name.startswith(f"{path}.") for name in summed(check)):
            others = [name for name in check_paths(check) if not name.startswith(path)]
            if any(field_at(value, name) for name in others):
                return True
    return False


def _lists(root: Node, prefix: str = "") -> dict[str, Node]:
    """Generic path -> item, of every list of records at any depth whose items are printed as rows: a table is none."""
    items: dict[str, Node] = {}
    for path, array in root.arrays(prefix):
        if array.item is not None and array.item.children:
            if array.role != "tables":
                items[path] = array.item
            items |= _lists(array.item, path)
    return items


def _by_list(lists: Mapping[str, Node], evidence: Mapping[str, Evidence]) -> dict[str, dict[int, dict[str, Evidence]]]:
    """Path of a list -> its rows; a list at the root stands there even without rows."""
    rows_of: dict[str, dict[int, dict[str, Evidence]]] = {path: {} for path in lists if "." not in path}
    for path, value in evidence.items():
        start = path.rfind("[")
        while start >= 0:
            if generic(path[:start]) in lists:
                end = path.index("]", start)
                rows_of.setdefault(path[:start], {}).setdefault(int(path[start + 1 : end]), {})[path[end + 1 :]] = value
                break
            start = path.rfind("[", 0, start)
    return rows_of


def _sums_begin(schema: Schema, evidence: Mapping[str, Evidence], page: PageIndex) -> float:
    """Where the sums of the document begin on a page: over the first line of the lowest group of its numbers; at the
    page's end if it has none.
    """
    ys = sorted(
        sum_of.boxes[0].mid_y
        for path, node in schema.root.leaves()
        if node.kind == "number"
        and (sum_of := evidence.get(path)) is not None
        and sum_of.page == page.number
        and sum_of.boxes
    )
    begin = ys[-1] if ys else 1.0
    for y in reversed(ys):
        if begin - y > SUMS_PITCHES * page.pitch:
            break
        begin = y
    return begin - SAME_LINE * page.pitch


def _like_rows(
    free: Mapping[int, Sequence[Line]],
    columns: Sequence[Column],
    share: float,
    rows: Rows,
    pages: Sequence[PageIndex],
    sums: Mapping[int, float],
) -> list[Line]:
    """The lines of all pages that may be rows. `free`, `sums`: of each page its lines, and where its sums begin."""
    return [
        line
        for page in pages
        for line in _like_rows_of(free[page.number], columns, share, rows, page, sums[page.number])
    ]


def _like_rows_of(
    lines: Sequence[Line], columns: Sequence[Column], share: float, rows: Rows, page: PageIndex, sums: float
) -> list[Line]:
    """The lines that fill that share of the rows' columns and stand among them or next to them, above the sums."""
    if len(columns) < (2 if share < ALL else 3):
        return []
    numbers = sum(column.numeric for column in columns)
    least, numeric = _needed(len(columns), share), _needed(numbers, share)
    alike = [line for line in lines if _fills(line, columns, least, numeric)]
    if not alike:
        return []
    firsts = (next(iter(row.values())) for row in rows.values() if row)
    placed = sorted(first.boxes[0].mid_y for first in firsts if first.page == page.number)
    if not placed:
        return [line for line in alike if len(columns) > 2 and line.y < sums]
    if sums > placed[0]:
        alike = [line for line in alike if line.y < sums]
    same = SAME_LINE * page.pitch
    steps = [below - above for above, below in itertools.pairwise(placed) if below - above > same]
    reach = REACH * (statistics.median(steps) if steps else ROW_PITCHES * page.pitch)
    return _chained(alike, placed, reach)


def _fills(line: Line, columns: Sequence[Column], least: int, numeric: int) -> bool:
    """Whether `line` fills so many of the columns, and so many of those with numbers."""
    if len(line.words) < least or sum([is_number for _, is_number in line.words]) < numeric:  # whatever the columns are
        return False
    full = filled(line, columns)
    return len(full) >= least and sum(column.numeric for column in full) >= numeric


def _needed(columns: int, share: float) -> int:
    return min(columns, max(2, math.ceil(share * columns)))


def _chained(lines: Sequence[Line], placed: Sequence[float], reach: float) -> list[Line]:
    """Those of `lines` that are within `reach` of a row, or of one that is."""
    near: list[Line] = []
    ys, rest = list(placed), list(lines)
    while True:
        joined = [line for line in rest if min(ys) - reach <= line.y <= max(ys) + reach]
        if not joined:
            return near
        near += joined
        ys += [line.y for line in joined]
        rest = [line for line in rest if line not in joined]


def _under_keys(item: Node, page: PageIndex, lines: Sequence[Line], sums: float) -> list[Line]:
    """Lines with values under the keys of the columns, where one line of the page holds two keys or more."""
    headers: dict[int, dict[str, tuple[Node, Box]]] = {}  # line of the page -> the columns whose keys stand on it
    for child in item.children:
        for place in page.places_of_all(child.all_labels()):
            headers.setdefault(page.lines_of(place)[0], {})[child.name] = (child, page.boxes(place)[0])
    tables = [keys for keys in headers.values() if len({round(box.mid_x / SLACK) for _, box in keys.values()}) >= 2]
    if not tables:
        return []
    header = list(max(tables, key=len).values())
    header_y = header[0][1].mid_y
    columns = columns_between(header)
    end = sums if sums > header_y else 1.0
    full = [
        line
        for line in lines
        if header_y < line.y < end and WITH_CENTS.search(line.text) and len(filled(line, columns)) >= 2
    ]
    return _chained(full, [header_y], REACH * ROW_PITCHES * page.pitch)


def _with_amounts(lines: Sequence[Line], page: PageIndex, sums: float, *, expected: bool) -> list[Line]:
    """Lines of text with two amounts; failing these, three or more with one, all set to the same right edge.
    Where rows are `expected` one line with an amount is enough.
    """
    clear, least = (LAST_ROW_PITCHES, 1) if expected else (ROW_PITCHES, MIN_ALIGNED)
    end = sums - clear * page.pitch
    worded = [line for line in lines if line.y < end and any(not is_number for _, is_number in line.words)]
    amounts = {
        line: [word.box.right for word, is_number in line.words if is_number and WITH_CENTS.search(word.text)]
        for line in worded
    }
    two = [line for line in worded if len(amounts[line]) >= 2]
    if two:
        return two
    edges = [edge for rights in amounts.values() for edge in rights]
    aligned = ([line for line in worded if any(abs(edge - right) < SLACK for right in amounts[line])] for edge in edges)
    most = max(aligned, key=len, default=[])
    return most if len(most) >= least else []


def _violation(path: str, count: int, missing: Sequence[Line], severity: Severity) -> Violation:
    quoted = "; ".join(repr(line.text[:80]) for line in missing[:MAX_TOLD])
    message = f"{path}: {count} rows were found, {len(missing)} more seem to be printed: {quoted}"
    return Violation("incomplete_rows", severity, message, (path,), str(count), str(count + len(missing)))
