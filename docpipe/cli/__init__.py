"""The command line: flags become settings and a call; errors become one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from docpipe import __version__
from docpipe.errors import DocpipeError
from docpipe.intake.names import shown

EXIT_CODES = """\
Exit codes: 0 all done; 2 usage or configuration, nothing was started; 3 finished, with failed documents;
4 aborted, what was committed stays."""

app = typer.Typer(
    name="docpipe",
    help="Documents in, typed and checked Parquet out.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"docpipe {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Documents in, typed and checked Parquet out."""


def harmless(text: str) -> str:
    """`text` with its lines, but nothing else in it that a terminal would obey."""
    return "\n".join(map(shown, text.split("\n")))


def command_line() -> typer.Typer:
    """The app with every command: they are registered when their modules are imported."""
    from docpipe.cli import commands, evaluate, resolve, synth, upkeep, verify  # noqa: F401

    return app


def main() -> None:
    """The console script: runs a command; ends the process with the documented exit code."""
    try:
        command_line()()
    except DocpipeError as error:
        print(f"docpipe: {error.code}: {harmless(error.message)}", file=sys.stderr)
        if error.what_to_do:
            print(f"  {harmless(error.what_to_do)}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `docpipe show OUT | head`
        sys.stderr.close()
        sys.exit(0)
