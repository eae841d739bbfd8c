"""Engines come by name: docpipe's own, and any that an installed package brings by an entry point."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from docpipe.engine.choose import availabilities, choose_engine, choose_second
from docpipe.engine.registry import SHIPPED, engine_factory, engine_names, settings_groups
from docpipe.errors import EngineUnavailable, InvalidSettings, UnknownEngine
from docpipe.settings_sources import load_settings, setting_names
from tests.unit.cli.calling import call

ACME = """
from dataclasses import dataclass
from docpipe.bounds import bounded
from docpipe.engine.base import Engine, EngineInfo
from docpipe.engine.factory import Availability, EngineFactory
from docpipe.records import Reply

@dataclass(frozen=True)
class Acme:
    total: int = bounded(7, 1, 1_000)

class AcmeEngine(Engine):
    def __init__(self, settings):
        self.info = EngineInfo("acme-reader", f"acme/{settings.total}", frozenset({"words"}))
        self.settings = settings

    async def answer(self, request):
        return Reply('{"total": %d}' % self.settings.total, "stop", self.info.name)

class AcmeFactory(EngineFactory):
    name = "acme-reader"
    settings = Acme
    embedded = True

    def availability(self, model):
        return Availability(self.name, True, "always")

    def build(self, model, settings):
        return AcmeEngine(settings)

FACTORY = AcmeFactory()
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Installs a package of one module that brings an engine of a name."""

    def put(name: str, code: str) -> None:
        folder = tmp_path / "site"
        (folder / "acme-1.0.dist-info").mkdir(parents=True)
        (folder / "acme-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
        (folder / "acme-1.0.dist-info/entry_points.txt").write_text(f"[docpipe.engines]\n{name} = acme:FACTORY\n")
        (folder / "acme.py").write_text(code)
        monkeypatch.syspath_prepend(folder)
        monkeypatch.delitem(sys.modules, "acme", raising=False)

    return put


def test_docpipes_own_engines_are_there() -> None:
    assert engine_names()[: len(SHIPPED)] == ("qwen2-vl", "layout", "scripted")
    assert [engine_factory(name).name for name in SHIPPED] == [*SHIPPED]


def test_an_installed_engine_is_listed_before_it_is_imported(install: Callable[[str, str], None]) -> None:
    install("acme-reader", ACME)
    assert "acme-reader" in engine_names()
    assert "acme" not in sys.modules
    assert ("acme-reader", True) in [(one.name, one.runs) for one in availabilities()]


def test_an_installed_engine_owns_its_settings(install: Callable[[str, str], None]) -> None:
    install("acme-reader", ACME)
    assert "acmereader.total" in set(setting_names())
    settings = load_settings(environment={"DOCPIPE_ACMEREADER__TOTAL": "12"})
    assert settings.as_tree()["acmereader"] == {"total": 12}
    assert choose_engine("acme-reader", "", settings.engines).options.total == 12
    assert choose_engine("acme-reader").options.total == 7
    with pytest.raises(InvalidSettings, match=r"acmereader\.total is 0; it may be from 1 to 1,000"):
        load_settings(flags={"acmereader.total": "0"})
    with pytest.raises(InvalidSettings, match=r"acmereader\.totl: no such setting .* did you mean acmereader\.total\?"):
        load_settings(flags={"acmereader.totl": "1"})


def test_an_installed_engine_reads(
    install: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install("acme-reader", ACME)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 72), "Total 12")
        document.save(tmp_path / "a.pdf")
    done = call(
        monkeypatch, "run", tmp_path / "a.pdf", "--schema", "receipt", "--engine", "acme-reader", "--workers", "0",
        "--out", tmp_path / "out", "--set", "acmereader.total=12",
    )  # fmt: skip
    assert done.code == 0, done.err
    shown = call(monkeypatch, "show", tmp_path / "out", "--json")
    assert json.loads(shown.out)["record"]["total"] == 12
    (written,) = (tmp_path / "out/runs").glob("*.json")
    run = json.loads(written.read_text())
    assert run["settings"]["acmereader"] == {"total": 12}
    assert run["fingerprints"]["engine"] == "acme/12"


@pytest.mark.parametrize(
    "code",
    [
        "raise OSError('no licence')",
        "FACTORY = 5",
        ACME.replace('"acme-reader"', '"b"'),
        ACME.replace("settings = Acme", "settings = dict"),
    ],
)
def test_an_engine_that_cannot_be_loaded_is_told_to_who_names_it(
    install: Callable[[str, str], None], code: str
) -> None:
    install("acme-reader", code)
    with pytest.raises(EngineUnavailable, match="acme-reader: acme:FACTORY"):
        choose_engine("acme-reader")
    assert [one.runs for one in availabilities() if one.name == "acme-reader"] == [False]
    assert load_settings() == load_settings()
    assert "qwen2vl" in settings_groups()


def test_no_package_replaces_an_engine_of_docpipe(install: Callable[[str, str], None]) -> None:
    install("layout", ACME.replace("acme-reader", "layout"))
    assert engine_factory("layout").__class__.__name__ == "LayoutFactory"
    assert engine_names().count("layout") == 1


def test_a_heavy_engine_is_no_second_one(install: Callable[[str, str], None]) -> None:
    install("acme-reader", ACME)
    for name in ("acme-reader", "qwen2-vl"):
        with pytest.raises(EngineUnavailable, match="too heavy"):
            choose_second(name)
    with pytest.raises(UnknownEngine, match="layout"):
        choose_second("tesseract")
