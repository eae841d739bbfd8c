"""The commands for an output that is there: export, correct, migrate, compact, gc, forget."""

from __future__ import annotations

import os
import re
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from docpipe.cli import app
from docpipe.cli.options import EXPORT_FORMS, among, schema_names
from docpipe.cli.terminal import say, tell
from docpipe.errors import InvalidSettings

Out = Annotated[str, typer.Argument(help="The output of a run: a folder, or s3://bucket/prefix.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print what was done as one JSON object.")]

_SECONDS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


@app.command(
    epilog="Examples:  docpipe export docpipe-out --to duckdb   |   docpipe export docpipe-out --to csv --table invoice"
)
def export(
    out: Out,
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="|".join(EXPORT_FORMS), autocompletion=among(*EXPORT_FORMS), help="The form to write."
        ),
    ],
    dest: Annotated[str | None, typer.Option("--dest", help="File or folder to write (default: beside OUT).")] = None,
    table: Annotated[list[str] | None, typer.Option("--table", help="Only this table; repeatable.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write the tables in another tool's form, as they are at this instant."""
    from docpipe.store.export import export as write

    done = write(out, to, Path(dest) if dest else None, tuple(table or ()))
    if as_json:
        tell(asdict(done))
        return
    say(f"{done.path}: {', '.join(f'{rows} {name}' for name, rows in done.rows.items())}")
    for note in done.notes:
        say(f"  {note}")


@app.command(epilog="Example:  docpipe correct docpipe-out reviewed.csv --schema invoice")
def correct(
    out: Out,
    file: Annotated[Path, typer.Argument(help="Reviewed values: .csv, .jsonl or .parquet.")],
    schema: Annotated[
        str,
        typer.Option(
            "--schema", autocompletion=schema_names, help="The schema of the records: a name, a file or a class."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    review_confidence: Annotated[
        float | None, typer.Option("--review-confidence", help="As the run had it: below it a record is for review.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Put reviewed values into the tables; later runs keep them.

    A row names a record (_record_id, _doc_id or _source_uri), a path as in evidence, and the value; the path *
    says that the record is right as it stands. All of the file is taken over, or nothing.
    """
    from docpipe.engine.choose import review_confidence as measured_for
    from docpipe.review.correct import correct as put
    from docpipe.review.corrections import read_corrections
    from docpipe.schema.load import load_schema
    from docpipe.settings_sources import load_settings

    settings = load_settings("", os.environ, {"extraction.review_confidence": review_confidence})
    threshold, of = settings.extraction.review_confidence, load_schema(schema)
    measured = partial(measured_for, schema=of)
    done = put(out, of, read_corrections(file), measured if threshold is None else lambda _: threshold, dry_run=dry_run)
    if as_json:
        tell(asdict(done))
        return
    for record, (before, after) in done.statuses.items():
        say(f"{record}: {before} -> {after}")
    say(f"{done.values} values, {done.approved} records approved{' (nothing was written)' if dry_run else ''}")


@app.command(epilog="Example:  docpipe migrate docpipe-out --schema invoice --dry-run")
def migrate(
    out: Out,
    schema: Annotated[
        str,
        typer.Option(
            "--schema", autocompletion=schema_names, help="The schema as it is now: a name, a file or a class."
        ),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would change, and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Rewrite the tables to the columns of the schema as it is now; a run does the same before it begins."""
    from docpipe.schema.load import load_schema
    from docpipe.store.migrate import migrate as rewrite

    changes = rewrite(out, load_schema(schema), dry_run=dry_run)
    if as_json:
        tell({table: asdict(change) for table, change in changes.items()})
        return
    for table, change in changes.items():
        say(f"{table}: {change.told()}")
    if not changes:
        say("every table is as the schema says")


@app.command(epilog="Example:  docpipe compact docpipe-out")
def compact(
    out: Out,
    part_mb: Annotated[int, typer.Option("--part-mb", min=1, help="Merge parts up to this many megabytes.")] = 128,
    as_json: AsJson = False,
) -> None:
    """Merge the small parts that many commits leave, so that readers open few files."""
    from docpipe.store.upkeep import compact as merge

    done = merge(out, part_mb * 1024**2)
    if as_json:
        tell(asdict(done))
        return
    for table, before in done.before.items():
        say(f"{table}: {before} parts -> {done.after[table]}")


@app.command(epilog="Example:  docpipe gc docpipe-out --older-than 7d")
def gc(
    out: Out,
    older_than: Annotated[
        str, typer.Option("--older-than", help="Age of what goes: a number and s, m, h, d or w.")
    ] = "1d",
    as_json: AsJson = False,
) -> None:
    """Delete parts that newer ones have replaced, once no reader can want them any more."""
    from docpipe.store.upkeep import gc as sweep

    swept = sweep(out, _duration_s(older_than))
    if as_json:
        tell(asdict(swept))
    else:
        say(f"{swept.parts} parts, {swept.size_bytes:,} bytes")


@app.command(epilog="Example:  docpipe forget docpipe-out 3f2a9c1b")
def forget(
    out: Out,
    document: Annotated[str, typer.Argument(help="A doc_id, its first 8 characters or more, or a path in sources.")],
    as_json: AsJson = False,
) -> None:
    """Erase a document from every table, raw replies and retired parts included."""
    from docpipe.store.upkeep import forget as erase

    done = erase(out, document)
    if as_json:
        tell(asdict(done))
        return
    for uri in done.sources:
        say(f"forgotten: {uri}")
    say(f"{done.swept.parts} retired parts deleted")
    say("A run reads the document again while its file is among the inputs.")


def _duration_s(text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text.strip())
    if match is None:
        raise InvalidSettings(f"--older-than {text}: a number and s, m, h, d or w, as 7d")
    return float(match[1]) * _SECONDS[match[2]]
