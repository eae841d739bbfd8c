"""Which way up the lines of a page are, as the recogniser reads them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from docpipe.render.child.ocr.models import Networks, Pixels, Quad
from docpipe.render.child.ocr.quads import cut, is_long, is_lying, longest_side, turned

PROBES = 5  # lines tried at first ...
MORE_PROBES = 15  # ... and where they do not tell
CERTAIN = 0.9  # a probe that reads this well is the right way up; upside down, lines reach 0.8 [measured]
READABLE = 0.6  # worse than this either way: no text, or no script that the network knows
MARGIN = 0.05  # by which one way must read better than the other


def quarters_to_upright(image: Pixels, quads: Sequence[Quad], networks: Networks) -> int:
    """Quarter turns clockwise that set a page upright, from 0 to 3; 0 where its lines do not tell.

    How the lines lie leaves two ways; a few of them are read both ways, and what reads better is
    up. Scripts that the network was not taught are read badly, but still worse upside down.
    """
    by_length = sorted(quads, key=longest_side, reverse=True)
    lying = sum(is_lying(quad) for quad in by_length[:20])
    candidates = (0, 2) if 2 * lying >= len(by_length[:20]) else (1, 3)
    long = [quad for quad in by_length if is_long(quad)]
    short = [quad for quad in by_length if not is_long(quad)]
    order = long[::-1] + short  # the shortest of the long lines are the cheapest that can be trusted
    scores = dict.fromkeys(candidates, 0.0)
    for probes in (order[:PROBES], order[: PROBES + MORE_PROBES]):
        for quarters in candidates:
            scores[quarters] = _legibility(image, probes, quarters, networks)
            if scores[quarters] >= CERTAIN:
                return quarters
        best, other = sorted(candidates, key=lambda quarters: scores[quarters], reverse=True)
        if scores[best] >= READABLE and scores[best] - scores[other] >= MARGIN:
            return best
    return 0


def _legibility(image: Pixels, probes: Sequence[Quad], quarters: int, networks: Networks) -> float:
    """The median confidence of the probes, read after that many quarter turns."""
    rotated = np.ascontiguousarray(np.rot90(image, -quarters))
    strips = [cut(rotated, turned(quad, quarters, image.shape)) for quad in probes]
    return float(np.median([transcript.confidence for transcript in networks.transcribe(strips)]))
