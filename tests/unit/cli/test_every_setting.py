"""Every setting reaches a run from the command line, the environment and a pipeline file; a wrong value from none."""

from __future__ import annotations

import copy
import itertools
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pymupdf
import pytest
import typer
import yaml

from docpipe.bounds import bounds_of
from docpipe.cli.options import set_pairs, settings_of
from docpipe.engine.registry import settings_groups
from docpipe.errors import InvalidSettings
from docpipe.passwords import Passwords
from docpipe.settings import Settings
from docpipe.settings_sources import load_settings, setting_names
from tests.unit.cli.calling import call

ACCEPTED = 0


@dataclass(frozen=True)
class Leaf:
    """A setting, the type of its values, its default and the bounds of a number."""

    name: str
    kind: Any
    default: Any
    bounds: tuple[float, float] | None

    def other(self) -> Any:
        """A value that is allowed and is not the default."""
        if get_origin(self.kind) is Literal:
            return next(value for value in get_args(self.kind) if value != self.default)
        if self.kind is bool:
            return not self.default
        if self.kind is Passwords:
            return Passwords(["open", "sesame"])
        if self.kind is str:
            return f"another {self.name}"
        if self.bounds is None:
            return ("a.pdf", "b c.pdf")
        low, high = self.bounds
        step = min(high - low, 1) / 4 if self.kind is float else 1
        return self.kind(low + step if low + step != self.default else low + 2 * step)

    def text(self) -> str:
        """`other`, as it is said in the environment and after --set."""
        value = self.other()
        if isinstance(value, Passwords):
            return "open\nsesame"
        return json.dumps(value) if isinstance(value, tuple) else str(value)

    def wrong_texts(self) -> list[str]:
        """What the setting may not be, as text; a text of any kind is a text."""
        if self.bounds is not None:
            return ["many", "nan", f"{self.bounds[1] + 1:.0f}0"]
        if self.kind in (str, Passwords):
            return []
        return ['["a.pdf"'] if get_origin(self.kind) is tuple else ["sometimes"]


def leaves(kind: Any, prefix: str = "") -> Iterator[Leaf]:
    hints, bounds = get_type_hints(kind), dict(bounds_of(kind))
    for field in fields(kind):
        hint = hints[field.name]
        if is_dataclass(hint):
            yield from leaves(hint, f"{field.name}.")
        elif field.name != "engines":
            (hint,) = (
                [one for one in get_args(hint) if one is not type(None)] if type(None) in get_args(hint) else [hint]
            )
            yield Leaf(f"{prefix}{field.name}", hint, field.default, bounds.get(field.name))


LEAVES = [
    *leaves(Settings),
    *itertools.chain(*(leaves(kind, f"{group}.") for group, kind in settings_groups().items())),
]
BASE: dict[str, Any] = {"schema": "invoice", "inputs": ["x"]}  # what a run cannot do without
each_way = pytest.mark.parametrize("way", ["command line", "environment", "pipeline file"])


def in_tree(tree: dict[str, Any], name: str) -> Any:
    group, _, last = name.rpartition(".")
    return (tree[group] if group else tree)[last]


def put(tree: dict[str, Any], name: str, value: Any) -> None:
    group, _, last = name.rpartition(".")
    (tree.setdefault(group, {}) if group else tree)[last] = value


