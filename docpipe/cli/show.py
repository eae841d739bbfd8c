"""What `run`, `show` and `schemas show` print."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from docpipe.cli.as_json import dumps
from docpipe.cli.terminal import cell, console, say, tell_each
from docpipe.records import STATUSES
from docpipe.run.job import Summary
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves
from docpipe.store.read import read_outcomes

COLUMN_CHARS = 14  # a column's share of the terminal


def print_summary(summary: Summary, as_json: bool) -> None:
    """The end of a run: counts whose sum is the number of inputs."""
    if as_json:
        typer.echo(dumps({name: getattr(summary, name) for name in summary.__dataclass_fields__}))
        return
    counts = ", ".join(f"{summary.outcomes[status]} {status}" for status in STATUSES)
    typer.echo(f"{summary.inputs} inputs: {counts}")
    if summary.already_done:
        typer.echo(f"{summary.already_done} of them were done before this run")
    if summary.linked:
        typer.echo(f"{summary.linked} of them hold the bytes of another")
    if summary.kept_reviewed:
        typer.echo(f"{summary.kept_reviewed} of them were reviewed and are kept as they are (--force reads them again)")
    if summary.replayed:
        typer.echo(f"{summary.replayed} of them were resolved anew from stored replies")
    if summary.vanished or summary.pruned:
        typer.echo(f"gone since the last run: {summary.vanished} flagged, {summary.pruned} removed")
    for code, times in sorted(summary.failures.items()):
        typer.echo(f"  failed {code}: {times}")
    rate = summary.pages / max(summary.seconds - summary.startup_s, 1e-6)
    typer.echo(
        f"{summary.pages} pages in {summary.seconds:.1f} s ({summary.startup_s:.1f} s to start, {rate:.1f} pages/s);"
        f" engine {summary.engine}; tables in {summary.out}"
    )


def print_lines(out: str) -> None:
    """One JSON object a line for every source."""
    tell_each(read_outcomes(out))


def print_overview(out: str, rows: int) -> None:
    """Counts by outcome, the first `rows` records, the failures and the worst violations."""
    counts: Counter[str] = Counter()
    shown: list[dict[str, Any]] = []
    faults: list[tuple[str, str, str]] = []
    violations: list[tuple[str, str, str]] = []
    for outcome in read_outcomes(out):
        counts[outcome["status"]] += 1
        name = Path(outcome["source_uri"]).name
        if outcome["record"] is not None and len(shown) < rows:
            shown.append({"source": name, "status": outcome["status"], **dict(_scalars(outcome["record"]))})
        if outcome["failure"]:
            faults.append((name, outcome["failure"]["code"], outcome["failure"]["message"]))
        violations += [(one["severity"], name, one["message"]) for one in outcome["violations"]]
    terminal = console()
    terminal.print(_table("Outcomes", ("outcome", "sources"), [(one, counts[one]) for one in STATUSES]))
    if shown:
        columns = _telling(shown, max(4, terminal.width // COLUMN_CHARS))
        terminal.print(_table("Records", columns, [[one.get(column) for column in columns] for one in shown]))
    if faults:
        terminal.print(_table("Failures", ("source", "code", "message"), faults[: max(rows, 1)]))
    if violations:
        worst = sorted(violations, key=lambda one: one[0] != "error")[:rows]
        terminal.print(_table("Worst violations", ("severity", "source", "message"), worst))


def _telling(records: list[dict[str, Any]], most: int) -> list[str]:
    """The columns that tell the records apart best, in the schema's order."""
    values: dict[str, set[str]] = {}
    for record in records:
        for name, value in record.items():
            values.setdefault(name, set()).add(str(value))
    told = sorted(values, key=lambda name: -len(values[name]))
    chosen = {"source", "status", *[name for name in told if name not in ("source", "status")][: most - 2]}
    return [name for name in dict.fromkeys(itertools.chain(*records)) if name in chosen]


def _scalars(record: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(path, value) for path, value in leaves(record) if "[" not in path]


def _table(title: str, columns: Any, rows: Any) -> Table:
    table = Table(title=title, title_justify="left")
    for column in columns:
        table.add_column(cell(column), overflow="fold")
    for row in rows:
        table.add_row(*(cell(value) for value in row))
    return table


def print_schema(schema: Schema) -> None:
    """Fields with their types and descriptions, then the checks."""
    say(f"{schema.name}: {schema.title}", schema.description, "")
    _print_fields(schema.root, 0)
    say("", "Checks:")
    for check in schema.checks:
        each = f" for each of {check.each}" if check.each else ""
        say(f"  {check.name} ({check.severity}): {check.left} {check.op} {check.right}{each}")


def _print_fields(node: Node, depth: int) -> None:
    for child in node.children:
        kind = f"decimal({child.scale})" if child.scale is not None else child.kind
        say(f"{'  ' * depth}{child.name:{max(1, 28 - 2 * depth)}} {kind:12} {child.description}")
        _print_fields(child.item or child, depth + 1)
