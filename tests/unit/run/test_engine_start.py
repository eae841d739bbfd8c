"""How long a run waits for its engines follows the size of what they read."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from docpipe.engine.base import EngineInfo
from docpipe.engine.choose import EngineSpec, reading_s
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.run.cluster import driver

INFO = EngineInfo("qwen2-vl", "x", frozenset({"pixels"}))


class Actor:
    """Stands for an actor that holds an engine."""

    describe = SimpleNamespace(remote=lambda schema: INFO)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """145 GB in two files that take no room."""
    for at, size in enumerate((100 * 10**9, 45 * 10**9)):
        with (tmp_path / f"model-{at}.safetensors").open("wb") as file:
            file.truncate(size)
    (tmp_path / "tokenizer.json").write_text("{}")
    return tmp_path


def test_a_large_model_may_take_its_time(weights: Path) -> None:
    assert reading_s(EngineSpec("qwen2-vl", str(weights), options=Qwen2VL())) == pytest.approx(2_900)


def test_what_is_not_here_or_reads_nothing_takes_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    assert reading_s(EngineSpec("qwen2-vl", "nobody/nothing", options=Qwen2VL())) == 0
    assert reading_s(EngineSpec("qwen2-vl", "no name of a model", options=Qwen2VL())) == 0
    assert reading_s(EngineSpec("layout")) == 0


@pytest.mark.parametrize("engines", [1, 3])
def test_the_driver_waits_for_as_long(weights: Path, monkeypatch: pytest.MonkeyPatch, engines: int) -> None:
    waited: list[float] = []

    def get(described: Any, *, timeout: float) -> Any:
        waited.append(timeout)
        return described

    monkeypatch.setattr(driver.ray, "get", get)
    spec = EngineSpec("qwen2-vl", str(weights), options=Qwen2VL())
    pool: Any = SimpleNamespace(_engines=[Actor() for _ in range(engines)], _spec=spec, _schema=None)
    remote = driver.RayPool._describe_engines(pool)
    assert remote is not None
    assert waited == [pytest.approx(driver.START_TIMEOUT_S + engines * 2_900)]
