"""ChartQA: Masry et al., "ChartQA: A Benchmark for Question Answering about Charts with Visual and Logical Reasoning".

A folder, at any depth, of `tables/NAME.csv` beside `png/NAME.png`, and perhaps `annotations/NAME.json`.
The table behind a chart is its truth: the first column is x, every other a series. The questions
are not used.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docpipe.evaluate.datasets.printed import amount
from docpipe.evaluate.truth import Truth

SCHEMA = "chart"
_TYPES = {"line": "line", "pie": "pie"}
_BARS = ("v_bar", "h_bar")  # with several series they are side by side or stacked: not told


def detect(folder: Path) -> bool:
    """Whether there are tables beside charts."""
    return any((path.parent.parent / "png").is_dir() for path in folder.rglob("tables/*.csv"))


def read(folder: Path) -> Iterator[Truth]:
    """Every chart that has a table with numbers."""
    for file in sorted(folder.rglob("tables/*.csv")):
        with file.open(encoding="utf-8", newline="") as lines:
            series = series_of(list(csv.reader(lines)))
        path = str((file.parent.parent / "png" / f"{file.stem}.png").relative_to(folder))
        if series:
            kind = _kind(file.parent.parent / "annotations" / f"{file.stem}.json", len(series))
            yield Truth(path, path, {"series": series} | ({"chart_type": kind} if kind else {}))


def series_of(rows: list[list[str]]) -> list[dict[str, Any]]:
    """The series of a table with a header; cells without a number are no points."""
    if len(rows) < 2:
        return []
    header, *body = rows
    found = []
    for column, name in enumerate(header[1:], 1):
        points = [
            {"x": row[0].strip(), "y": y}
            for row in body
            if len(row) > column and (y := amount(row[column])) is not None
        ]
        if points:
            found.append({"name": name.strip() if len(header) > 2 else None, "points": points})
    return found


def _kind(file: Path, series: int) -> str | None:
    if not file.is_file():
        return None
    told = json.loads(file.read_text(encoding="utf-8")).get("type")
    return "bar" if told in _BARS and series == 1 else _TYPES.get(told)