def variable(name: str) -> str:
    return f"DOCPIPE_{name.replace('.', '__').upper()}"


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of every run that is asked for; none begins."""
    asked: list[Settings] = []

    def run(settings: Settings, *_: Any, **__: Any) -> None:
        asked.append(settings)
        raise typer.Exit(ACCEPTED)

    monkeypatch.setattr("docpipe.run.job.run", run)
    return asked


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    (tmp_path / "words.txt").write_text("sesame\n")  # one of those that are said besides
    return str(tmp_path / "words.txt")


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, dict[str, Any]], tuple[str, list[str]]]:
    """Says settings in one way: the pipeline file and the pairs of --set to call with; the environment is set."""

    def said(way: str, values: dict[str, Any]) -> tuple[str, list[str]]:
        tree, pairs = copy.deepcopy(BASE), []
        for name, value in values.items():
            if way == "pipeline file":
                put(tree, name, value)
            elif way == "environment":
                monkeypatch.setenv(variable(name), value)
            else:
                pairs.append(f"{name}={value}")
        (tmp_path / "nightly.yaml").write_text(yaml.safe_dump(tree))
        return str(tmp_path / "nightly.yaml"), pairs

    return said


Say = Callable[[str, dict[str, Any]], tuple[str, list[str]]]


def test_every_setting_is_a_leaf_here() -> None:
    assert sorted(leaf.name for leaf in LEAVES) == sorted(setting_names())


@each_way
def test_what_is_said_reaches_the_run(
    way: str, say: Say, runs: list[Settings], password_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = {leaf.name: leaf.other() for leaf in LEAVES} | {"password_file": password_file}
    said = expected if way == "pipeline file" else {leaf.name: leaf.text() for leaf in LEAVES}
    if way == "pipeline file":
        said = {name: [*value] if isinstance(value, tuple) else value for name, value in expected.items()}
        said["passwords"] = ["open", "sesame"]
    file, pairs = say(way, said | {"password_file": password_file})
    done = call(monkeypatch, "run", "--pipeline", file, *(word for pair in pairs for word in ("--set", pair)))
    assert done.code == ACCEPTED, done.err
    (settings,) = runs
    assert {leaf.name: in_tree(settings.as_tree(), leaf.name) for leaf in LEAVES} == expected


@each_way
@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.name)
def test_a_wrong_value_is_refused_by_name_and_place(leaf: Leaf, way: str, say: Say) -> None:
    wrongs: list[Any] = [*leaf.wrong_texts()]
    if way == "pipeline file":
        wrongs += [{"a": 1}, 1 if leaf.kind in (str, Passwords) or get_origin(leaf.kind) is tuple else [1]]
    place = {"command line": "command line", "environment": variable(leaf.name), "pipeline file": "nightly.yaml"}[way]
    for wrong in wrongs:
        with pytest.raises(InvalidSettings) as refused:
            settings_of(*say(way, {leaf.name: wrong}), {})
        assert refused.value.message.startswith(leaf.name)
        assert place in refused.value.message


@pytest.mark.parametrize("name", ["inputs", "manifests"])
@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("a.pdf", ("a.pdf",)),
        ("a, b.pdf\nc\n", ("a, b.pdf", "c")),
        ('["a", "b\\nc"]', ("a", "b\nc")),
        ("[ab]*.pdf", ("[ab]*.pdf",)),
        ("[]", ()),
    ],
)
def test_a_list_is_lines_or_json(name: str, text: str, items: tuple[str, ...], say: Say) -> None:
    for way in ("environment", "command line"):
        file, pairs = say(way, {name: text})
        assert getattr(load_settings(file, os.environ, set_pairs(pairs)), name) == items


def test_credentials_in_an_address_are_not_quoted(say: Say) -> None:
    with pytest.raises(InvalidSettings) as refused:
        settings_of(*say("environment", {"inputs": '["s3://KEY:SECRET@bucket'}), {})
    assert "SECRET" not in refused.value.message


NAMED_OUTRIGHT = {"schema", "engine", "inputs", "out"}  # `eval run` has them as arguments


def test_what_is_said_reaches_every_run_of_an_evaluation(
    monkeypatch: pytest.MonkeyPatch, runs: list[Settings], tmp_path: Path, password_file: str
) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"file": "a.pdf", "schema": "invoice", "label": {"total": 1}}\n')
    texts = {leaf.name: leaf.text() for leaf in LEAVES if leaf.name not in NAMED_OUTRIGHT}
    texts["password_file"] = password_file
    pairs = [word for name, text in texts.items() for word in ("--set", f"{name}={text}")]
    said = ("eval", "run", "x", "--truth", labels, "--schema", "invoice", "--engine", "scripted")
    done = call(monkeypatch, *said, *pairs)
    assert done.code == ACCEPTED, done.err
    expected = {leaf.name: leaf.other() for leaf in LEAVES if leaf.name in texts} | {"password_file": password_file}
    assert {name: in_tree(runs[0].as_tree(), name) for name in texts} == expected


def test_an_evaluation_keeps_its_outputs_where_set_says(
    monkeypatch: pytest.MonkeyPatch, runs: list[Settings], tmp_path: Path
) -> None:
    labels = tmp_path / "labels.jsonl"
    labels.write_text('{"file": "a.pdf", "schema": "invoice", "label": {"total": 1}}\n')
    said = ("eval", "run", "x", "--truth", labels, "--schema", "invoice", "--engine", "layout", "--set", "out=kept")
    call(monkeypatch, *said)
    call(monkeypatch, *said, "--out", "flag")
    assert [settings.out for settings in runs] == ["kept/1-layout", "flag/1-layout"]


@pytest.mark.parametrize("threads", ["1", "3"])
def test_extract_has_threads_of_its_own_only_where_nobody_says(
    threads: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[Settings] = []

    def workbench(_: Any, __: Any, settings: Settings) -> None:
        seen.append(settings)
        raise typer.Exit(ACCEPTED)

    monkeypatch.setattr("docpipe.extract.workbench.workbench", workbench)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n")
    said = ("extract", tmp_path / "a.pdf", "--schema", "invoice", "--engine", "layout")
    call(monkeypatch, *said)
    call(monkeypatch, *said, "--set", f"render.ocr_threads={threads}")
    assert [settings.render.ocr_threads for settings in seen] == [2, int(threads)]


def test_every_setting_reaches_the_run_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One run in which no setting has its default, a third of them said in each way."""
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Total 12.00")
        document.save(tmp_path / "a.pdf")
    (tmp_path / "list.txt").write_text("a.pdf\n")
    (tmp_path / "words.txt").write_text("open\n")
    (tmp_path / "script.json").write_text('{"answers": [{"total": 12}]}')
    workable = {
        "schema": "invoice",
        "engine": "scripted",
        "model": str(tmp_path / "script.json"),
        "second_engine": "layout",
        "out": str(tmp_path / "out"),
        "inputs": [str(tmp_path / "a.pdf")],
        "manifests": [str(tmp_path / "list.txt")],
        "passwords": ["sesame"],
        "password_file": str(tmp_path / "words.txt"),
        "running.workers": 0,
    }
    ways = itertools.cycle(["command line", "environment", "pipeline file"])
    tree: dict[str, Any] = {}
    pairs: list[str] = []
    expected: dict[str, Any] = {}
    for leaf, way in zip(LEAVES, ways, strict=False):
        value = workable.get(leaf.name, leaf.other())
        if leaf.name not in workable and leaf.kind in (int, float) and leaf.default is not None:
            value = leaf.default + 1 if leaf.kind is int else leaf.default * 1.5  # near the default: the run has to do
        expected[leaf.name] = "<2 passwords>" if leaf.kind is Passwords else value
        text = "\n".join(value) if isinstance(value, list) else str(value)
        if way == "command line":
            pairs += ["--set", f"{leaf.name}={text}"]
        elif way == "environment":
            monkeypatch.setenv(variable(leaf.name), text)
        else:
            put(tree, leaf.name, value)
    (tmp_path / "nightly.yaml").write_text(yaml.safe_dump(tree))
    done = call(monkeypatch, "run", "--pipeline", tmp_path / "nightly.yaml", *pairs)
    assert done.code in (0, 3), done.err
    (written,) = (tmp_path / "out" / "runs").glob("*.json")
    settings = json.loads(written.read_text())["settings"]
    assert {leaf.name: in_tree(settings, leaf.name) for leaf in LEAVES} == expected
