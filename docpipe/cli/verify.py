"""`docpipe verify`: is an output whole, and what to do where it is not."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from docpipe.cli import app
from docpipe.cli.terminal import say, tell

if TYPE_CHECKING:
    from docpipe.store.verify import Report

FOUND = 1  # exit code: something is wrong


@app.command(
    epilog="Examples:  docpipe verify docpipe-out   |   docpipe verify s3://bucket/out --json   |   "
    "docpipe verify docpipe-out --repair    Exit codes: 0 all is well; 1 something is wrong; 2 no such output."
)
def verify(
    out: Annotated[str, typer.Argument(help="The output of a run: a folder, or s3://bucket/prefix.")],
    mend: Annotated[
        bool, typer.Option("--repair", help="Mend what is certain; what was taken out lies in _old/ then.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as one JSON object.")] = False,
) -> None:
    """Look at every file and every row of an output: is all there, unchanged, once, and does it fit together?"""
    from docpipe.store.repair import repair
    from docpipe.store.verify import verify as look

    done = repair(out) if mend else []
    report = look(out)
    if as_json:
        tell({**asdict(report), "clean": report.is_clean, "repaired": done})
    else:
        _print(report, done)
    if not report.is_clean:
        raise typer.Exit(FOUND)


def _print(report: Report, done: list[str]) -> None:
    for sentence in done:
        say(f"repaired: {sentence}")
    for finding in report.findings:
        say(f"{finding.code}: {finding.where}: {finding.message}")
        say(f"  {finding.remedy.replace('OUT', report.out)}")
    parts, rows = sum(report.parts.values()), sum(report.rows.values())
    state = "all is well" if report.is_clean else f"{len(report.findings)} things are wrong"
    say(f"{report.out}: commit {report.number}, {parts} parts, {rows} rows: {state}")
