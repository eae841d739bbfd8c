"""`docpipe doctor`: what is here, what can run, what is missing and how to get it."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
import sys
from typing import Any

import typer

from docpipe import __version__
from docpipe.cli.as_json import dumps
from docpipe.engine.choose import availabilities, measured
from docpipe.intake.names import shown

PACKAGES = ("pymupdf", "pillow", "rapidocr", "onnxruntime", "pydantic", "pydantic-settings", "jsonschema", "ray",
            "pyarrow", "duckdb", "torch", "torchvision", "transformers", "qwen-vl-utils", "llguidance")  # fmt: skip


def report() -> dict[str, Any]:
    """Versions, engines and the machine, as plain data. Imports none of what it reports on."""
    return {
        "docpipe": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "gpu": shutil.which("nvidia-smi") is not None,
        "packages": {name: _version(name) for name in PACKAGES},
        "engines": [
            {"name": engine.name, "can_run": engine.runs, "why": engine.why, "measured": measured(engine.name)}
            for engine in availabilities()
        ],
        "sandbox": sandbox() if sys.platform == "linux" else None,
        "ocr_scripts": ocr_scripts() if sys.platform == "linux" else {},
    }


def sandbox() -> dict[str, Any]:
    """What render's children give up here, tried in one of them."""
    from docpipe.render.sandbox import confinement

    return confinement()


def ocr_scripts() -> dict[str, bool]:
    """Script -> whether the recogniser reads it on scans; empty without a recogniser."""
    from docpipe.render.sandbox import scripts_read

    return scripts_read()


def _ocr_line(scripts: dict[str, bool]) -> str:
    if not scripts:
        return "OCR: no recogniser can be loaded here; scans are not read by the layout engine."
    read, unread = ([name for name, known in scripts.items() if known is wanted] for wanted in (True, False))
    return (
        f"OCR reads {', '.join(read)}; scans in {', '.join(unread)} go to review. Text layers are read in any script."
    )


def _sandbox_line(confined: dict[str, Any] | None) -> str:
    if confined is None:
        return "Rendering needs Linux: its children are held by Linux's own limits."
    if not confined:
        return "Sandbox: a child of render cannot be started here."
    network = "no network" if not confined["network"] else "THE NETWORK (no namespaces and no seccomp here)"
    version = confined["landlock"]
    files = f"no files but their own code (Landlock {version})" if version else "THE USER'S FILES (no Landlock here)"
    return f"Sandbox: render's children have {network} and {files}."


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def print_report(schema: str, as_json: bool) -> None:
    """The report on stdout, for a person or as one JSON object; with a schema, how each field of it is found.

    Raises UnknownSchema, InvalidSchema.
    """
    from docpipe.cli.schemas import checked, field_lines

    told = report()
    if schema:
        told["schema"] = checked(schema)
    if as_json:
        typer.echo(dumps(told, indent=2))
        return
    typer.echo(f"docpipe {told['docpipe']}, Python {told['python']}, {told['cpus']} CPUs")
    typer.echo("Engines:")
    for engine in told["engines"]:
        typer.echo(f"  {engine['name']:10} {'can run' if engine['can_run'] else 'cannot run'}: {engine['why']}")
        for line in engine["measured"]:
            typer.echo(f"  {'':10} {line}")
    typer.echo("Packages:")
    for name, version in told["packages"].items():
        typer.echo(f"  {name:14} {version or 'not installed'}")
    typer.echo(_sandbox_line(told["sandbox"]))
    typer.echo(_ocr_line(told["ocr_scripts"]))
    if schema:
        typer.echo(f"Schema {shown(schema)}:")
        for line in field_lines(told["schema"]):
            typer.echo(f"  {line}")
