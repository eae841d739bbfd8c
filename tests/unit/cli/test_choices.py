"""What an option takes is listed in its help, completed by the shell, and guessed at where it is misspelt."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer.main

from docpipe.cli import command_line, options
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.engine.registry import SHIPPED
from docpipe.evaluate.datasets import NAMES
from docpipe.records import Reply
from docpipe.settings import Extraction, Limits
from docpipe.store.export import FORMS
from docpipe.synth.generate import DEGRADES, KINDS
from tests.unit.cli.calling import call

COMMANDS = typer.main.get_command(command_line())


def test_the_lists_are_those_of_the_modules_that_know() -> None:
    assert set(options.ENGINES) == {"auto", *SHIPPED}
    assert get_args(get_type_hints(Extraction)["ground"]) == options.GROUNDS
    assert get_args(get_type_hints(Limits)["over_max_pages"]) == options.OVER_MAX_PAGES
    assert set(options.DTYPES) <= set(get_args(get_type_hints(Qwen2VL)["dtype"]))
    assert set(options.FINISHES) <= set(get_args(get_type_hints(Reply)["finish"]))
    assert ("auto", "labels", *NAMES) == options.TRUTH_FORMATS
    assert tuple(FORMS) == options.EXPORT_FORMS
    assert tuple(KINDS) == options.SYNTH_KINDS
    assert options.SYNTH_DEGRADES == DEGRADES


@pytest.mark.parametrize(
    ("command", "option", "choices"),
    [
        ("run", "--engine", options.ENGINES),
        ("run", "--ground", options.GROUNDS),
        ("run", "--over-max-pages", options.OVER_MAX_PAGES),
        ("run", "--dtype", options.DTYPES),
        ("extract", "--engine", options.ENGINES),
        ("resolve", "--finish", options.FINISHES),
        ("export", "--to", options.EXPORT_FORMS),
        ("eval score", "--format", options.TRUTH_FORMATS),
        ("synth", "kind", options.SYNTH_KINDS),
        ("synth", "--degrade", options.SYNTH_DEGRADES),
    ],
)
def test_help_lists_the_choices(command: str, option: str, choices: tuple[str, ...]) -> None:
    found: Any = COMMANDS
    for name in command.split():
        found = found.commands[name]
    (parameter,) = [one for one in found.params if option in one.opts]
    assert parameter.metavar == "|".join(choices)


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["export", "x", "--to", "duckbd"], "did you mean duckdb?"),
        (["synth", "invoce", "1", "--out", "x"], "did you mean invoice?"),
        (["schemas", "show", "invioce"], "did you mean invoice?"),
        (["run", ".", "--schema", "invoice", "--engine", "layuot", "--workers", "0"], "did you mean layout?"),
        (["resolve", "x", "--schema", "invoice", "--finish", "stpo"], "did you mean stop?"),
        (["run", ".", "--shcema", "invoice"], "--schema"),
        (["shwo", "x"], "show"),
    ],
)
def test_what_is_misspelt_is_guessed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], meant: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").touch()
    done = call(monkeypatch, *arguments)
    assert done.code == 2
    assert meant in done.err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("docpipe ru", "run"),
        ("docpipe run --schema inv", "invoice"),
        ("docpipe run --set limits.max_pa", "limits.max_pages="),
        ("docpipe run --pipeline inv", "invoices"),
        ("docpipe export out --to duc", "duckdb"),
        ("docpipe run --engine lay", "layout"),
    ],
)
def test_the_shell_completes(line: str, offered: str) -> None:
    environment = {"_DOCPIPE_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['docpipe']; from docpipe.cli import main; main()"],
        capture_output=True, text=True, env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    assert done.stdout.split()[:1] == [offered], done.stderr
