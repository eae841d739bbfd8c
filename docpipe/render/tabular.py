"""Whether a page may hold a table: asked of every page before the table model is, which is dear.

The answer is generous. It says no where words stand in single runs of text, as in letters and books, and where the only
gaps in lines are those between columns of prose.
"""

from __future__ import annotations

from docpipe.page.lines import Line, read_page
from docpipe.records import Page

ROWS = 2  # printed lines one under the other with a gap in them
NEAR_PITCHES = 4.0  # a row is no farther below the one before
PROSE_LETTERS = 36  # a run of so many letters is a line of prose


def may_hold_tables(page: Page) -> bool:
    """Whether lines have cells, one under the other, or a grid is drawn that has words in it."""
    if not page.words:
        return False
    if page.geometry.grids or any(region.kind == "table" for region in page.geometry.regions):
        return True
    text = read_page(page, 0)
    run, bottom = 0, 0.0
    for line in text.lines:
        if not _is_row(line):
            continue
        run = run + 1 if run and line.box.top - bottom <= NEAR_PITCHES * text.pitch else 1
        bottom = line.box.bottom
        if run >= ROWS:
            return True
    return False


def _is_row(line: Line) -> bool:
    """Whether it has several runs of text, not all of them prose."""
    return len(line.segments) > 1 and any(len(each.text) < PROSE_LETTERS for each in line.segments)
