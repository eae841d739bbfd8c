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
from docpipe.engine.choose import availabilities

PACKAGES = ("pymupdf", "pillow", "rapidocr", "onnxruntime", "pydantic", "jsonschema", "ray", "pyarrow", "duckdb",
            "torch", "torchvision", "transformers", "qwen-vl-utils", "llguidance")  # fmt: skip


def report() -> dict[str, Any]:
    """Versions, engines and the machine, as plain data. Imports none of what it reports on."""
    return {
        "docpipe": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cpus": len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count(),
        "gpu": shutil.which("nvidia-smi") is not None,
        "packages": {name: _version(name) for name in PACKAGES},
        "engines": [{"name": one.name, "can_run": one.runs, "why": one.why} for one in availabilities()],
        "sandbox": sys.platform == "linux",
    }


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def print_report(as_json: bool) -> None:
    """The report on stdout, for a person or as one JSON object."""
    found = report()
    if as_json:
        typer.echo(dumps(found, indent=2))
        return
    typer.echo(f"docpipe {found['docpipe']}, Python {found['python']}, {found['cpus']} CPUs")
    typer.echo("Engines:")
    for engine in found["engines"]:
        typer.echo(f"  {engine['name']:10} {'can run' if engine['can_run'] else 'cannot run'}: {engine['why']}")
    typer.echo("Packages:")
    for name, version in found["packages"].items():
        typer.echo(f"  {name:14} {version or 'not installed'}")
    if not found["sandbox"]:
        typer.echo("Rendering needs Linux: its children are held by Linux's own limits.")
