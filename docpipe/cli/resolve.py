"""`docpipe resolve`: what becomes of a saved answer, without the engine that gave it."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from docpipe.cli import app
from docpipe.cli.options import FINISHES, GroundOption, among, keep_secret, schema_names
from docpipe.cli.terminal import tell
from docpipe.engine.factory import REVIEW_CONFIDENCE
from docpipe.errors import DecodeError, DocpipeError, InvalidSettings, PathNotFound, UserCodeError, did_you_mean
from docpipe.records import Failure, Outcome, Page, Record, Reply, Source
from docpipe.schema.nodes import Schema
from docpipe.settings import Settings

MAX_REPLY_BYTES = 16_000_000


@app.command(
    epilog="Examples:  docpipe resolve answer.json --schema invoice --page invoice.pdf | jq .violations   |   "
    "docpipe resolve answers/ --schema invoice | jq -c '[.source_uri, .status, .failure.code]'"
)
def resolve(
    reply: Annotated[
        str,
        typer.Argument(help="A file with the text of one answer; - reads standard input; a folder all its files."),
    ],
    schema: Annotated[
        str,
        typer.Option(
            "--schema",
            "-s",
            autocompletion=schema_names,
            help="A shipped name, a .json file, package.module:Class or path/to/file.py:Class.",
        ),
    ],
    page: Annotated[str | None, typer.Option("--page", help="The PDF or image that the answer is about.")] = None,
    ground: GroundOption = None,
    finish: Annotated[
        str,
        typer.Option(
            "--finish",
            metavar="|".join(FINISHES),
            autocompletion=among(*FINISHES),
            help="How the answer ended.",
        ),
    ] = "stop",
) -> None:
    """Decode, validate, repair and ground a saved answer, and print the outcome as JSON; of a folder, one a line."""
    from docpipe.schema.load import load_schema
    from docpipe.settings_sources import load_settings

    settings = load_settings("", os.environ, {"extraction.ground": ground})
    keep_secret(settings.passwords)
    loaded = load_schema(schema)
    ended = _finish(finish)
    shown = asyncio.run(_pages(page, settings)) if page is not None else []
    files = _files(reply) if reply != "-" and Path(reply).is_dir() else None
    failed = False
    for name in files if files is not None else [reply]:
        source = Source(name if files is not None else page or reply)
        document = _document(source, loaded, Reply(_text(name), ended, "saved"), shown, settings)
        tell(document, indent=2 if files is None else None)
        failed |= document["status"] == "failed"
    if failed:
        raise typer.Exit(3)


def _files(folder: str) -> list[str]:
    """The files of a folder, by name. Raises PathNotFound if there are none."""
    try:
        files = sorted(str(path) for path in Path(folder).iterdir() if path.is_file())
    except OSError as error:
        raise PathNotFound(f"cannot read {folder}: {error.strerror}") from error
    if not files:
        raise PathNotFound(f"{folder} holds no file")
    return files


def _document(source: Source, schema: Schema, reply: Reply, pages: list[Page], settings: Settings) -> dict[str, Any]:
    """The outcome of one answer as JSON, with its edits."""
    from docpipe.cli.as_json import outcome_document

    try:
        record = resolved(schema, reply, pages, settings)
        outcome = Outcome(source, schema.name, "saved", {}, record.status, (record,))
    except (DecodeError, UserCodeError) as error:
        failure = Failure(error.code, error.message, error.what_to_do, error.retryable)
        outcome = Outcome(source, schema.name, "saved", {}, "failed", failure=failure)
    edits = [asdict(edit) for record in outcome.records for edit in record.edits]
    return {**outcome_document(outcome), "edits": edits}


def resolved(schema: Schema, reply: Reply, pages: list[Page], settings: Settings) -> Record:
    """The record of one saved answer about `pages`, which may be none. Raises DecodeError."""
    from docpipe.resolve.record import resolve_document, resolve_window

    part = resolve_window(schema, pages, reply, grounded=settings.extraction.ground != "off")
    threshold = settings.extraction.review_confidence
    return resolve_document(schema, [part], [], REVIEW_CONFIDENCE if threshold is None else threshold)


def _finish(name: str) -> Literal["stop", "length", "repetition"]:
    if name not in FINISHES:
        raise InvalidSettings(
            f"--finish {name}{did_you_mean(name, FINISHES)}", remedy=f"--finish takes {', '.join(FINISHES)}."
        )
    return name  # type: ignore[return-value]


def _text(reply: str) -> str:
    """The answer; bytes that are no UTF-8 stay half surrogates, which decoding refuses."""
    try:
        if reply == "-":
            content = sys.stdin.buffer.read(MAX_REPLY_BYTES + 1)
        else:
            with Path(reply).open("rb") as file:
                content = file.read(MAX_REPLY_BYTES + 1)
    except OSError as error:
        raise PathNotFound(f"cannot read {reply}: {error.strerror}") from error
    return content.decode("utf-8", "surrogateescape")


async def _pages(path: str, settings: Settings) -> list[Page]:
    """Every page of the document that can be read. Raises what the whole document, or all of its pages, fail with."""
    from docpipe.intake.discover import discover
    from docpipe.intake.read import read_source
    from docpipe.render.renderer import Renderer

    sources = list(discover([path]))
    if len(sources) != 1 or Path(path).is_dir():
        raise PathNotFound(f"{path} is not one file")
    needs = frozenset({settings.extraction.ground}) - {"off"}
    content = read_source(sources[0], settings.limits)
    pages: list[Page] = []
    first: DocpipeError | None = None
    with Renderer(settings) as renderer:
        async with await renderer.open(content) as document:
            for number in range(1, document.page_count + 1):
                try:
                    pages.append(await document.page(number, needs))
                except DocpipeError as error:
                    first = first or error
    if first is not None and not pages:
        raise first
    return pages
