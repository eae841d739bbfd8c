"""The options that commands share, and the settings that they come to."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from docpipe.errors import InvalidSettings
from docpipe.passwords import Passwords, hide_arguments
from docpipe.pipelines import shipped_pipelines
from docpipe.settings import Settings
from docpipe.settings_sources import ENVIRONMENT_PREFIX, load_settings, setting_names

ENGINES = ("auto", "layout", "qwen2-vl", "scripted")
GROUNDS = ("words", "layer", "off")
OVER_MAX_PAGES = ("fail", "window")
DTYPES = ("auto", "bfloat16", "float16", "float32")
FINISHES = ("stop", "length", "repetition")
TRUTH_FORMATS = ("auto", "labels", "sroie", "cord", "funsd", "docvqa", "chartqa", "pubtabnet", "omnidocbench")
EXPORT_FORMS = ("duckdb", "csv", "xlsx", "jsonl", "delta", "parquet")
SYNTH_KINDS = ("invoice", "receipt", "form", "copies", "siblings", "table", "chart", "statement", "bundle", "orders")
SYNTH_DEGRADES = ("none", "scan", "photo", "fax", "jpeg", "mixed", "samples")
# They stand here so that --help and the shell's completion load none of the modules that know them; a test compares.


def among(*names: str) -> Callable[[str], list[str]]:
    """Completes an option's value for the shell."""
    return lambda incomplete: [name for name in names if name.startswith(incomplete)]


def schema_names(incomplete: str) -> list[str]:
    """Completes a schema: the shipped names; the shell offers files by itself where none fits."""
    from docpipe.schema.load import shipped_schemas

    return [name for name in shipped_schemas() if name.startswith(incomplete)]


def engine_names(incomplete: str) -> list[str]:
    """Completes an engine: auto, and the names of those that are installed."""
    from docpipe.engine.registry import engine_names

    return [name for name in ("auto", *engine_names()) if name.startswith(incomplete)]


def pipeline_names(incomplete: str) -> list[str]:
    """Completes a pipeline: the shipped names."""
    return [name for name in shipped_pipelines() if name.startswith(incomplete)]


def set_names(incomplete: str) -> list[str]:
    """Completes the name before the = of --set."""
    return [f"{name}=" for name in setting_names() if name.startswith(incomplete)]


