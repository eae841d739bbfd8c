"""The command line: flags become settings and a call; errors become one line and an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from typing import Annotated, NoReturn

import typer

from docpipe import __version__
from docpipe.cli.streams import open_standard_streams
from docpipe.cli.terminal import guard, stdout_failure
from docpipe.errors import DocpipeError, InternalError, Interrupted, RunAborted, UsageError
from docpipe.intake.names import harmless, masked
from docpipe.settings_sources import DEBUG

EXIT_CODES = """\
Exit codes: 0 all done; 2 usage or configuration, nothing was started; 3 finished, documents of this run failed;
4 aborted, what was committed stays."""

_AFTER_REFUSAL = f"The system refused this. Mend what the message names, and run again; {DEBUG}=1 shows where it arose."
_KEYBOARD = 130  # what typer makes of Ctrl-C

app = typer.Typer(
    name="docpipe",
    help="Documents in, typed and checked Parquet out.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
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


def command_line() -> typer.Typer:
    """The app with every command: they are registered when their modules are imported."""
    from docpipe.cli import commands, evaluate, resolve, schemas, schemas_draft, schemas_label, synth, upkeep, verify  # noqa: F401  # noqa: F401  behind the other commands on schemas

    return app


def main() -> NoReturn:
    """The console script: runs a command; ends the process with the documented exit code."""
    open_standard_streams()
    guard()
    code = _ended()
    failure = stdout_failure()
    unheard = _told(failure) if failure is not None and code != UsageError.exit_code else 0
    sys.exit(code or unheard)  # what the command itself has to say comes first


def _ended() -> int:
    """The exit code of the command, its error told."""
    try:
        command_line()()
    except SystemExit as end:
        return _told(Interrupted("stopped by Ctrl-C")) if end.code == _KEYBOARD else _number(end.code)
    except KeyboardInterrupt:
        return _told(Interrupted("stopped by Ctrl-C"))
    except DocpipeError as error:
        return _told(error)
    except OSError as error:  # no temporary folder, a name that is too long, a full disk
        if os.environ.get(DEBUG):
            traceback.print_exc()
        return _told(RunAborted(_refused(error), remedy=_AFTER_REFUSAL))
    except Exception as error:  # noqa: BLE001  the net under every command
        _told(InternalError(f"{type(error).__name__}: {error or 'no message'}", remedy=_defect()))
        return RunAborted.exit_code
    return 0


def _told(error: DocpipeError) -> int:
    """Print the error and what to do about it; returns its exit code."""
    print(f"docpipe: {error.code}: {harmless(error.message)}", file=sys.stderr)
    if error.what_to_do:
        print(f"  {harmless(error.what_to_do)}", file=sys.stderr)
    return error.exit_code


def _refused(error: OSError) -> str:
    """What the system refused, and of what."""
    name = f"{error.filename}: " if error.filename else ""
    try:
        os.getcwd()  # noqa: PTH109  a Path would be no clearer
    except OSError:
        name = name or "the working folder is gone: "
    return f"{name}{error.strerror or error}"


def _number(code: object) -> int:
    return code if isinstance(code, int) else int(code is not None)


def _defect() -> str:
    """What to do about an exception that nobody foresaw: its traceback is shown, or kept in a file."""
    trace = harmless(traceback.format_exc())
    if os.environ.get(DEBUG):
        sys.stderr.write(trace)
        return "This is a defect of docpipe: please report it with the traceback above."
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="docpipe-traceback-", suffix=".txt", delete=False, encoding="utf-8"
        ) as file:
            file.write(masked(trace))
    except OSError:
        return f"This is a defect of docpipe: please report it with the traceback that {DEBUG}=1 shows."
    return f"This is a defect of docpipe: please report it with {file.name}."
