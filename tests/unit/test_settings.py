"""Flags win over the environment, the environment over the pipeline file, the file over defaults."""

from __future__ import annotations

from operator import attrgetter
from pathlib import Path

import pytest

from docpipe.cli.options import settings_of
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.errors import InvalidSettings
from docpipe.schema.load import shipped_folder
from docpipe.settings import Settings
from docpipe.settings_sources import load_settings


@pytest.fixture
def pipeline(tmp_path: Path) -> str:
    path = tmp_path / "nightly.yaml"
    path.write_text("schema: invoice\nengine: layout\nlimits:\n  page_timeout_s: 7\n  max_pages: 10\n")
    return str(path)


def test_defaults_stand_where_nothing_is_said() -> None:
    assert load_settings() == Settings(engines={"qwen2vl": Qwen2VL()})


def test_each_source_wins_over_the_one_below(pipeline: str) -> None:
    environment = {"DOCPIPE_LIMITS__MAX_PAGES": "20", "DOCPIPE_ENGINE": "scripted", "HOME": "/"}
    found = load_settings(pipeline, environment, {"engine": "auto", "limits.page_timeout_s": None})
    assert (found.schema, found.engine) == ("invoice", "auto")
    assert (found.limits.page_timeout_s, found.limits.max_pages) == (7.0, 20)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DOCPIPE_LIMITS__PAGE_TIMOUT_S": "5"}, "limits.page_timout_s"),
        ({"DOCPIPE_LIMITS__MAX_PAGES": "many"}, "limits.max_pages"),
        ({"DOCPIPE_RENDERING": "x"}, "rendering"),
    ],
)
def test_a_wrong_setting_is_named(environment: dict[str, str], named: str) -> None:
    with pytest.raises(InvalidSettings, match=named):
        load_settings(environment=environment)


@pytest.mark.parametrize("text", ["- a list", "schema: [", "limits: 5"])
def test_a_pipeline_that_is_no_mapping_of_settings_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.yaml"
    path.write_text(text)
    with pytest.raises(InvalidSettings):
        load_settings(str(path))


def test_a_missing_pipeline_is_refused() -> None:
    with pytest.raises(InvalidSettings, match="no-such"):
        load_settings("no-such")


@pytest.mark.parametrize("path", sorted(shipped_folder("pipelines").glob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_pipelines_load_by_name(path: Path) -> None:
    assert load_settings(path.stem).schema


@pytest.mark.parametrize(("name", "value"), [("out", "elsewhere"), ("engine", "layout"), ("limits.max_pages", "7")])
def test_set_is_heard_where_the_flag_is_not_given(name: str, value: str) -> None:
    flags = {"inputs": ["x"], "out": None, "engine": None, "schema": None}
    found = settings_of("", [f"{name}={value}", "schema=invoice"], flags)
    assert str(attrgetter(name)(found)) == value
    assert found.schema == "invoice"
