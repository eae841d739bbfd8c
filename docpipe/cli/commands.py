"""The commands. Each turns its flags into settings and calls one function; heavy imports wait till then."""

from __future__ import annotations

import asyncio
import os
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Annotated, TextIO, cast

import typer

from docpipe.cli import EXIT_CODES, app
from docpipe.cli.options import (
    DeviceOption,
    DpiOption,
    DtypeOption,
    EngineOption,
    FailOnOption,
    GroundOption,
    Inputs,
    MaxFailedOption,
    MaxReviewOption,
    ModelOption,
    OverMaxPagesOption,
    PageTextOption,
    PasswordFileOption,
    PasswordOption,
    RequireInputOption,
    RevisionOption,
    SchemaOption,
    SecondEngineOption,
    SetOption,
    opening,
    pipeline_names,
    reading,
    settings_of,
)


@app.command(
    epilog="Examples:  docpipe run ./invoices --schema invoice   |   docpipe run --pipeline invoices ./in "
    "--out s --workers 8   |   " + EXIT_CODES
)
def run(
    inputs: Inputs = None,
    manifest: Annotated[
        list[str] | None,
        typer.Option("--manifest", help="A .txt, .csv, .tsv or .parquet file that lists documents; repeatable."),
    ] = None,
    schema: SchemaOption = None,
    out: Annotated[str | None, typer.Option("--out", "-o", help="Output folder (default docpipe-out).")] = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    second_engine: SecondEngineOption = None,
    revision: RevisionOption = None,
    dtype: DtypeOption = None,
    device: DeviceOption = None,
    ground: GroundOption = None,
    dpi: DpiOption = None,
    page_text: PageTextOption = None,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    over_max_pages: OverMaxPagesOption = None,
    pipeline: Annotated[
        str,
        typer.Option(
            "--pipeline",
            "-p",
            autocompletion=pipeline_names,
            help="A pipeline file, or the name of a shipped one.",
        ),
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read at most this many documents.")] = None,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers",
            min=0,
            help="Document workers (0: in this process; default: that for a handful, else one a CPU).",
        ),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Do finished documents again.")] = False,
    rehash: Annotated[
        bool, typer.Option("--rehash", help="Compare bytes, whatever size and time of change say.")
    ] = False,
    retry: Annotated[
        list[str] | None,
        typer.Option("--retry", help="Do these again: failed, needs_review, repaired, ok; commas, repeatable."),
    ] = None,
    prune: Annotated[
        bool, typer.Option("--prune", help="Remove the rows of files that are gone; else they are flagged.")
    ] = False,
    require_input: RequireInputOption = False,
    fail_on: FailOnOption = None,
    max_failed: MaxFailedOption = None,
    max_review: MaxReviewOption = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    setting: SetOption = None,
) -> None:
    """Read every document of INPUTS under a schema and write typed Parquet tables."""
    from docpipe.run.interruption import interruptible

    flags = reading(second_engine, revision, dtype, device, ground, page_text)
    flags |= {
        "running.workers": workers,
        "running.fail_on": fail_on,
        "running.max_failed": max_failed,
        "running.max_review": max_review,
        "render.dpi": dpi,
        **opening(password, password_file, over_max_pages),
    }
    with interruptible(ends_process=True):  # loading takes a second
        from docpipe.cli.summary import print_summary
        from docpipe.run.job import run as run_job
        from docpipe.run.plan import Again
        from docpipe.run.progress import Progress
        from docpipe.run.stream import Lenient

        settings = settings_of(
            pipeline,
            setting,
            {
                "schema": schema,
                "out": out,
                "engine": engine,
                "model": model,
                "inputs": inputs or None,
                "manifests": manifest or None,
                **flags,
            },
        )
        again = Again(force, rehash, frozenset(code.strip() for text in retry or () for code in text.split(",")), prune)
        with redirect_stdout(cast(TextIO, Lenient(sys.stderr))):  # Ray speaks of dead workers there
            progress = Progress(quiet=quiet)
            summary = run_job(settings, progress, limit=limit, again=again, require_input=require_input)
        if print_summary(summary, settings.running, as_json):
            raise typer.Exit(3)


@app.command(epilog="Example:  docpipe extract invoice.pdf --schema invoice | jq .record.total")
def extract(
    file: Annotated[str, typer.Argument(help="One PDF or image.")],
    schema: SchemaOption = None,
    engine: EngineOption = None,
    model: ModelOption = None,
    second_engine: SecondEngineOption = None,
    revision: RevisionOption = None,
    dtype: DtypeOption = None,
    device: DeviceOption = None,
    ground: GroundOption = None,
    dpi: DpiOption = None,
    page_text: PageTextOption = None,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    over_max_pages: OverMaxPagesOption = None,
    setting: SetOption = None,
) -> None:
    """Read one document in this process, without Ray, and print its outcome as JSON."""
    from docpipe.cli.as_json import dumps, outcome_document
    from docpipe.engine.choose import build_engine, choose_engine
    from docpipe.errors import PathNotFound
    from docpipe.extract.document import extract as extract_document
    from docpipe.extract.workbench import workbench
    from docpipe.intake.discover import discover
    from docpipe.schema.load import load_schema

    flags = reading(second_engine, revision, dtype, device, ground, page_text)
    flags |= {"render.dpi": dpi, **opening(password, password_file, over_max_pages)}
    threads = min(2, os.cpu_count() or 1)  # nobody else needs the cores
    settings = settings_of(
        "",
        setting,
        {"schema": schema, "engine": engine, "model": model, "inputs": [file], **flags},
        defaults={"render.ocr_threads": threads},
    )
    sources = list(discover([file], limits=settings.limits))
    if len(sources) != 1 or Path(file).is_dir():
        raise PathNotFound(f"{file} is not one file", remedy="`docpipe run` reads folders.")
    spec = choose_engine(settings.engine, settings.model, settings.engines)
    bench = workbench(load_schema(settings.schema), build_engine(spec), settings)
    try:
        outcome = asyncio.run(extract_document(sources[0], bench))
    finally:
        bench.close()
    typer.echo(dumps(outcome_document(outcome), indent=2))
    if outcome.failure is not None:
        raise typer.Exit(3)


@app.command(epilog="Examples:  docpipe show docpipe-out   |   docpipe show docpipe-out --json | jq .record.total")
def show(
    out: Annotated[str, typer.Argument(help="The output folder of a run.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line for every source.")] = False,
    rows: Annotated[int, typer.Option("--rows", min=0, help="How many records and violations to show.")] = 5,
    status: Annotated[
        str, typer.Option("--status", help="Only sources of this status: ok, repaired, needs_review or failed.")
    ] = "",
) -> None:
    """Counts by outcome, a few records, the worst violations of an output folder."""
    from docpipe.cli.show import print_lines, print_overview

    if as_json:
        print_lines(out, status)
    else:
        print_overview(out, rows, status)


@app.command(
    epilog="Examples:  docpipe doctor   |   docpipe doctor --json | jq '.engines[] | select(.can_run) | .name'"
)
def doctor(
    schema: Annotated[
        str, typer.Option("--schema", "-s", help="Say of each field of this schema, too, how an engine would find it.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What is installed, which engines can run here, and why not."""
    from docpipe.cli.doctor import print_report

    print_report(schema, as_json)
