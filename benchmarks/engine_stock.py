"""The other side of benchmarks/engine.py: stock `generate` in static batches, under the engine's own grammar."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForImageTextToText, LogitsProcessor

from docpipe.engine.qwen2vl.choose import barriers
from docpipe.engine.qwen2vl.grammar import Guide, Vocabulary
from docpipe.engine.qwen2vl.pixels import patchify, read_pixel_format
from docpipe.engine.qwen2vl.prompt import Prompt, PromptWriter, read_system
from docpipe.engine.qwen2vl.tokens import SPECIAL_IDS, TURN_END
from docpipe.records import Request


class BatchGrammar(LogitsProcessor):
    """The engine's grammar for the rows of a static batch: forced tokens are the same, and cost a step each."""

    def __init__(self, vocabulary: Vocabulary, guides: list[Guide]) -> None:
        self._vocabulary, self._guides, self._begun = vocabulary, guides, False
        self._forced: list[list[int]] = [guide.forced() for guide in guides]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self._begun:
            for row, token in enumerate(input_ids[:, -1].tolist()):
                self._take(row, token)
        self._begun = True
        masks = self._vocabulary.masks(self._guides)
        for row, guide in enumerate(self._guides):
            if self._forced[row] or guide.done:
                token = self._forced[row][0] if self._forced[row] else SPECIAL_IDS[TURN_END]
                masks[row] = 0
                masks[row, token // 32] = -(2**31) if token % 32 == 31 else 1 << token % 32
        return scores.float() + barriers(masks, scores)

    def _take(self, row: int, token: int) -> None:
        if self._forced[row]:
            self._forced[row].pop(0)
        elif not self._guides[row].done:
            self._forced[row] = self._guides[row].accept(token)


@dataclass(frozen=True)
class Timed:
    """What one side did: seconds, and the tokens of every answer in the order of the requests."""

    seconds: float
    tokens: list[int]

    @property
    def tokens_per_s(self) -> float:
        return sum(self.tokens) / self.seconds


def time_generate(folder: Path, requests: list[Request], slots: int, device: str, dtype: torch.dtype) -> Timed:
    """Stock generate in static batches, sorted by prompt length; prompts and pixels are prepared off the clock."""
    model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype, device_map=device).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary = Vocabulary(tokenizer, model.config.text_config.vocab_size, 2)
    writer = PromptWriter(tokenizer, read_pixel_format(folder), model, system=read_system(folder))
    prompts = [writer.write(request) for request in requests]
    order = sorted(range(len(requests)), key=lambda index: len(prompts[index]))
    tokens, seconds = [0] * len(requests), 0.0
    for at in range(0, len(order), slots):
        batch = order[at : at + slots]
        inputs = padded([prompts[index] for index in batch], folder, model.device)
        begun = time.perf_counter()
        guides = [vocabulary.guide(requests[i].schema, requests[i].schema_fingerprint, force=True) for i in batch]
        made = model.generate(
            **inputs,
            max_new_tokens=max(request.max_tokens for request in requests),
            do_sample=False,
            logits_processor=[BatchGrammar(vocabulary, guides)],
        )
        answers = made[:, inputs["input_ids"].shape[1] :].cpu()
        seconds += time.perf_counter() - begun
        for index, row in zip(batch, answers, strict=True):
            tokens[index] = int((row != SPECIAL_IDS["<|endoftext|>"]).sum()) - 1  # without padding and the end
    return Timed(seconds, tokens)


def padded(prompts: list[Prompt], folder: Path, device: torch.device) -> dict[str, torch.Tensor]:
    longest = max(map(len, prompts))
    ids = torch.full((len(prompts), longest), SPECIAL_IDS["<|endoftext|>"])
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(prompt.ids)
    mask = torch.stack([torch.arange(longest) >= longest - len(prompt) for prompt in prompts]).long()
    pixels, grids = patchify([page for one in prompts for page in one.pages], read_pixel_format(folder), device)
    named = {"input_ids": ids, "attention_mask": mask, "mm_token_type_ids": (ids == SPECIAL_IDS["<|image_pad|>"]).int()}
    return {
        name: value.to(device) for name, value in {**named, "pixel_values": pixels, "image_grid_thw": grids}.items()
    }
