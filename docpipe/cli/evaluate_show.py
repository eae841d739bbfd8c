"""What the `eval` commands print for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.table import Table

from docpipe.cli.terminal import console
from docpipe.evaluate.drift import Change
from docpipe.intake.names import shown

MAX_LISTED = 10

_SUMMARY: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("documents labelled", ("documents", "labelled")),
    ("missing from the output", ("documents", "missing")),
    ("without an error", ("documents", "without_an_error")),
    ("precision, all values", ("overall", "micro", "precision")),
    ("recall, all values", ("overall", "micro", "recall")),
    ("F1, all values", ("overall", "micro", "f1")),
    ("F1, mean of the fields", ("overall", "macro_f1")),
    ("F1, values outside of lists", ("overall", "scalars", "f1")),
    ("AUROC of confidence", ("calibration", "values", "auroc")),
    ("calibration error (ECE)", ("calibration", "values", "ece")),
    ("share that passes at 99% precision", ("calibration", "values", "passing_share")),
    ("share at confidence 0.9 and more", ("calibration", "values", "sure_share")),
    ("  wrong among them", ("calibration", "values", "sure_wrong")),
    ("rows expected", ("completeness", "rows_expected")),
    ("rows matched", ("completeness", "rows_matched")),
    ("lists incomplete", ("completeness", "incomplete")),
    ("  of them in silence", ("completeness", "incomplete_in_silence")),
    ("right values with a true box", ("grounding", "values")),
    ("  centre inside", ("grounding", "centre")),
    ("  box overlap (IoU)", ("grounding", "iou")),
)


def print_result(result: Mapping[str, Any]) -> None:
    """The summary, the fields, what is missing."""
    terminal = console()
    terminal.print(_summary([result], ["value"]))
    terminal.print(_fields(result["fields"]))
    for title, names in (("Missing", result["missing"]), ("Labelled, but not in the schema", result["not_in_schema"])):
        if names:
            more = f" and {len(names) - MAX_LISTED} more" if len(names) > MAX_LISTED else ""
            terminal.print(f"{title}: {', '.join(map(shown, names[:MAX_LISTED]))}{more}")


def print_side_by_side(results: Sequence[Mapping[str, Any]], names: Sequence[str]) -> None:
    """Several evaluations of the same documents, a column each."""
    terminal = console()
    terminal.print(_summary(results, names))
    table = _table("F1 by field", ["field", *names])
    for field in dict.fromkeys(name for result in results for name in result["fields"]):
        table.add_row(shown(field), *(_number((result["fields"].get(field) or {}).get("f1")) for result in results))
    terminal.print(table)


def print_changes(changes: Sequence[Change], title: str = "") -> None:
    """What got worse first, then what got better; what stayed is counted."""
    moved = sorted(
        (change for change in changes if change.verdict != "same"),
        key=lambda change: (change.verdict != "worse", change.name),
    )
    table = _table(title or "Beyond noise", ["", "what", "before", "after", "95% of the difference", "documents"])
    for change in moved:
        low_high = f"{change.low:+.3f} … {change.high:+.3f}"
        cells = (
            change.verdict,
            change.name,
            _number(change.before),
            _number(change.after),
            low_high,
            str(change.documents),
        )
        table.add_row(*map(shown, cells))
    terminal = console()
    if moved:
        terminal.print(table)
    terminal.print(f"{len(changes) - len(moved)} of {len(changes)} measures did not change beyond noise.")


def _summary(results: Sequence[Mapping[str, Any]], names: Sequence[str]) -> Table:
    table = _table("Evaluation", ["", *names])
    for title, path in _SUMMARY:
        values = [_at(result, path) for result in results]
        if any(value is not None for value in values):
            table.add_row(title, *map(_number, values))
    for name in dict.fromkeys(name for result in results for name in result["measures"]):
        scores = [(result["measures"].get(name) or {}).get("score") for result in results]
        table.add_row(shown(name.replace("_", " ")), *map(_number, scores))
    return table


def _fields(fields: Mapping[str, Mapping[str, Any]]) -> Table:
    counts = ("labelled", "wrong", "missing", "spurious")
    table = _table("Fields", ["field", "n", "wrong", "miss", "extra", "P", "R", "F1", "ANLS"])
    for name, rates_of in fields.items():
        rates = (_number(rates_of[rate]) for rate in ("precision", "recall", "f1", "anls"))
        table.add_row(shown(name), *(str(rates_of[count]) for count in counts), *rates)
    return table


def _table(title: str, columns: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE, padding=(0, 1, 0, 0))
    for index, column in enumerate(columns):
        table.add_column(column, justify="right" if index else "left", overflow="fold", no_wrap=not index)
    return table


def _at(result: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = result
    for key in path:
        value = value[key]
    return value


def _number(value: Any) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
