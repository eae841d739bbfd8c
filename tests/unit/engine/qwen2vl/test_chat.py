"""What a chat template says is read out of it; what it would compute is nobody's business."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoProcessor

from docpipe.engine.qwen2vl.chat import SYSTEM, chat_template, check_chat, read_system
from docpipe.engine.qwen2vl.checkpoint import SHAPES
from docpipe.engine.qwen2vl.checkpoint import chat_template as made_template
from docpipe.engine.qwen2vl.published import PUBLISHED
from docpipe.errors import EngineUnavailable

PAGE = "<|vision_start|><|image_pad|><|vision_end|>"
USER = "<|im_start|>user\n{{ m.content }}<|im_end|>\n" + PAGE
SEVERAL = [{"name": "tools", "template": "x"}, {"name": "default", "template": USER}]
OTHER = "You are Quill, made by a mill. You are a helpful assistant."


def in_statement(text: str) -> str:
    """A system's turn inside a string of a statement, where a line break is two characters."""
    return "{{- '<|im_start|>system\\n" + text + "<|im_end|>\\n' }}"


@pytest.mark.parametrize(
    ("template", "system"),
    [
        (f"<|im_start|>system\n{SYSTEM}<|im_end|>\n{USER}", SYSTEM),
        (f"<|im_start|>system\n{OTHER}<|im_end|>\n{USER}", OTHER),
        (in_statement(OTHER) + USER, OTHER),
        (in_statement('It\\\'s read.\\nTwice, \\"slowly\\".') + USER, 'It\'s read.\nTwice, "slowly".'),
        ("{{- '<|im_start|>system\\n' + m.content + '<|im_end|>\\n' }}" + USER, ""),
        ("{{- '<|im_start|>system\\n' ~ m.content ~ '<|im_end|>\\n' }}" + in_statement(OTHER) + USER, OTHER),
        ("<|im_start|>system\n{{ m.content }}<|im_end|>\n" + USER, ""),
        ("<|im_start|>system\n{% if m.tools %}Tools:{% endif %}<|im_end|>\n" + in_statement(OTHER) + USER, OTHER),
        ("{{- '<|im_start|>system\\n' }}{{ m.content }}{{ '<|im_end|>' }}" + in_statement(OTHER) + USER, OTHER),
        (f"{{# {SYSTEM} #}}{USER}", ""),  # said, but in no turn
        (USER, ""),
    ],
)
def test_the_system_says_what_stands_in_its_turn(tmp_path: Path, template: str, system: str) -> None:
    (tmp_path / "chat_template.jinja").write_text(template)
    assert read_system(tmp_path) == system
    check_chat(tmp_path, "it")


@pytest.mark.parametrize("name", ["tiny", "tiny-3", *PUBLISHED])
def test_it_is_what_the_template_writes_when_it_is_run(checkpoints: Any, name: str) -> None:
    folder = checkpoints(name)
    shape = PUBLISHED[name].shape if name in PUBLISHED else SHAPES[name]
    assert chat_template(folder) == made_template(shape)
    said = AutoProcessor.from_pretrained(folder).apply_chat_template([{"role": "user", "content": "x"}])
    system = read_system(folder)
    assert said == (f"<|im_start|>system\n{system}<|im_end|>\n" if system else "") + "<|im_start|>user\nx<|im_end|>\n"


@pytest.mark.parametrize(
    ("file", "stored"),
    [
        ("chat_template.json", {"chat_template": USER}),
        ("tokenizer_config.json", {"chat_template": USER}),
        ("tokenizer_config.json", {"chat_template": SEVERAL}),
        ("chat_template.json", {"chat_template": {"default": USER, "tools": "x"}}),
    ],
)  # fmt: skip
def test_a_template_may_stand_in_several_places(tmp_path: Path, file: str, stored: Any) -> None:
    (tmp_path / file).write_text(json.dumps(stored))
    assert chat_template(tmp_path) == USER
    (tmp_path / "chat_template.jinja").write_text("other")
    assert chat_template(tmp_path) == "other"


@pytest.mark.parametrize(
    "stored", [{}, {"chat_template": None}, {"chat_template": 5}, {"chat_template": [5, {"name": 1}]}]
)
def test_what_is_no_template_is_none(tmp_path: Path, stored: Any) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(stored))
    assert chat_template(tmp_path) is None
    assert read_system(tmp_path) == SYSTEM


@pytest.mark.parametrize(
    ("template", "lacks"),
    [
        ("[INST] {{ m.content }} [/INST]", "<|im_start|>"),
        (USER.replace(PAGE, "<image>"), "<|vision_start|>, <|image_pad|>"),
        (USER.replace("<|im_end|>", "<|end|>"), "<|im_end|>"),
    ],
)
def test_a_model_that_was_taught_another_form_of_prompt_is_refused(tmp_path: Path, template: str, lacks: str) -> None:
    (tmp_path / "chat_template.jinja").write_text(template)
    with pytest.raises(EngineUnavailable, match="chat template writes no") as caught:
        check_chat(tmp_path, "it")
    assert lacks in caught.value.message


@pytest.mark.parametrize("text", ["<|im_start|>system" + " " * 200_000, "<|im_start|>system\n" * 50_000, "{" * 200_000])
def test_a_template_of_any_size_is_read_at_once(tmp_path: Path, text: str) -> None:
    (tmp_path / "chat_template.jinja").write_text(text)
    assert len(read_system(tmp_path)) <= len(text)
