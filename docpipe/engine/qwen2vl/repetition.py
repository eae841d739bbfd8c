"""The guard against an answer that goes in circles."""

from __future__ import annotations

from collections.abc import Sequence

_TIMES = 6  # a cycle must come round this often before it counts as a circle


def goes_in_circles(tokens: Sequence[int], span: int) -> bool:
    """Whether the last `span` tokens are one cycle, at least six times round. `span` 0 never is.

    Rows of a table differ somewhere; a model that is lost writes the same tokens for ever.
    """
    if span <= 0 or len(tokens) < span:
        return False
    tail = tokens[-span:]
    periods = (period for period in range(1, span // _TIMES + 1) if tail[-1 - period] == tail[-1])
    return any(tail[period:] == tail[:-period] for period in periods)
