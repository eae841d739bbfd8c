"""A request -> the tokens, positions and pages that the model reads. What never changes stands first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor

from docpipe.engine.prompt import page_text
from docpipe.engine.qwen2vl.chat import SYSTEM
from docpipe.engine.qwen2vl.pixels import PixelFormat, on_grid
from docpipe.engine.qwen2vl.tokens import PAGE_END, PAGE_PAD, PAGE_START, TURN_END, TURN_START
from docpipe.errors import EngineError
from docpipe.records import Request

LAYOUT_VERSION = "2"  # of what stands around the instruction


@dataclass(frozen=True, slots=True, eq=False)
class Prompt:
    """What a request looks like to the model.

    ids        (tokens,) the whole prompt; every visual token is the page pad
    positions  (3, tokens) int64: time, height and width of the rotary embedding
    delta      what to add to a later token's index to get its position
    head       tokens before the first page: equal for every request of a schema
    pages      (3, height, width) uint8 each, at multiples of the grid
    visual     (visual tokens,) int64 where they stand, in order
    """

    ids: tuple[int, ...]
    positions: Tensor
    delta: int
    head: int
    pages: tuple[Tensor, ...]
    visual: Tensor

    def __len__(self) -> int:
        return len(self.ids)


class PromptWriter:
    """Writes prompts in a checkpoint's own chat format. Safe to use from several threads.

    With `page_text` the pages' words follow the pages, as the untrusted context that engine.prompt makes of them.
    `system`: what stands in the system's turn; without it there is no such turn.
    Text is never read for special tokens: whatever an instruction or a schema says, it cannot end its turn.
    """

    def __init__(
        self, tokenizer: Tokenizer, form: PixelFormat, model: Any, *, system: str = SYSTEM, page_text: bool = False
    ) -> None:
        self._tokenizer, self._form, self._model, self._page_text = tokenizer, form, model, page_text
        start, end = self._id(TURN_START), self._id(TURN_END)
        told = [start, *self._text(f"system\n{system}"), end, *self._text("\n")] if system else []
        self._opening = [*told, start]
        self._closing = [end, *self._text("\n"), start, *self._text("assistant\n")]
        self._pad = self._id(PAGE_PAD)

    def write(self, request: Request) -> Prompt:
        """Raises EngineError for a page without pixels, BadAspect for one that no grid fits."""
        pages = tuple(on_grid(_pixels(page.pixels, page.number), self._form) for page in request.pages)
        head = [*self._opening, *self._text(f"user\n{request.instruction}")]
        words = self._text(page_text(request.pages)) if self._page_text else []
        ids = [*head, *(token for page in pages for token in self._page(page)), *words, *self._closing]
        positions, delta = self._positions(ids, pages)
        visual = (torch.tensor(ids) == self._pad).nonzero()[:, 0]
        return Prompt(tuple(ids), positions, delta, len(head), pages, visual)

    def _page(self, page: Tensor) -> list[int]:
        return [self._id(PAGE_START), *[self._pad] * self._form.tokens(page), self._id(PAGE_END)]

    def _positions(self, ids: list[int], pages: Sequence[Tensor]) -> tuple[Tensor, int]:
        tokens = torch.tensor([ids])
        side = self._form.patch
        grids = torch.tensor([(1, page.shape[1] // side, page.shape[2] // side) for page in pages])
        positions, delta = self._model.model.get_rope_index(
            tokens, mm_token_type_ids=(tokens == self._pad).int(), image_grid_thw=grids if len(pages) else None
        )
        return positions[:, 0], int(delta)

    def _text(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _id(self, special: str) -> int:
        token: int | None = self._tokenizer.token_to_id(special)
        assert token is not None, f"the tokenizer does not know {special}"
        return token


def _pixels(pixels: Any, number: int) -> Tensor:
    """(3, height, width) uint8 of an (height, width, 3) array."""
    if pixels is None or pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != "uint8":
        raise EngineError(f"page {number} has no RGB pixels", remedy="Render pages with the need `pixels`.")
    return torch.from_numpy(pixels.copy() if not pixels.flags.writeable else pixels).permute(2, 0, 1).contiguous()
