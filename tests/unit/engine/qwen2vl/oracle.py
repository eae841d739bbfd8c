"""What the slot engine must equal: transformers' own `generate`, one request at a time, under the same grammar."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from PIL import Image
from transformers import AutoModelForImageTextToText, AutoProcessor, LogitsProcessor

from docpipe.engine.qwen2vl.choose import barriers
from docpipe.engine.qwen2vl.grammar import Guide, Vocabulary
from docpipe.records import Request


class GrammarProcessor(LogitsProcessor):
    """Holds `generate` to a grammar; forced tokens are the only ones allowed in their place.

    With `taught` tokens it makes `generate` write those, and `gaps` says how far each was from the best.
    """

    def __init__(self, vocabulary: Vocabulary, guide: Guide, end: int, taught: Sequence[int] | None = None) -> None:
        self._vocabulary, self._guide, self._end = vocabulary, guide, end
        self._forced: list[int] | None = None
        self._taught = None if taught is None else [*taught, end]
        self.gaps: list[float] = []

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self._forced is None:
            self._forced = self._guide.forced()
        elif self._forced:
            assert self._forced.pop(0) == int(input_ids[0, -1])
        else:
            self._forced = self._guide.accept(int(input_ids[0, -1]))
        if self._forced or self._guide.done:
            scores = only(scores, self._forced[0] if self._forced else self._end)
        else:
            scores = scores + barriers(self._vocabulary.masks([self._guide]), scores)
        return scores if self._taught is None else self._teach(scores, self._taught[len(self.gaps)])

    def _teach(self, scores: torch.Tensor, token: int) -> torch.Tensor:
        self.gaps.append(float(scores.max() - scores[0, token]))
        return only(scores, token)


def only(scores: torch.Tensor, token: int) -> torch.Tensor:
    kept = torch.full_like(scores, -torch.inf)
    kept[:, token] = 0.0
    return kept


class Oracle:
    """The stock model and the stock processor of a checkpoint."""

    def __init__(self, folder: Path, dtype: torch.dtype, vocabulary: Vocabulary) -> None:
        self.model: Any = AutoModelForImageTextToText.from_pretrained(folder, dtype=dtype).eval()
        self.model.set_experts_implementation("eager")  # grouped products do not take doubles
        self.processor: Any = AutoProcessor.from_pretrained(folder)
        self._vocabulary = vocabulary

    def inputs(self, request: Request) -> dict[str, torch.Tensor]:
        """What the stock processor makes of a request: chat template, tokens, resized and normalised pixels."""
        images = [Image.fromarray(page.pixels) for page in request.pages]
        content = [{"type": "text", "text": request.instruction}, *({"type": "image"} for _ in images)]
        messages = [{"role": "user", "content": content}]
        text = self.processor.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        return dict(self.processor(text=[text], images=images or None, return_tensors="pt"))

    def tokens(self, request: Request, *, force: bool) -> list[int]:
        """The tokens of `generate`, greedy, without the end token."""
        written, _ = self._generate(request, force, None)
        return written[:-1] if written[-1] == self.model.config.text_config.eos_token_id else written

    def gaps(self, request: Request, tokens: Sequence[int], *, force: bool) -> list[float]:
        """How far below the best allowed logit each of `tokens` was when `generate` is taught to write them."""
        _, processor = self._generate(request, force, tokens)
        return processor.gaps

    def _generate(
        self, request: Request, force: bool, taught: Sequence[int] | None
    ) -> tuple[list[int], GrammarProcessor]:
        end = self.model.config.text_config.eos_token_id
        guide = self._vocabulary.guide(request.schema, request.schema_fingerprint, force=force)
        processor = GrammarProcessor(self._vocabulary, guide, end, taught)
        inputs = self.inputs(request)
        written = self.model.generate(
            **inputs,
            max_new_tokens=request.max_tokens,
            do_sample=False,
            repetition_penalty=1.0,  # Qwen2.5-VL names one for chats; the rows of a table do repeat
            logits_processor=[processor],
        )
        return written[0, inputs["input_ids"].shape[1] :].tolist(), processor
