"""The command line: flags become settings and a call; errors become one line and an exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from docpipe import __version__
from docpipe.errors import DocpipeError

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


def main() -> None:
    """The console script: runs a command; ends the process with the documented exit code."""
    from docpipe.cli import commands  # noqa: F401  (registers the commands)

    try:
        app()
    except DocpipeError as error:
        print(f"docpipe: {error.code}: {error.message}", file=sys.stderr)
        if error.what_to_do:
            print(f"  {error.what_to_do}", file=sys.stderr)
        sys.exit(error.exit_code)
    except BrokenPipeError:  # `docpipe show OUT | head`
        sys.stderr.close()
        sys.exit(0)
