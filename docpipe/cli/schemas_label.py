"""`docpipe schemas label`: labels proposed for the fields of a schema that have none, to be reviewed by a person."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from docpipe.cli import EXIT_CODES
from docpipe.cli.options import PasswordFileOption, PasswordOption, SetOption
from docpipe.cli.schemas import schemas
from docpipe.cli.schemas_draft import refuse_existing, sample_settings, skipped_lines, write_new
from docpipe.cli.terminal import say, tell
from docpipe.errors import InvalidSettings, OutputUnwritable, UsageError
from docpipe.intake.names import shown

if TYPE_CHECKING:
    from docpipe.draft.labelling import Labelled

NEAR = 0.0  # every key of the samples is looked at, however few print it


@schemas.command(
    "label",
    epilog="Examples:  docpipe schemas label bill.json --samples ./bills   |   docpipe schemas label bill.json "
    "--language de --language fr --in-place   |   " + EXIT_CODES,
)
def schemas_label(
    file: Annotated[str, typer.Argument(help="A schema file; one of a class can be asked about, and not written.")],
    samples: Annotated[
        list[str] | None,
        typer.Option("--samples", help="Documents that the schema is for: a file, folder or glob; repeatable."),
    ] = None,
    in_place: Annotated[bool, typer.Option("--in-place", help="Write the labels into FILE.")] = False,
    out: Annotated[Path | None, typer.Option("--out", "-o", help="Write FILE with the labels to a new file.")] = None,
    language: Annotated[
        list[str] | None,
        typer.Option(
            "--language", help="Captions of this language too (de, fr, ...); repeatable. Those of samples are found."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="What is proposed, as one JSON object.")] = False,
    password: PasswordOption = None,
    password_file: PasswordFileOption = None,
    setting: SetOption = None,
) -> None:
    """Propose x-docpipe.labels for fields that have none, and say of each where it came from.

    Words come from names, titles and descriptions, from the captions that documents print for what these mean, and
    from the keys on the samples. What the schema declares is not changed; without --in-place and --out nothing is
    written.
    """
    from docpipe.draft.gathered import gathered
    from docpipe.draft.labelling import label_proposals
    from docpipe.draft.languages import with_captions
    from docpipe.draft.samples import read_samples
    from docpipe.schema.load import load_schema

    if in_place and out is not None:
        raise InvalidSettings("--in-place and --out are two places to write to", remedy="Give one of them.")
    schema = load_schema(file)
    path = _file(file) if in_place or out is not None else None
    if out is not None:
        refuse_existing(out)
    asked = with_captions(code.strip() for text in language or () for code in text.split(","))
    read, skipped = read_samples(samples, sample_settings(password, password_file, setting)) if samples else ([], [])
    proposed = label_proposals(schema, gathered(read, NEAR) if read else None, asked)
    target = path if in_place else out
    if path is not None and target is not None and (proposed or not in_place):
        _write(path, target, proposed)
    if as_json:
        fields = [{"path": each.path, "labels": [asdict(label) for label in each.labels]} for each in proposed]
        written = str(target) if target is not None else None
        tell(
            {
                "schema": file,
                "fields": fields,
                "samples": [sample.name for sample in read],
                "skipped": [asdict(each) for each in skipped],
                "written": written,
            },
            indent=2,
        )
        return
    say(*skipped_lines(skipped), *_listing(proposed))
    if target is not None and proposed:
        say(f"written: {target}")
    elif proposed:
        say("nothing is written: add --in-place or --out FILE")


def _file(reference: str) -> Path:
    """The schema's own file. Raises UsageError for one that is shipped or a class."""
    from docpipe.schema.load import names_a_file

    path = Path(reference)
    if not names_a_file(reference) or path.suffix == ".py" or (":" in reference and path.suffix != ".json"):
        raise UsageError(
            f"labels are written into a schema's own JSON file, and {shown(reference)} is none",
            remedy="Without --in-place and --out they are listed; write them into your class by hand.",
        )
    return path


def _write(path: Path, target: Path, proposed: Sequence[Labelled]) -> None:
    """The text of the file with the labels; a schema that docpipe cannot hold to is never written."""
    import json

    from docpipe.draft.schema_text import with_labels
    from docpipe.schema.load import parse_schema

    try:
        text = path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {shown(str(path))} as UTF-8: {error}", remedy="Store it as UTF-8.") from error
    new = with_labels(text, proposed)
    parse_schema(json.loads(new), "labelled")
    if target == path:
        _replace(path, new)
    else:
        write_new(target, new)


def _replace(path: Path, text: str) -> None:
    """The file as a whole or not at all, with the rights that it had. Raises OutputUnwritable."""
    real = path.resolve()
    try:
        with tempfile.NamedTemporaryFile("wb", dir=real.parent, prefix=f".{real.name}.", delete=False) as file:
            file.write(text.encode("utf-8"))
        Path(file.name).chmod(real.stat().st_mode & 0o7777)
        Path(file.name).replace(real)
    except OSError as error:
        raise OutputUnwritable(f"cannot write {shown(str(path))}: {error.strerror}") from error


def _listing(proposed: Sequence[Labelled]) -> Iterator[str]:
    """A line a field, and below it one a label, as a diff has what is added."""
    if not proposed:
        yield "no labels to propose: every field has some, or nothing tells what it is called"
    for field in proposed:
        yield field.path
        width = max(len(label.text) for label in field.labels)
        for label in field.labels:
            yield f"  + {label.language}  {label.text:{width}}  ({label.source})"
