"""Which way up the lines of a page are, as the recogniser reads them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from docpipe.render.child.ocr.models import Networks, Pixels, Quad
from docpipe.render.child.ocr.quads import cut, is_long, is_lying, longest_side, shortest_side, turned

PROBES = 5  # lines tried at first ...
MORE_PROBES = 15  # ... and where they do not tell
CERTAIN = 0.9  # a probe that reads this well is the right way up; upside down, lines reach 0.8 [measured]
READABLE = 0.6  # worse than this either way: no text, or no script that the network knows
MARGIN = 0.05  # by which one way must read better than the other
FEW = 4  # lines that tell; what has fewer is a picture with a few words, and stays as it is
ASTRAY = 0.1  # share of the lines of a page on its side that may lie level all the same
TOLD = 1.2  # longer side over the shorter one of a line that tells which way it lies


def quarters_to_upright(image: Pixels, quads: Sequence[Quad], networks: Networks) -> int:
    """Quarter turns clockwise that set a page upright, from 0 to 3; 0 where its lines do not tell.

    How the lines lie leaves two ways; a few of them are read both ways, and what reads better is up. Scripts that
    the network was not taught are read badly, but still worse upside down. A chart or a form has lines turned beside
    level ones: a page lies on its side only if nearly all of its lines stand.
    """
    telling = [quad for quad in quads if longest_side(quad) > TOLD * shortest_side(quad)]
    level = sum(is_lying(quad) for quad in telling)
    if len(telling) < FEW:
        return 0
    is_turned = level <= ASTRAY * len(telling)
    candidates = (1, 3) if is_turned else (0, 2)
    by_length = sorted(quads, key=longest_side, reverse=True)
    by_length = [quad for quad in by_length if is_lying(quad) != is_turned]
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
