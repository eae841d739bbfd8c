"""`docpipe schemas draft`: a schema proposed from sample documents, to be reviewed by a person."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from docpipe.cli import EXIT_CODES
from docpipe.cli.options import PasswordFileOption, PasswordOption, SetOption
from docpipe.cli.schemas import schemas
from docpipe.cli.terminal import say, tell
from docpipe.errors import InvalidSettings, OutputConflict, OutputUnwritable
from docpipe.intake.names import shown

if TYPE_CHECKING:
    from docpipe.draft.drafted import Draft
    from docpipe.draft.samples import Skipped
    from docpipe.settings import Settings

DEFAULT_NAME = "draft"


@schemas.command(
    "draft",
    epilog="Examples:  docpipe schemas draft ./bills --out bill.json   |   docpipe schemas draft a.pdf b.pdf "
    "--name meter > meter.json   |   " + EXIT_CODES,
)
def schemas_draft(
    inputs: Annotated[
        list[str], typer.Argument(metavar="FILES...", help="Samples of one kind: files, folders, globs; five do.")
    ],
    name: Annotated[str, typer.Option("--name", help="The schema's title (default: the name of --out).")] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="A new file for the schema; without it stdout gets it.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object: the schema, how often each field was read, what was not.")
    ] = False,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    setting: SetOption = None,
) -> None:
    """Propose a whole schema from sample documents: keys and tables that half of them print, with their types.

    Nothing is required: that is yours to decide. Each description says how often the field was printed; the listing
    says how often the layout engine reads it under the draft.
    """
    from docpipe.draft.drafted import drafted
    from docpipe.draft.samples import read_samples

    if out is not None:
        refuse_existing(out)
    samples, skipped = read_samples(inputs, sample_settings(password, password_file, setting))
    draft = drafted(samples, name or (out.name.partition(".")[0] if out is not None else DEFAULT_NAME))
    text = json.dumps(draft.document, ensure_ascii=False, indent=2) + "\n"
    if out is not None:
        write_new(out, text)
    if as_json:
        tell(_report(draft, [sample.name for sample in samples], skipped, out), indent=2)
        return
    lines = [*skipped_lines(skipped), *_lines(draft, len(samples)), *([f"written: {out}"] if out is not None else [])]
    if out is not None:
        say(*map(shown, lines))
    else:
        for line in lines:
            print(shown(line), file=sys.stderr)
        typer.echo(text, nl=False)


def sample_settings(password: list[str] | None, password_file: str | None, setting: list[str] | None) -> Settings:
    """The settings that samples are opened with. Raises InvalidSettings."""
    import os

    from docpipe.cli.options import given, keep_secret, opening
    from docpipe.settings_sources import load_settings

    flags = opening(password, password_file, None)
    threads = min(2, os.cpu_count() or 1)  # nobody else needs the cores
    settings = load_settings("", os.environ, given(setting, flags), {"render.ocr_threads": threads})
    keep_secret(settings.passwords)
    return settings


def refuse_existing(out: Path) -> None:
    """Raises OutputConflict for a file that is there, InvalidSettings for a name that no schema has."""
    if out.suffix != ".json":
        raise InvalidSettings(f"--out {shown(str(out))}: a schema's file is called .json")
    if out.exists():
        raise OutputConflict(f"{shown(str(out))} is there already", remedy="Name a new file with --out.")


def write_new(out: Path, text: str) -> None:
    """Raises OutputConflict for a file that is there, OutputUnwritable where none can be made."""
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise OutputConflict(f"{shown(str(out))} is there already", remedy="Name a new file with --out.") from None
    except OSError as error:
        raise OutputUnwritable(f"cannot write {shown(str(out))}: {error.strerror}") from error


def skipped_lines(skipped: Sequence[Skipped]) -> Iterator[str]:
    """A line for every sample that was not read."""
    for each in skipped:
        yield f"skipped {each.name}: {each.code}: {each.reason}"


def _report(draft: Draft, samples: Sequence[str], skipped: Sequence[Skipped], out: Path | None) -> dict[str, Any]:
    return {
        "schema": draft.document,
        "out": None if out is None else str(out),
        "samples": list(samples),
        "skipped": [asdict(each) for each in skipped],
        "fields": [{"path": path, "type": kind, "read": draft.read.get(path, 0)} for path, kind, _ in _fields(draft)],
    }


def _lines(draft: Draft, samples: int) -> Iterator[str]:
    """A line a field: its type, how often the engine reads it, its label; then the checks."""
    rows = [("field", "type", "read", "label")]
    rows += [(path, kind, f"{draft.read.get(path, 0)}/{samples}", label) for path, kind, label in _fields(draft)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for path, kind, read, label in rows:
        yield f"{path:{widths[0]}}  {kind:{widths[1]}}  {read:>{widths[2]}}  {label}".rstrip()
    for check in draft.document.get("x-docpipe", {}).get("checks", ()):
        each = f" in each of {check['each']}" if "each" in check else ""
        yield f"check: {check['left']} == {check['right']}{each}"


def _fields(draft: Draft) -> Iterator[tuple[str, str, str]]:
    """(path, type, first label) of every field, those of objects and lists behind them."""
    yield from _below(draft.document["properties"], "")


def _below(properties: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in properties.items():
        path = f"{prefix}.{name}" if prefix else name
        about = field.get("x-docpipe", {})
        kind = field["type"] if isinstance(field["type"], str) else field["type"][0]
        label = next((texts[0] for texts in about.get("labels", {}).values()), "")
        yield path, field.get("format") or about.get("type") or kind, label
        yield from _below(field.get("properties") or field.get("items", {}).get("properties", {}), path)