Inputs = Annotated[
    list[str] | None,
    typer.Argument(help="PDFs, images and ZIPs of them: files, folders, globs, or s3://, gs://, abfs:// prefixes."),
]
SchemaOption = Annotated[
    str | None,
    typer.Option(
        "--schema",
        "-s",
        autocompletion=schema_names,
        help="A shipped name, a .json file, package.module:Class or path/to/file.py:Class.",
    ),
]
EngineOption = Annotated[
    str | None,
    typer.Option(
        "--engine",
        metavar="|".join(ENGINES),
        autocompletion=engine_names,
        help="What reads; `docpipe doctor` says which can run here.",
    ),
]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="The engine's model: a name, a folder, or a script's file.")
]
SecondEngineOption = Annotated[
    str | None,
    typer.Option(
        "--second-engine",
        autocompletion=among("layout"),
        help="Asked too about what would go to review: layout. A light engine only.",
    ),
]
RevisionOption = Annotated[str | None, typer.Option("--revision", help="Branch, tag or commit of a named model.")]
DtypeOption = Annotated[
    str | None,
    typer.Option(
        "--dtype", metavar="|".join(DTYPES), autocompletion=among(*DTYPES), help="Numbers that the model is held in."
    ),
]
DeviceOption = Annotated[
    str | None, typer.Option("--device", help="auto, cpu, cuda:1, or all to spread a model over every GPU.")
]
GroundOption = Annotated[
    str | None,
    typer.Option(
        "--ground",
        metavar="|".join(GROUNDS),
        autocompletion=among(*GROUNDS),
        help="Where values are looked for: words (OCR too), the text layer only, or nowhere.",
    ),
]
PageTextOption = Annotated[
    bool | None, typer.Option("--page-text", help="Show the model the page's words too, marked as untrusted.")
]
PasswordOption = Annotated[
    list[str] | None,
    typer.Option("--password", help="Try it on locked documents; repeatable. Any user of the machine may see it."),
]
PasswordFileOption = Annotated[
    str | None, typer.Option("--password-file", help="Passwords to try, one a line, in UTF-8.")
]
OverMaxPagesOption = Annotated[
    str | None,
    typer.Option(
        "--over-max-pages",
        metavar="|".join(OVER_MAX_PAGES),
        autocompletion=among(*OVER_MAX_PAGES),
        help="Documents with more than limits.max_pages fail, or are read in windows.",
    ),
]
DpiOption = Annotated[
    float | None,
    typer.Option("--dpi", min=1, help="Resolution of page images; an engine's grid and pixel budget still hold."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", autocompletion=set_names, help="Any other setting, as limits.page_timeout_s=5; repeatable."),
]

FailOnOption = Annotated[
    str | None,
    typer.Option(
        "--fail-on",
        help="Exit 3 for documents that failed in this run (new, the default), in any run (any), or never.",
    ),
]
MaxFailedOption = Annotated[
    float | None,
    typer.Option("--max-failed", help="Exit 3 only if more than this share (0 to 1) of this run's documents failed."),
]
MaxReviewOption = Annotated[
    float | None,
    typer.Option("--max-review", help="Exit 3 if more than this share (0 to 1) of this run's documents need review."),
]
RequireInputOption = Annotated[
    bool, typer.Option("--require-input", help="Exit 2 (NO_INPUTS) where there is nothing to read; else that is fine.")
]


def reading(
    second_engine: str | None,
    revision: str | None,
    dtype: str | None,
    device: str | None,
    ground: str | None,
    page_text: bool | None,
) -> dict[str, Any]:
    """The settings that say how pages are read and values looked for; None is not given."""
    return {
        "second_engine": second_engine,
        "qwen2vl.revision": revision,
        "qwen2vl.dtype": dtype,
        "qwen2vl.device": device,
        "qwen2vl.page_text": page_text,
        "extraction.ground": ground,
    }


def opening(password: list[str] | None, password_file: str | None, over_max_pages: str | None) -> dict[str, Any]:
    """The settings that say which documents are opened; None is not given."""
    return {
        "passwords": password or None,
        "password_file": password_file,
        "limits.over_max_pages": over_max_pages,
    }


def settings_of(
    pipeline: str,
    pairs: list[str] | None,
    flags: Mapping[str, Any],
    defaults: Mapping[str, Any] | None = None,
) -> Settings:
    """The settings of a run: flags over --set over the environment over the pipeline; schema and input are there.

    A flag that was not given is None. Passwords do not stay where other processes see them. Raises InvalidSettings.
    """
    settings = load_settings(pipeline, os.environ, given(pairs, flags), defaults)
    keep_secret(settings.passwords)
    if not settings.schema:
        raise InvalidSettings("no schema was named", remedy="Add --schema NAME; `docpipe schemas list`.")
    if not settings.inputs and not settings.manifests:
        raise InvalidSettings("no input was named", remedy="Name files or folders to read, or a --manifest.")
    return settings


def given(pairs: list[str] | None, flags: Mapping[str, Any]) -> dict[str, Any]:
    """What the command line says of settings: --set, and over it the flags that were given, which are not None."""
    return set_pairs(pairs) | {name: value for name, value in flags.items() if value is not None}


def keep_secret(passwords: Passwords) -> None:
    """Passwords that were read do not stay where other processes see them."""
    os.environ.pop(f"{ENVIRONMENT_PREFIX}PASSWORDS", None)  # whatever is started from here need not inherit them
    hide_arguments(passwords)


def set_pairs(pairs: list[str] | None) -> dict[str, str]:
    """What --set was given, by name. Raises InvalidSettings for what is no NAME=VALUE."""
    values: dict[str, str] = {}
    for pair in pairs or []:
        name, equals, text = pair.partition("=")
        if not equals:
            raise InvalidSettings(f"--set {pair.partition(' ')[0]}: write NAME=VALUE")
        values[name] = text
    return values
