"""The commands. Each turns its flags into settings and calls one function; heavy imports wait till then."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from docpipe.cli import EXIT_CODES, app
from docpipe.cli.options import (
    DeviceOption,
    DpiOption,
    DtypeOption,
    EngineOption,
    GroundOption,
    Inputs,
    ModelOption,
    OverMaxPagesOption,
    PageTextOption,
    PasswordFileOption,
    PasswordOption,
    RevisionOption,
    SchemaOption,
    SecondEngineOption,
    SetOption,
    opening,
    reading,
    settings_of,
)
from docpipe.errors import InvalidSchema


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
        str, typer.Option("--pipeline", "-p", help="A pipeline file, or the name of a shipped one.")
    ] = "",
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read at most this many documents.")] = None,
    workers: Annotated[
        int | None,
        typer.Option("--workers", min=0, help="Document workers (default: one a CPU; 0: no Ray, in this process)."),
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
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as one JSON object.")] = False,
    setting: SetOption = None,
) -> None:
    """Read every document of INPUTS under a schema and write typed Parquet tables."""
    from docpipe.cli.show import print_summary
    from docpipe.run.job import run as run_job
    from docpipe.run.plan import Again
    from docpipe.run.progress import Progress

    statuses = frozenset(one.strip() for text in retry or () for one in text.split(","))
    again = Again(force, rehash, statuses, prune)
    settings = settings_of(
        pipeline,
        setting,
        schema=schema,
        out=out,
        engine=engine,
        model=model,
        inputs=inputs or None,
        manifests=manifest or None,
        **{
            "running.workers": workers,
            "render.dpi": dpi,
            **reading(second_engine, revision, dtype, device, ground, page_text),
        },
        **opening(password, password_file, over_max_pages),
    )
    with redirect_stdout(sys.stderr):  # Ray speaks of dead workers on stdout, where only results belong
        summary = run_job(settings, Progress(quiet=quiet), limit=limit, again=again)
    print_summary(summary, as_json)
    if summary.outcomes["failed"]:
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
    from docpipe.extract import extract as extract_document
    from docpipe.extract import workbench
    from docpipe.intake.discover import discover
    from docpipe.schema.load import load_schema

    flags = reading(second_engine, revision, dtype, device, ground, page_text)
    flags |= {"render.dpi": dpi, **opening(password, password_file, over_max_pages)}
    settings = settings_of("", setting, schema=schema, engine=engine, model=model, inputs=[file], **flags)
    sources = list(discover([file], limits=settings.limits))
    if len(sources) != 1 or Path(file).is_dir():
        raise PathNotFound(f"{file} is not one file", remedy="`docpipe run` reads folders.")
    threads = max(settings.render.ocr_threads, min(2, os.cpu_count() or 1))  # nobody else needs the cores
    settings = replace(settings, render=replace(settings.render, ocr_threads=threads))
    spec = choose_engine(settings.engine, settings.model, settings.qwen2vl)
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
) -> None:
    """Counts by outcome, a few records, the worst violations of an output folder."""
    from docpipe.cli.show import print_lines, print_overview

    if as_json:
        print_lines(out)
    else:
        print_overview(out, rows)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """What is installed, which engines can run here, and why not."""
    from docpipe.cli.doctor import print_report

    print_report(as_json)


schemas = typer.Typer(help="The shipped schemas, and checks for your own.", no_args_is_help=True)
app.add_typer(schemas, name="schemas")


@schemas.command("list")
def schemas_list() -> None:
    """Names and titles of the shipped schemas."""
    from docpipe.schema.load import load_schema, shipped_schemas

    for name in shipped_schemas():
        typer.echo(f"{name:12} {load_schema(name).title}")


@schemas.command("show")
def schemas_show(
    name: Annotated[str, typer.Argument(help="A shipped name, a file, or package.module:Class.")],
    as_json: Annotated[bool, typer.Option("--json", help="The JSON Schema itself.")] = False,
) -> None:
    """Fields, types, checks and tables of a schema."""
    from docpipe.cli.show import print_schema
    from docpipe.schema.load import load_schema

    found = load_schema(name)
    if as_json:
        typer.echo(json.dumps(found.document, ensure_ascii=False, indent=2))
    else:
        print_schema(found)


@schemas.command("check")
def schemas_check(
    file: Annotated[str, typer.Argument(help="A schema file, or package.module:Class.")],
) -> None:
    """Say whether docpipe can hold to a schema, and what must change if not."""
    from docpipe.cli.hostile_page import hostile_page_problems
    from docpipe.schema.load import load_schema, schema_problems

    problems = schema_problems(file) or hostile_page_problems(load_schema(file))
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise InvalidSchema(f"{file}: {len(problems)} to mend", remedy="docs/schemas.md says what is allowed.")
    typer.echo(f"{file}: fine")
