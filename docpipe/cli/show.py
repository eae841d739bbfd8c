"""What `run`, `show` and `schemas show` print."""

from __future__ import annotations

import itertools
import json
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from docpipe.cli import harmless
from docpipe.cli.as_json import dumps
from docpipe.errors import InvalidSettings
from docpipe.intake.names import shown
from docpipe.records import STATUSES
from docpipe.run.job import Summary
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves
from docpipe.store.current import load_current
from docpipe.store.parts import read_types
from docpipe.store.place import place_of
from docpipe.store.read import read_outcomes

COLUMN_CHARS = 14  # a column's share of the terminal
MAX_CELL_CHARS = 112


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


def print_lines(out: str, status: str = "") -> None:
    """One JSON object a line for every source, or for those of one status. Raises InvalidSettings."""
    _known(status)
    for outcome in read_outcomes(out):
        if status in ("", outcome["status"]):
            typer.echo(dumps(outcome))


def print_overview(out: str, rows: int, status: str = "") -> None:
    """Counts by outcome, the first `rows` records, the failures and the worst violations, of one status if named.

    Raises InvalidSettings for what is no status.
    """
    _known(status)
    counts: Counter[str] = Counter()
    schemas: dict[str, None] = {}
    records: list[dict[str, Any]] = []
    faults: list[tuple[str, str, str]] = []
    violations: list[tuple[str, str, str]] = []
    for outcome in read_outcomes(out):
        counts[outcome["status"]] += 1
        if status not in ("", outcome["status"]):
            continue
        name = Path(outcome["source_uri"]).name
        if outcome["record"] is not None and len(records) < rows:
            schemas[outcome["schema"]] = None
            records.append({"source": name, "status": outcome["status"], **dict(_scalars(outcome["record"]))})
        if outcome["failure"]:
            faults.append((name, outcome["failure"]["code"], outcome["failure"]["message"]))
        violations += [(one["severity"], name, one["message"]) for one in outcome["violations"]]
    console = Console()
    console.print(_table("Outcomes", ("outcome", "sources"), [(one, counts[one]) for one in STATUSES]))
    if counts["needs_review"]:
        typer.echo(_what_to_do(out, counts["needs_review"]))
    if records:
        summary = _summary(out, schemas)
        columns = (
            ["source", "status", *summary] if summary else _telling(records, max(4, console.width // COLUMN_CHARS))
        )
        console.print(_table("Records", columns, [[one.get(column) for column in columns] for one in records]))
    if faults:
        console.print(_table("Failures", ("source", "code", "message"), faults[: max(rows, 1)]))
    if violations:
        worst = sorted(violations, key=lambda one: one[0] != "error")[:rows]
        console.print(_table("Worst violations", ("severity", "source", "message"), worst))


def _known(status: str) -> None:
    if status and status not in STATUSES:
        raise InvalidSettings(f"--status {status}", remedy=f"It is one of {', '.join(STATUSES)}.")


def _what_to_do(out: str, count: int) -> str:
    """One line: how to see what needs review, and how to put right what is wrong."""
    folder = harmless(shlex.quote(out))
    return (
        f"{count} to review: `docpipe show {folder} --status needs_review --json` lists their values and violations; "
        f"`docpipe correct {folder} FILE --schema S` takes what you put right (docs/operations.md, Corrections)."
    )


def _summary(out: str, schemas: Iterable[str]) -> list[str]:
    """The paths that the schemas show of a record, as the parts written last have them; [] where none has any."""
    place = place_of(out)
    parts = load_current(place).parts
    paths: dict[str, None] = {}
    for schema in schemas:
        about = read_types(place, schema, parts[schema][-1]).metadata if parts.get(schema) else {}
        paths |= dict.fromkeys(json.loads(about.get(b"docpipe.summary", b"[]")))
    return list(paths)


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
    typer.echo(harmless(f"{schema.name}: {schema.title}\n{schema.description}\n"))
    _print_fields(schema.root, 0)
    typer.echo("\nChecks:")
    for check in schema.checks:
        each = f" for each of {check.each}" if check.each else ""
        typer.echo(shown(f"  {check.name} ({check.severity}): {check.left} {check.op} {check.right}{each}"))


def _print_fields(node: Node, depth: int) -> None:
    for child in node.children:
        kind = f"decimal({child.scale})" if child.scale is not None else child.kind
        typer.echo(shown(f"{'  ' * depth}{child.name:{max(1, 28 - 2 * depth)}} {kind:12} {child.description}"))
        _print_fields(child.item or child, depth + 1)
