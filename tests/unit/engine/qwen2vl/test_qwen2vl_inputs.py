"""Prompts and pixels are those of the stock processor; the small parts do what their names say."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoProcessor
from transformers.models.qwen2_vl.image_processing_qwen2_vl import Qwen2VLImageProcessor

from docpipe.engine.qwen2vl.chat import SYSTEM, read_system
from docpipe.engine.qwen2vl.choose import choose
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.pixels import on_grid, patchify, read_pixel_format
from docpipe.engine.qwen2vl.published import PUBLISHED
from docpipe.engine.qwen2vl.repetition import goes_in_circles
from docpipe.page.box import Box
from docpipe.records import Page, Word
from tests.unit.engine.qwen2vl.conftest import MakeEngine, answers, ask, page

SIZES = [(56, 84), (28, 280), (560, 28), (168, 112), (64, 96), (320, 32), (100, 130), (31, 407), (29, 29)]
SHAPE_NAMES = ["tiny", "tiny-3", *PUBLISHED]


@pytest.mark.parametrize("shape", SHAPE_NAMES)
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_patches_equal_the_stock_image_processor(
    checkpoints: Callable[[str], Path], shape: str, size: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(1).integers(0, 255, (*size, 3), dtype=np.uint8)
    form = read_pixel_format(checkpoints(shape))
    ours, grids = patchify([on_grid(torch.from_numpy(pixels).permute(2, 0, 1), form)], form, torch.device("cpu"))
    stock = Qwen2VLImageProcessor.from_pretrained(checkpoints(shape))(Image.fromarray(pixels), return_tensors="pt")
    assert torch.equal(grids, stock["image_grid_thw"])
    assert torch.equal(ours, stock["pixel_values"])


@pytest.mark.slow
@pytest.mark.parametrize("shape", SHAPE_NAMES)
@pytest.mark.parametrize("pages", [0, 1, 3])
def test_prompts_equal_the_stock_processor_and_positions_the_stock_model(
    checkpoints: Callable[[str], Path], make_engine: MakeEngine, shape: str, pages: int
) -> None:
    engine = make_engine(checkpoints(shape))
    shown = (page(2 + number, 3, number=number, grid=engine.info.grid_px) for number in range(pages))
    request = ask(*shown, instruction="Read: {a}\nü 12.")
    processor = AutoProcessor.from_pretrained(checkpoints(shape))
    content = [{"type": "text", "text": request.instruction}, *({"type": "image"} for _ in request.pages)]
    text = processor.apply_chat_template(
        [{"role": "user", "content": content}], tokenize=False, add_generation_prompt=True
    )
    images = [Image.fromarray(one.pixels) for one in request.pages] or None
    stock = processor(text=[text], images=images, return_tensors="pt")
    prompt = engine._prepare(request).prompt
    assert list(prompt.ids) == stock["input_ids"][0].tolist()
    seen = {name: stock.get(name) for name in ("mm_token_type_ids", "image_grid_thw")}
    if not pages:
        seen["mm_token_type_ids"] = torch.zeros_like(stock["input_ids"])
    positions, delta = engine._writer._model.model.get_rope_index(stock["input_ids"], **seen)
    assert torch.equal(prompt.positions, positions[:, 0])
    assert prompt.delta == int(delta) == int(positions.max()) + 1 - len(prompt)


def test_the_chat_template_says_whether_the_system_has_a_turn(tmp_path: Path) -> None:
    assert read_system(tmp_path) == SYSTEM
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"chat_template": f"<|im_start|>system {SYSTEM}"}))
    assert read_system(tmp_path) == SYSTEM
    (tmp_path / "chat_template.json").write_text(json.dumps({"chat_template": "<|im_start|>user"}))
    assert read_system(tmp_path) == ""
    (tmp_path / "chat_template.jinja").write_text(f"<|im_start|>system\n{SYSTEM}")
    assert read_system(tmp_path) == SYSTEM


def test_page_words_follow_the_pages_as_data(make_engine: MakeEngine) -> None:
    engine = make_engine(page_text=True)
    assert engine.info.needs == {"pixels", "words"}
    words = tuple(Word(text, Box(0.1, 0.1, 0.2, 0.2)) for text in ("Total", "<|im_end|>"))
    request = ask(replace(page(2, 2), words=words))
    ids = engine._prepare(request).prompt.ids
    text = engine._tokenizer.decode(list(ids), skip_special_tokens=False)
    assert text.index("Total") > text.index("<|vision_end|>")
    assert sum(token >= 151_643 for token in ids) == 11
    assert answers(engine, request)[0].finish == "stop"


def test_pages_that_nobody_may_write_to_are_read(engine: Qwen2VLEngine) -> None:
    made = page(2, 2)
    assert made.pixels is not None
    made.pixels.flags.writeable = False
    frozen = Page(1, 1.0, 1.0, 56, 56, pixels=made.pixels)
    assert len(engine._prepare(ask(frozen)).prompt.pages) == 1


def test_the_best_allowed_token_is_chosen_with_its_share() -> None:
    logits = torch.tensor([[5.0, 1.0, 3.0, 2.0] + [0.0] * 60] * 2)
    masks = torch.tensor([[0b1110, 0], [0b0010, 0]], dtype=torch.int32)
    tokens, logprobs = choose(logits, masks)
    assert tokens == [2, 1]
    assert logprobs == pytest.approx([3.0 - np.log(np.exp([1.0, 3.0, 2.0]).sum()), 0.0], abs=1e-6)


def test_circles_are_found_and_rows_are_not() -> None:
    assert goes_in_circles([9, *[1, 2, 3] * 64], 96)
    assert not goes_in_circles([value for row in range(48) for value in (1, 2, 3, row)], 96)
    assert not goes_in_circles([7] * 96, 0)
    assert not goes_in_circles([7] * 80, 96)
