"""The engine that was named reads, or the run stops before any work; `auto` says why it chose."""

from __future__ import annotations

import pytest

from docpipe.engine.choose import (
    EngineSpec,
    availabilities,
    build_engine,
    choose_engine,
    engine_fingerprint,
    left_to_validation,
)
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.errors import EngineUnavailable, UnknownEngine


def test_auto_says_what_it_took_and_why() -> None:
    spec = choose_engine("auto")
    assert (spec.name, spec.embedded) == ("layout", True)
    assert "qwen2-vl" in spec.why


def test_a_named_engine_is_not_replaced_by_another() -> None:
    with pytest.raises(EngineUnavailable, match="no checkpoint 'no/such-model'"):
        choose_engine("qwen2-vl", "no/such-model", {"qwen2vl": Qwen2VL(download=False)})


def test_an_unknown_engine_is_told_the_known_ones() -> None:
    with pytest.raises(UnknownEngine, match="auto, qwen2-vl, layout"):
        choose_engine("tesseract")


def test_a_script_is_checked_before_any_work() -> None:
    with pytest.raises(EngineUnavailable):
        choose_engine("scripted", "no-such.json")


def test_the_fingerprint_is_that_of_the_built_engine() -> None:
    spec = choose_engine("layout")
    assert engine_fingerprint(spec) == build_engine(spec).info.fingerprint


def test_what_the_grammar_cannot_hold_is_told() -> None:
    document = {
        "type": "object",
        "properties": {"codes": {"type": "array", "uniqueItems": True, "items": {"type": "string"}}},
    }
    (sentence,) = left_to_validation(EngineSpec("qwen2-vl"), document)
    assert "codes" in sentence
    assert "uniqueItems" in sentence
    assert left_to_validation(EngineSpec("layout"), document) == ()


def test_every_engine_says_whether_it_runs_and_why() -> None:
    assert all(one.why for one in availabilities())
