"""Runs steps on the device: pages through the vision tower, packed tokens through the language model."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence as Listing
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch import Tensor

from docpipe.engine.qwen2vl.attention import SHORT, Layout, has_varlen
from docpipe.engine.qwen2vl.cache import KvPool, StepCache
from docpipe.engine.qwen2vl.choose import choose
from docpipe.engine.qwen2vl.grammar import Guide, Vocabulary
from docpipe.engine.qwen2vl.load import Loaded
from docpipe.engine.qwen2vl.pixels import patchify
from docpipe.engine.qwen2vl.scheduler import Load, Step
from docpipe.engine.qwen2vl.sequence import Sequence
from docpipe.engine.qwen2vl.stats import Stats


class Runner:
    """Turns a step into one token for each sequence that asks. Changes nothing but KV and page features."""

    def __init__(self, loaded: Loaded, pool: KvPool, vocabulary: Vocabulary, load: Load, stats: Stats) -> None:
        self._model, self._form = loaded.model, loaded.form
        self._text = loaded.model.model.language_model
        self._embed = loaded.model.get_input_embeddings()
        self._device: torch.device = self._embed.weight.device
        self._varlen = has_varlen(self._device, loaded.dtype)
        self._pool, self._vocabulary, self._load, self._stats = pool, vocabulary, load, stats
        self._masker = ThreadPoolExecutor(1, "docpipe-masks")

    def run(self, step: Step) -> tuple[list[int], list[float]]:
        """(tokens, log-probabilities) for `step.asking`, in that order.

        May be run again with the same step if it raised: what it wrote before is written again.
        """
        if step.unseen:
            with self._stats.timing("vision"):
                self._see(step.unseen)
        asking = step.asking
        masks = self._masker.submit(self._masks, [step.sequences[at].guide for at in asking])
        reading = any(piece.count > SHORT for piece in step.pieces)
        self._stats.prefill_steps += reading
        with self._stats.timing("prefill" if reading else "decode"):
            logits = self._logits(step, asking)
            with self._stats.timing("mask_wait"):
                allowed = masks.result()
            return choose(logits, allowed) if asking else ([], [])

    def close(self) -> None:
        self._masker.shutdown()

    def _masks(self, guides: Listing[Guide]) -> Tensor:
        with self._stats.timing("mask"):
            return self._vocabulary.masks(guides)

    def _see(self, sequences: Listing[Sequence]) -> None:
        """Page features of `sequences`, many pages a call whoever asked for them."""
        seen: dict[Sequence, list[Tensor]] = {sequence: [] for sequence in sequences}
        pages = [(sequence, page) for sequence in sequences for page in sequence.prompt.pages]
        for batch in self._batches(pages):
            patches, grids = patchify([page for _, page in batch], self._form, self._device)
            levels = _levels(self._model.model.get_image_features(patches, grids.to(self._device)), self._device)
            by_page = torch.split(levels, [self._form.tokens(page) for _, page in batch], dim=1)
            for (sequence, _), part in zip(batch, by_page, strict=True):
                seen[sequence].append(part)
        for sequence, parts in seen.items():
            sequence.features = torch.cat(parts, dim=1)
        if self._device.type == "cuda":
            torch.cuda.synchronize(self._device)  # so that the seconds are the tower's own
        self._stats.pages += len(pages)

    def _batches(self, pages: list[tuple[Sequence, Tensor]]) -> Iterator[list[tuple[Sequence, Tensor]]]:
        batch: list[tuple[Sequence, Tensor]] = []
        tokens = 0
        for sequence, page in pages:
            count = self._form.tokens(page)
            if batch and tokens + count > self._load.vision_tokens:
                yield batch
                batch, tokens = [], 0
            batch.append((sequence, page))
            tokens += count
        yield batch

    def _logits(self, step: Step, asking: list[int]) -> Tensor:
        """(asking, vocabulary) for the last token of every asking sequence."""
        room = self._pool.room
        layout = Layout.of(step.pieces, room.slots, room.slot_tokens, self._device, varlen=self._varlen)
        pairs = list(zip(step.sequences, step.pieces, strict=True))
        positions = torch.cat([sequence.positions(piece.start, piece.stop) for sequence, piece in pairs], dim=1)
        embedded, deeper = self._embedded(step)
        hidden = self._text(
            inputs_embeds=embedded[None],
            position_ids=positions[:, None].to(self._device),
            attention_mask=None,  # transformers makes none either for an attention function that it does not know
            past_key_values=StepCache(self._pool, layout),
            use_cache=True,
            layout=layout,
            **deeper,
        ).last_hidden_state[0]
        ends = torch.tensor([piece.count for piece in step.pieces]).cumsum(0)[asking] - 1
        logits: Tensor = self._model.lm_head(hidden[ends.to(hidden.device)])
        return logits

    def _embedded(self, step: Step) -> tuple[Tensor, dict[str, Any]]:
        """(tokens, hidden) of the step's packed tokens, page features in the visual tokens' places.

        With it what a model with deepstack asks for, if the step holds visual tokens: `visual_pos_masks`
        (1, tokens) and `deepstack_visual_embeds`, for each of the first layers a row for every True in the mask.
        """
        pairs = list(zip(step.sequences, step.pieces, strict=True))
        ids = torch.tensor([token for sequence, piece in pairs for token in sequence.ids(piece.start, piece.stop)])
        embedded: Tensor = self._embed(ids.to(self._device))
        at, rows, features = 0, [], []
        for sequence, piece in pairs:
            if sequence.features is not None:
                visual, seen = sequence.seen(piece.start, piece.stop)
                rows.append(visual + at)
                features.append(seen)
            at += piece.count
        places = torch.cat(rows).to(self._device) if rows else ids.new_empty(0)
        if not len(places):
            return embedded, {}
        first, *further = torch.cat(features, dim=1).to(embedded)
        embedded[places] = first
        if not further:
            return embedded, {}
        mask = torch.zeros(len(ids), dtype=torch.bool, device=self._device)
        mask[places] = True
        return embedded, {"visual_pos_masks": mask[None], "deepstack_visual_embeds": further}


def _levels(found: Any, device: torch.device) -> Tensor:
    """(levels, visual tokens, hidden): what the vision tower gives the embeddings, then what it gives to layers.

    transformers has the further levels whole (5.17) or split by page (5.23), as it has the first.
    """
    levels = (found.pooler_output, *(getattr(found, "deepstack_features", None) or ()))
    return torch.stack([(level if isinstance(level, Tensor) else torch.cat(level)).to(device) for level in levels])
