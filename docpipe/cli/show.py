"""What `show` and `schemas show` print."""

from __future__ import annotations

import itertools
import json
import shlex
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

from rich.table import Table

from docpipe.cli.terminal import cell, console, say, tell_each
from docpipe.errors import InvalidSettings
from docpipe.records import STATUSES
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves
from docpipe.store.current import load_current
from docpipe.store.parts import read_types
from docpipe.store.place import place_of
from docpipe.store.read import read_outcomes

COLUMN_CHARS = 14  # a column's share of the terminal


def print_lines(out: str, status: str = "") -> None:
    """One JSON object a line for every source, or for those of one status. Raises InvalidSettings."""
    _known(status)
    tell_each(outcome for outcome in read_outcomes(out) if status in ("", outcome["status"]))


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
        violations += [(violation["severity"], name, violation["message"]) for violation in outcome["violations"]]
    terminal = console()
    terminal.print(_table("Outcomes", ("outcome", "sources"), [(status, counts[status]) for status in STATUSES]))
    if counts["needs_review"]:
        say(_what_to_do(out, counts["needs_review"]))
    if records:
        summary = _summary(out, schemas)
        columns = (
            ["source", "status", *summary] if summary else _telling(records, max(4, terminal.width // COLUMN_CHARS))
        )
        told = [[_short(record.get(column)) for column in columns] for record in records]
        terminal.print(_table("Records", columns, told))
    if faults:
        terminal.print(_table("Failures", ("source", "code", "message"), faults[: max(rows, 1)]))
    if violations:
        worst = sorted(violations, key=lambda violation: violation[0] != "error")[:rows]
        terminal.print(_table("Worst violations", ("severity", "source", "message"), worst))


def _known(status: str) -> None:
    if status and status not in STATUSES:
        raise InvalidSettings(f"--status {status}", remedy=f"It is one of {', '.join(STATUSES)}.")


def _what_to_do(out: str, count: int) -> str:
    """One line: how to see what needs review, and how to put right what is wrong."""
    folder = shlex.quote(out)
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
    fullest = sorted(values, key=lambda name: -len(values[name]))
    chosen = {"source", "status", *[name for name in fullest if name not in ("source", "status")][: most - 2]}
    return [name for name in dict.fromkeys(itertools.chain(*records)) if name in chosen]


def _scalars(record: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(path, value) for path, value in leaves(record) if "[" not in path]


def _short(value: Any) -> Any:
    """A decimal without the zeros that only fill its scale, but with two places: 1024.270 is told as 1024.27."""
    if not isinstance(value, Decimal) or not value.is_finite():
        return value
    whole, _, places = f"{value:f}".partition(".")
    return f"{whole}.{places.rstrip('0').ljust(2, '0')}" if places else whole


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
        rights = " or ".join((check.right, *check.alternatives))
        say(f"  {check.name} ({check.severity}): {check.left} {check.op} {rights}{each}")


def _print_fields(node: Node, depth: int) -> None:
    for child in node.children:
        kind = f"decimal({child.scale})" if child.scale is not None else child.kind
        say(f"{'  ' * depth}{child.name:{max(1, 28 - 2 * depth)}} {kind:12} {child.description}")
        _print_fields(child.item or child, depth + 1)
