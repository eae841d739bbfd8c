"""The scripted engine says what it was told, fails on cue, and counts the time that it works."""

from __future__ import annotations

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from docpipe.engine.scripted import ScriptedEngine, read_script
from docpipe.errors import EngineUnavailable
from docpipe.records import Request

ASK = Request("key", "doc", (), {}, "any", "0", "", 10)


async def test_answers_come_in_turn_and_from_the_start_again() -> None:
    engine = ScriptedEngine([{"a": 1}, "not json"])
    texts = [(await engine.answer(ASK)).text for _ in range(3)]
    assert texts == ['{"a": 1}', "not json", '{"a": 1}']


@pytest.mark.parametrize(
    ("fault", "finish"), [("error", "error"), ("length", "length"), ("repetition", "repetition"), ("garbage", "stop")]
)
async def test_a_fault_is_a_reply(fault: str, finish: str) -> None:
    reply = await ScriptedEngine([{"fault": fault}]).answer(ASK)
    assert reply.finish == finish


async def test_a_hang_ends_by_cancelling_and_frees_the_slot() -> None:
    engine = ScriptedEngine([{"fault": "hang"}, {"a": 1}])
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(engine.answer(ASK), 0.05)
    assert (await engine.answer(ASK)).text == '{"a": 1}'


async def test_busy_time_is_the_time_with_a_slot_at_work() -> None:
    engine = ScriptedEngine([{}], delay_s=0.05, slots=2)
    began = time.monotonic()
    await asyncio.gather(*(engine.answer(ASK) for _ in range(4)))
    took_s = time.monotonic() - began
    await asyncio.sleep(0.2)
    assert 0.1 <= engine.busy_s <= took_s
    await engine.answer(ASK)
    assert engine.started_s is not None
    assert engine.busy_s < engine.ended_s - engine.started_s


def test_fingerprints_tell_scripts_apart() -> None:
    assert ScriptedEngine([{"a": 1}]).info.fingerprint == ScriptedEngine([{"a": 1}]).info.fingerprint
    assert ScriptedEngine([{"a": 1}]).info.fingerprint != ScriptedEngine([{"a": 2}]).info.fingerprint


def test_a_script_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "script.json"
    path.write_text(json.dumps({"answers": [{"a": 1}], "needs": ["words"]}))
    assert read_script(str(path)).info.needs == {"words"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"answers": [], "delay_s": "long"}', '{"answers": 5}'])
def test_a_bad_script_says_what_one_looks_like(tmp_path: Path, text: str) -> None:
    path: Any = tmp_path / "script.json"
    path.write_text(text)
    with pytest.raises(EngineUnavailable, match="--model"):
        read_script(str(path))
    with pytest.raises(EngineUnavailable):
        read_script(str(tmp_path / "none.json"))
