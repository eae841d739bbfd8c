"""Numbers that count the rows, in the column of their texts: "1 Hose", "2 Valve" sell a hose and a valve."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.tables.params import PARAMS
from docpipe.engine.layout.tables.rows import RowBand

_POSITION = re.compile(r"(\d{1,4})[.):]?")


def without_positions(bands: Sequence[RowBand], fields: Sequence[Field | None]) -> list[RowBand]:
    """The rows, without the numbers that their texts begin with, if these rise by one from row to row."""
    texts = [at for at, field in enumerate(fields) if field is not None and field.type == "text"]
    counted = [at for at in texts if _count(bands, at)]
    return [
        replace(band, cells=[cell[1:] if at in counted else cell for at, cell in enumerate(band.cells)])
        for band in bands
    ]


def _count(bands: Sequence[RowBand], at: int) -> bool:
    starts = [_POSITION.fullmatch(band.cells[at][0].text) if len(band.cells[at]) > 1 else None for band in bands]
    numbers = [int(start[1]) for start in starts if start is not None]
    rising = all(after - before == 1 for before, after in pairwise(numbers))
    return len(numbers) == len(bands) >= PARAMS.rows.counted_rows and rising
