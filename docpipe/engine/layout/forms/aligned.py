"""Lists of keys with their entries beside them, without colons or lines: two columns of texts that are aligned."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from docpipe.engine.layout.forms.params import PARAMS
from docpipe.page.lines import Line, PageText, Segment


def aligned_keys(page_text: PageText, free: Callable[[Segment], bool]) -> Iterator[tuple[Segment, Segment]]:
    """(key, entry) of every line of such a list; of the segments that are `free`.

    A list has three lines or more, each with a text at the left and one at the right, and every key once.
    """
    params, pitch = PARAMS.aligned, page_text.pitch or 1.0
    rows = [line.segments for line in page_text.lines if _is_row(line, free)]
    run: list[tuple[Segment, ...]] = []
    runs: list[list[tuple[Segment, ...]]] = [run]
    for row in rows:
        last = run[-1] if run else None
        if last is not None and not (
            all(abs(a.box.left - b.box.left) <= params.aside_pitches * pitch for a, b in zip(last, row, strict=True))
            and row[0].box.top - last[0].box.bottom <= params.leading_pitches * pitch
        ):
            runs.append(run := [])
        run.append(row)
    for run in runs:
        keys = {key.text.casefold() for key, _ in run}
        if len(run) >= params.rows and len(keys) == len(run):
            yield from ((key, entry) for key, entry in run)


def _is_row(line: Line, free: Callable[[Segment], bool]) -> bool:
    """A line with a key and an entry, and nothing else: words at the left, without digits."""
    if len(line.segments) != 2 or not all(map(free, line.segments)):
        return False
    key = line.segments[0]
    words = len(key.tokens) <= PARAMS.aligned.key_words and len(line.segments[1].tokens) <= PARAMS.aligned.entry_words
    return words and any(map(str.isalpha, key.text)) and not any(map(str.isdigit, key.text))
