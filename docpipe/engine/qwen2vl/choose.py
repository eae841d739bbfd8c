"""Logits and a grammar's masks -> the token that comes next, greedily, and how sure the model was."""

from __future__ import annotations

import torch
from torch import Tensor


def choose(logits: Tensor, masks: Tensor) -> tuple[list[int], list[float]]:
    """The best allowed token of each row and its natural log-probability among the allowed ones.

    logits (rows, vocabulary) floating, masks (rows, words) int32 of one bit a token, lowest bit first.
    """
    scores = (logits if logits.dtype == torch.float64 else logits.float()).masked_fill(
        ~allowed(masks, logits), -torch.inf
    )
    best, tokens = scores.max(dim=-1)
    chosen = torch.stack([tokens.to(torch.float64), (best - scores.logsumexp(dim=-1)).to(torch.float64)])
    ids, logprobs = chosen.tolist()  # the one place where the host waits for the device
    return [int(token) for token in ids], logprobs


def allowed(masks: Tensor, logits: Tensor) -> Tensor:
    """(rows, vocabulary) bool of masks: each byte is looked up as its eight bits."""
    table = _bits(logits.device)
    spread = table[masks.to(logits.device, non_blocking=True).view(torch.uint8).int()].flatten(1)
    return spread[:, : logits.shape[1]]


_TABLES: dict[torch.device, Tensor] = {}


def _bits(device: torch.device) -> Tensor:
    """(256, 8) bool: the bits of every byte, lowest first."""
    if device not in _TABLES:
        values = torch.arange(256, device=device)
        _TABLES[device] = (values[:, None] >> torch.arange(8, device=device)) & 1 == 1
    return _TABLES[device]
