"""What is documented works, and what exists is documented."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import typer
import typer.main

from docpipe import errors
from docpipe.cli import command_line
from docpipe.settings_sources import setting_names

ROOT = Path(__file__).parents[1]
OPERATIONS = (ROOT / "docs/operations.md").read_text()
README = (ROOT / "README.md").read_text()
BIN = Path(sys.executable).parent


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def options(command: Any, name: str = "docpipe") -> Iterator[tuple[str, str]]:
    for parameter in command.params:
        yield from ((name, option) for option in parameter.opts if option.startswith("-"))
    for below, inner in getattr(command, "commands", {}).items():
        yield from options(inner, f"{name} {below}")


def codes(kind: type[errors.DocpipeError]) -> Iterator[str]:
    yield kind.code
    for below in kind.__subclasses__():
        yield from codes(below)


def commands(command: Any, name: str = "") -> Iterator[str]:
    """The names of all that can be called, those of groups before theirs."""
    for below, inner in getattr(command, "commands", {}).items():
        found = list(commands(inner, f"{name}{below} "))
        yield from found or [f"{name}{below}"]


COMMANDS = typer.main.get_command(command_line())
WITHOUT_EXAMPLE = {"schemas list", "schemas show", "schemas check"}


@pytest.mark.parametrize(("command", "option"), list(options(COMMANDS)), ids=" ".join)
def test_every_option_is_documented(command: str, option: str) -> None:
    assert f"`{option}`" in OPERATIONS, f"{command} {option} is not in docs/operations.md"


@pytest.mark.parametrize("command", list(commands(COMMANDS)))
def test_every_command_is_documented_and_helps(command: str) -> None:
    assert f"`{command.replace('eval score', 'eval')}" in OPERATIONS
    found: Any = COMMANDS
    for name in command.split():
        found = found.commands[name]
    assert found.help
    assert all(parameter.help for parameter in found.params)
    if command not in WITHOUT_EXAMPLE:
        assert "Example" in (found.epilog or "")


@pytest.mark.parametrize("name", list(setting_names()))
def test_every_setting_is_documented(name: str) -> None:
    assert f"| `{name}` |" in OPERATIONS


@pytest.mark.parametrize("code", sorted(set(codes(errors.DocpipeError)) - {"ERROR", "DOCUMENT_ERROR"}))
def test_every_code_is_documented(code: str) -> None:
    assert f"| `{code}` |" in OPERATIONS


@pytest.mark.parametrize("code", re.findall(r"^\| `([A-Z_]+)` \|", OPERATIONS, re.MULTILINE))
def test_every_documented_code_exists(code: str) -> None:
    assert code in set(codes(errors.DocpipeError))


def test_every_make_target_is_listed_by_help() -> None:
    makefile = (ROOT / "Makefile").read_text()
    shown = subprocess.run(["make", "help"], capture_output=True, text=True, check=True, cwd=ROOT).stdout
    (phony,) = re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    for target in set(phony.split()) - {"help"}:
        assert f"make {target} " in shown


def test_nobody_is_told_to_install_another_projects_package() -> None:
    """On the package index the name docpipe is another project's."""
    said = re.compile(
        r"pip3? install (?:-\S+ |--\S+ )*['\"]?docpipe\b|uv(?:x| pip install| tool install) ['\"]?docpipe\b"
    )
    texts = [path for kind in ("py", "md", "toml", "yaml", "yml") for path in ROOT.rglob(f"*.{kind}")]
    ours = [path for path in texts if not any(part[0] in "._" for part in path.relative_to(ROOT).parts)]
    assert len(ours) > 100
    for path in [*ours, ROOT / "Makefile"]:
        found = said.search(path.read_text(encoding="utf-8", errors="replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0]}"  # type: ignore[index]


def test_every_extra_is_in_the_readme() -> None:
    import tomllib

    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    for extra in extras.keys() - {"dev", "bench", "demo"}:
        assert f"| `{extra}` |" in README


def test_links_of_the_documents_lead_somewhere() -> None:
    for path in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), *ROOT.glob("[A-Z]*.md")]:
        for link in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
            if "://" not in link:
                assert (path.parent / link).exists(), f"{path.name} links to {link}"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """`make demo` as the README has it, in a copy, with this environment in place of a new one."""
    copy = tmp_path_factory.mktemp("clone")
    for name in ("samples", "Makefile", "pyproject.toml", "constraints.txt"):
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, copy / name)
    for stamp in ("dev", "demo"):
        (copy / f"stamp-{stamp}").touch()
    done = subprocess.run(
        ["make", "demo", f"BIN={BIN}", "STAMP=stamp"],
        cwd=copy, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "120"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return copy / "demo-out", done.stdout


@pytest.mark.slow
def test_make_demo_reads_every_sample_and_shows_the_tables(demo: tuple[Path, str]) -> None:
    out, shown = demo
    labels = (ROOT / "samples/invoices/labels.jsonl").read_text().splitlines()
    assert f"{len(labels)} inputs" in shown
    assert "0 failed" in shown
    assert "month" in shown
    (rows,) = duckdb.sql(f"SELECT count(*) FROM read_parquet('{out}/sources/*.parquet')").fetchall()
    assert rows == (len(labels),)


@pytest.mark.slow
@pytest.mark.parametrize(
    "query", [sql for text in (README, (ROOT / "docs/bi.md").read_text()) for sql in blocks(text, "sql")]
)
def test_the_documented_queries_run(demo: tuple[Path, str], query: str) -> None:
    for statement in filter(str.strip, re.sub(r"--.*", "", query).split(";")):
        found = duckdb.sql(statement.replace("docpipe-out", str(demo[0])))
        found.fetchall()
        for name, kind in zip(found.columns, found.types, strict=True):
            assert name not in ("total", "amount") or str(kind).startswith("DECIMAL")


@pytest.mark.slow
def test_the_readmes_commands_run(invoices: Path, tmp_path: Path) -> None:
    shutil.copytree(invoices, tmp_path / "invoices")
    shutil.copytree(invoices, tmp_path / "bills")
    for kind in ("tables", "charts"):
        shutil.copytree(ROOT / "samples" / kind, tmp_path / "samples" / kind)
    shutil.copy(invoices / "0.pdf", tmp_path / "one.pdf")
    (tmp_path / "meter.json").write_text(json.dumps(json.loads(blocks(README, "json")[0])))
    ran = 0
    for line in "".join(blocks(README, "sh")).splitlines():
        if line.startswith("docpipe "):
            command = [sys.executable, "-m", *line.split()]
            done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
            assert done.returncode == 0, f"{line}\n{done.stderr}"
            ran += 1
    assert ran >= 6
