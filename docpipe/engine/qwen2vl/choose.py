"""Logits and a grammar's masks -> the token that comes next, greedily, and how sure the model was."""

from __future__ import annotations

from functools import lru_cache

import torch
from torch import Tensor


def choose(logits: Tensor, masks: Tensor) -> tuple[list[int], list[float]]:
    """The best allowed token of each row and its natural log-probability among the allowed ones.

    logits (rows, vocabulary) floating, masks (rows, words) int32 of one bit a token, lowest bit first.
    """
    scores = (logits if logits.dtype == torch.float64 else logits.float()) + barriers(masks, logits)
    tokens = scores.max(dim=-1).indices[:, None]
    logprobs = scores.softmax(dim=-1).gather(1, tokens).log()  # one fused pass; logsumexp takes eight times as long
    chosen = torch.cat([tokens.to(torch.float64), logprobs.to(torch.float64)], dim=1).T
    ids, sure = chosen.tolist()  # the one place where the host waits for the device
    return [int(token) for token in ids], sure


def barriers(masks: Tensor, logits: Tensor) -> Tensor:
    """(rows, vocabulary) float32, 0 for an allowed token and -inf for another: a byte is looked up as eight bits."""
    index = masks.to(logits.device, non_blocking=True).view(torch.uint8).int()
    return torch.nn.functional.embedding(index, _table(logits.device)).flatten(1)[:, : logits.shape[1]]


@lru_cache(maxsize=8)  # devices
def _table(device: torch.device) -> Tensor:
    """(256, 8) float32: the bits of every byte, lowest first, as what to add to a logit."""
    values = torch.arange(256, device=device)[:, None]
    bits = (values >> torch.arange(8, device=device)) & 1
    return torch.where(bits == 1, 0.0, -torch.inf)
