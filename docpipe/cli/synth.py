"""`docpipe synth`: labelled synthetic documents, to measure with and to train on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from docpipe.cli import EXIT_CODES, app
from docpipe.cli.options import SYNTH_DEGRADES, SYNTH_KINDS, among
from docpipe.cli.terminal import say, tell


@app.command(
    epilog="Examples:  docpipe synth invoice 500 --seed 7 --out truth   |   docpipe synth receipt 200 --out r "
    "--languages de,fr --degrade mixed --workers 4   |   " + EXIT_CODES
)
def synth(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="|".join(SYNTH_KINDS),
            autocompletion=among(*SYNTH_KINDS),
            help="What to write; siblings: one form filled in by several people; copies: by twenty, mostly without "
            "lines; bundle: several invoices in a file; "
            "orders: invoices that carry orders to the reader.",
        ),
    ],
    n: Annotated[int, typer.Argument(help="How many documents.", metavar="N")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder to write to: new or empty.")],
    seed: Annotated[int, typer.Option("--seed", help="The same seed gives the same documents.")] = 0,
    languages: Annotated[
        str, typer.Option("--languages", help="Two-letter codes, comma between (default: all there are).")
    ] = "",
    degrade: Annotated[
        str,
        typer.Option(
            "--degrade",
            metavar="|".join(SYNTH_DEGRADES),
            autocompletion=among(*SYNTH_DEGRADES),
            help="How the pages suffer; samples is for invoices only.",
        ),
    ] = "none",
    hard: Annotated[
        float | None,
        typer.Option(
            "--hard",
            metavar="SHARE",
            help="Share of invoices, receipts and forms with the difficulties of real ones, 0 to 1 (default: as hard "
            "as real).",
        ),
    ] = None,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Processes to write with.")] = 1,
    boxes: Annotated[bool, typer.Option("--boxes/--no-boxes", help="Say where each value is printed.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was written as one JSON object.")] = False,
) -> None:
    """Write N labelled documents and labels.jsonl, the truth about them."""
    from docpipe.synth import generate
    from docpipe.synth.languages import LANGUAGES
    from docpipe.synth.traits import as_real

    among = [code.strip() for code in languages.split(",")] if languages else LANGUAGES
    share = as_real(kind) if hard is None else hard
    folder = generate(kind, n, seed, out, languages=among, degrade=degrade, workers=workers, boxes=boxes, hard=share)
    labels = folder / "labels.jsonl"
    if as_json:
        tell({"labels": str(labels), "kind": kind, "documents": n, "seed": seed, "hard": share})
    else:
        say(str(labels))
