"""Pages that are alike, by their sketches: each joins the first page that it resembles most, in a fixed order.

Pages are taken by their names, so the groups do not depend on the order in which they were sketched. A page is
compared only with the first pages of groups that share a part of its sketch (locality-sensitive hashing).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.sketch import Hashes, alike, hashes

BAND = 2  # numbers of a sketch that must all be equal to compare two pages

PageName = tuple[str, int]
"""A document, by the hash of its bytes, and the number of a page."""


def groups(sketches: Mapping[PageName, bytes]) -> list[list[PageName]]:
    """The pages of each group of three documents or more, one page a document, by name."""
    leaders: list[Hashes] = []
    members: list[list[PageName]] = []
    bands: dict[tuple[int, bytes], list[int]] = {}
    for name in sorted(name for name, sketched in sketches.items() if sketched):
        sketched = sketches[name]
        width = 4 * BAND
        keys = [(at, sketched[at : at + width]) for at in range(0, len(sketched), width)]
        near = sorted({leader for key in keys for leader in bands.get(key, ())})
        shares = alike(hashes(sketched), np.stack([leaders[at] for at in near])) if near else np.zeros(0)
        best = int(np.argmax(shares)) if near else -1
        if near and shares[best] >= PARAMS.alike_share:
            members[near[best]].append(name)
            continue
        for key in keys:
            known = bands.setdefault(key, [])
            if len(known) < PARAMS.most_leaders:
                known.append(len(leaders))
        leaders.append(hashes(sketched))
        members.append([name])
    apart = [list({name[0]: name for name in reversed(group)}.values())[::-1] for group in members]
    return [group for group in apart if len(group) >= PARAMS.members]
