"""`docpipe eval`: how right an output is, engines side by side, and what changed between two evaluations."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from docpipe.cli import app
from docpipe.cli.options import TRUTH_FORMATS, SetOption, among, given, keep_secret, schema_names, set_pairs
from docpipe.cli.terminal import tell
from docpipe.errors import InvalidSettings, OutputUnwritable
from docpipe.intake.names import public
from docpipe.settings_sources import load_settings


class _ScoreByDefault(TyperGroup):
    """`docpipe eval OUT ...` is `docpipe eval score OUT ...`: what names no command is an output."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if args and args[0] not in self.commands and args[0] != "--help":
            args = ["score", *args]
        parsed: list[str] = super().parse_args(ctx, args)
        return parsed


evaluation = typer.Typer(
    cls=_ScoreByDefault, no_args_is_help=True, help="How right it is: `docpipe eval OUT --truth labels.jsonl`."
)
app.add_typer(evaluation, name="eval")

TruthOption = Annotated[
    str, typer.Option("--truth", help="labels.jsonl, a folder with one, or the folder of a public data set.")
]
FormatOption = Annotated[
    str,
    typer.Option(
        "--format", metavar="|".join(TRUTH_FORMATS), autocompletion=among(*TRUTH_FORMATS), help="What --truth is."
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
ReportOption = Annotated[
    str | None,
    typer.Option("--report", help="Write what --json prints to this file, for `eval compare`.", metavar="FILE"),
]


@evaluation.command(
    epilog="Example:  docpipe eval docpipe-out --truth invoices/labels.jsonl --html page.html --report monday.json"
)
def score(
    out: Annotated[str, typer.Argument(help="The output folder of a run.")],
    truth: TruthOption,
    schema: Annotated[
        str | None, typer.Option("--schema", "-s", help="Which schema, where the output holds several.")
    ] = None,
    form: FormatOption = "auto",
    as_json: JsonOption = False,
    report: ReportOption = None,
    html: Annotated[
        str | None, typer.Option("--html", help="Write a page with the worst documents shown.", metavar="FILE")
    ] = None,
    worst: Annotated[int, typer.Option("--worst", min=0, max=200, help="How many documents --html shows.")] = 20,
) -> None:
    """Measure a finished output against labels, field by field."""
    from docpipe.cli.evaluate_output import evaluate_output, load_truth, page_notes
    from docpipe.cli.evaluate_show import print_result

    result, documents = evaluate_output(out, load_truth(truth, form), schema, worst if html else 0)
    if html:
        from docpipe.cli.pictures import pictured
        from docpipe.evaluate.report import report as page

        shown = list(pictured(page_notes(out, documents)))
        about = f"{public(out)}, schema {result['schema']}, engine {', '.join(result['engines'])}, labels {truth}"
        _write(html, page(result, shown, about))
    if not _reported(result, as_json, report):
        print_result(result)


@evaluation.command(
    epilog="Example:  docpipe eval run ./invoices --truth ./invoices --schema invoice --engine layout "
    "--engine qwen2-vl --model Qwen/Qwen2-VL-2B-Instruct"
)
def run(
    inputs: Annotated[list[str], typer.Argument(help="Files, folders or globs of PDFs and images.")],
    truth: TruthOption,
    schema: Annotated[
        str,
        typer.Option(
            "--schema",
            "-s",
            autocompletion=schema_names,
            help="A shipped name, a .json file, package.module:Class or path/to/file.py:Class.",
        ),
    ],
    engine: Annotated[list[str], typer.Option("--engine", help="An engine to measure; repeatable.")],
    model: Annotated[
        list[str] | None,
        typer.Option("--model", help="The model of each engine that takes one, in their order; repeatable."),
    ] = None,
    form: FormatOption = "auto",
    out: Annotated[
        str | None, typer.Option("--out", "-o", help="Keep the outputs in this folder (default: they are removed).")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Read at most this many documents.")] = None,
    workers: Annotated[int | None, typer.Option("--workers", min=0, help="As for `docpipe run`.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the bootstrap.")] = 0,
    as_json: JsonOption = False,
    report: ReportOption = None,
    setting: SetOption = None,
) -> None:
    """Run several engines over the same documents and measure them side by side.

    Every further engine is compared with the first: what is better and worse beyond noise.
    """
    from docpipe.cli.evaluate_output import evaluate_output, load_truth
    from docpipe.cli.evaluate_show import print_changes, print_side_by_side
    from docpipe.evaluate.drift import compare_results
    from docpipe.run.job import run as run_job
    from docpipe.run.progress import Progress

    pairs = _with_models(engine, model or [])
    truths = load_truth(truth, form)
    names = [f"{index}-{name}" for index, (name, _) in enumerate(pairs, 1)]
    results = []
    flags = {"schema": schema, "inputs": inputs, "running.workers": workers}
    out = out or set_pairs(setting).get("out")  # but not DOCPIPE_OUT, which names the output of a run
    with ExitStack() as stack:
        folder = out or stack.enter_context(tempfile.TemporaryDirectory(prefix="docpipe-eval-"))
        settings_of_each = [
            load_settings(
                "",
                os.environ,
                given(setting, {**flags, "engine": reader, "model": its_model or None, "out": f"{folder}/{name}"}),
            )
            for name, (reader, its_model) in zip(names, pairs, strict=True)
        ]
        keep_secret(settings_of_each[0].passwords)
        for name, (its_engine, its_model), settings in zip(names, pairs, settings_of_each, strict=True):
            with redirect_stdout(sys.stderr):  # Ray speaks of dead workers on stdout
                run_job(settings, Progress(), limit=limit, require_input=True)
            result, _ = evaluate_output(f"{folder}/{name}", truths, worst=0)
            results.append({**result, "engine": its_engine, "model": its_model, "run": name})
    changes = [compare_results(results[0], other, seed=seed) for other in results[1:]]
    compared = [[_change(change) for change in list_] for list_ in changes]
    if not _reported({"docpipe_eval_run": 1, "runs": results, "against_the_first": compared}, as_json, report):
        print_side_by_side(results, names)
        for name, list_ in zip(names[1:], changes, strict=True):
            print_changes(list_, f"{name} against {names[0]}")


@evaluation.command(
    epilog="Example:  docpipe eval compare monday.json tuesday.json --fail-on-worse   |   "
    "Exit codes: 0 compared; 1 --fail-on-worse, and something got worse; 2 a mistake; 4 aborted."
)
def compare(
    before: Annotated[str, typer.Argument(help="What `docpipe eval --report` wrote before.", metavar="A.json")],
    after: Annotated[str, typer.Argument(help="What it wrote after.", metavar="B.json")],
    seed: Annotated[int, typer.Option("--seed", help="Of the bootstrap: the same seed, the same intervals.")] = 0,
    resamples: Annotated[
        int, typer.Option("--resamples", min=100, max=100_000, help="How often documents are drawn.")
    ] = 2_000,
    fail_on_worse: Annotated[
        bool, typer.Option("--fail-on-worse", help="Exit 1 if anything got worse beyond noise.")
    ] = False,
    as_json: JsonOption = False,
    report: ReportOption = None,
) -> None:
    """Name what got better and worse between two evaluations, beyond noise (bootstrap over documents)."""
    from docpipe.cli.evaluate_show import print_changes
    from docpipe.evaluate.drift import compare_results, read_result

    changes = compare_results(read_result(Path(before)), read_result(Path(after)), resamples=resamples, seed=seed)
    if not _reported({"docpipe_eval_compare": 1, "changes": [_change(change) for change in changes]}, as_json, report):
        print_changes(changes)
    if fail_on_worse and any(change.verdict == "worse" for change in changes):
        raise typer.Exit(1)


def _with_models(engines: Sequence[str], models: Sequence[str]) -> list[tuple[str, str]]:
    """(engine, model): one for each engine, or one for each that takes a model."""
    if len(models) not in (len(engines), 0):
        takers = [name for name in engines if _takes_model(name)]
        if len(models) != len(takers):
            raise InvalidSettings(f"{len(models)} --model for {len(engines)} --engine: give each its own, in order")
        left = iter(models)
        return [(name, next(left) if _takes_model(name) else "") for name in engines]
    return list(zip(engines, models or [""] * len(engines), strict=True))


def _takes_model(name: str) -> bool:
    from docpipe.engine.registry import engine_factory

    return name != "auto" and engine_factory(name).takes_model


def _change(change: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(change), "verdict": change.verdict}


def _reported(document: Any, as_json: bool, report: str | None) -> bool:
    """Write the document to the file, print it, or both; returns whether it was printed."""
    if report:
        from docpipe.cli.as_json import dumps

        _write(report, dumps(document) + "\n")
    if as_json:
        tell(document)
    return as_json


def _write(file: str, text: str) -> None:
    try:
        Path(file).write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise OutputUnwritable(f"{file}: {getattr(error, 'strerror', error)}") from error
