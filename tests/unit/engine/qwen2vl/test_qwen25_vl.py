"""Qwen2.5-VL runs through the same slots: its tower sees pages in windows, its text model is Qwen2-VL's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

from docpipe.engine.qwen2vl.checkpoint import randomize, text_settings
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.grammar import Vocabulary
from docpipe.settings import Qwen2VL
from tests.unit.engine.qwen2vl.conftest import answers, ask, page
from tests.unit.engine.qwen2vl.oracle import Oracle


@pytest.fixture(scope="module")
def folder(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny Qwen2.5-VL: one layer of the tower sees windows of 4 x 4 visual tokens, one the whole page."""
    made = tmp_path_factory.mktemp("qwen25") / "tiny"
    shutil.copytree(checkpoint, made, ignore=shutil.ignore_patterns("model*", "config.json"))
    vision = {
        "depth": 2,
        "hidden_size": 64,
        "intermediate_size": 128,
        "num_heads": 4,
        "out_hidden_size": 64,
        "fullatt_block_indexes": [1],
        "window_size": 112,
    }
    model = Qwen2_5_VLForConditionalGeneration(
        Qwen2_5_VLConfig(text_config=text_settings("tiny"), vision_config=vision, tie_word_embeddings=False)
    )
    randomize(model, seed=3)
    model.save_pretrained(made)
    return made


@pytest.mark.slow
def test_equal_to_generate(folder: Path) -> None:
    requests = [ask(page(2 + seed, 9 - seed, seed), limit=300) for seed in range(4)]
    oracle = Oracle(folder, torch.float64, Vocabulary(Tokenizer.from_file(str(folder / "tokenizer.json")), 151_936, 1))
    engine = Qwen2VLEngine(str(folder), Qwen2VL(device="cpu", dtype="float64", slots=4, slot_tokens=512))
    try:
        replies = answers(engine, *requests)
    finally:
        engine.close()
    expected = [engine._tokenizer.decode(oracle.tokens(one, force=True)) for one in requests]
    assert [(reply.finish, reply.text) for reply in replies] == [("stop", text) for text in expected]
