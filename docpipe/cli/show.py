"""What `show` and `schemas show` print."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from docpipe.cli.as_json import dumps
from docpipe.records import STATUSES
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves
from docpipe.store.read import read_outcomes

COLUMN_CHARS = 14  # a column's share of the terminal
MAX_CELL_CHARS = 112


def print_lines(out: str) -> None:
    """One JSON object a line for every source."""
    for outcome in read_outcomes(out):
        typer.echo(dumps(outcome))


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
    console = Console()
    console.print(_table("Outcomes", ("outcome", "sources"), [(one, counts[one]) for one in STATUSES]))
    if shown:
        columns = _telling(shown, max(4, console.width // COLUMN_CHARS))
        console.print(_table("Records", columns, [[one.get(column) for column in columns] for one in shown]))
    if faults:
        console.print(_table("Failures", ("source", "code", "message"), faults[: max(rows, 1)]))
    if violations:
        worst = sorted(violations, key=lambda one: one[0] != "error")[:rows]
        console.print(_table("Worst violations", ("severity", "source", "message"), worst))


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
        table.add_column(str(column), overflow="fold")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    return table


def _cell(value: Any) -> str:
    """Printable and short: names of files may hold anything, a terminal must not obey them."""
    text = "" if value is None else str(value).replace("\n", ", ")
    clean = "".join(character if character.isprintable() else "�" for character in text)
    clean = clean.replace("[", "\\[")  # rich reads brackets as markup
    return clean if len(clean) <= MAX_CELL_CHARS else clean[: MAX_CELL_CHARS - 1] + "…"


def print_schema(schema: Schema) -> None:
    """Fields with their types and descriptions, then the checks."""
    typer.echo(f"{schema.name}: {schema.title}\n{schema.description}\n")
    _print_fields(schema.root, 0)
    typer.echo("\nChecks:")
    for check in schema.checks:
        each = f" for each of {check.each}" if check.each else ""
        typer.echo(f"  {check.name} ({check.severity}): {check.left} {check.op} {check.right}{each}")


def _print_fields(node: Node, depth: int) -> None:
    for child in node.children:
        kind = f"decimal({child.scale})" if child.scale is not None else child.kind
        typer.echo(f"{'  ' * depth}{child.name:{max(1, 28 - 2 * depth)}} {kind:12} {child.description}")
        _print_fields(child.item or child, depth + 1)
