"""Which kind of document each index gets. A plan over the index, so that any seed covers everything; nothing is
picked afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final

from docpipe.synth.invoice.captions import RARE_SHARE
from docpipe.synth.invoice.layouts import LAYOUTS, Layout

# Those of samples/invoices; other sets are asked for by name.
SAMPLED: Final = ("en", "de", "fr", "es", "it", "nl", "pt")
# The samples are of ordinary difficulty: most captions are textbook ones, and few documents are hard.
SAMPLED_RARE: Final = 0.15
SAMPLED_HARD: Final = 0.1
# One dozen documents. Half are plain one-page files: that is what arrives most.
_DOZEN: Final = ("plain",) * 6 + ("long", "credit", "lump", "scan", "scan", "photo")


@dataclass(frozen=True)
class Plan:
    """What document `index` is to be: `kind` is plain, long (a table over pages), credit, lump (no positions), scan
    or photo. `rare` is the share of captions that are not textbook ones, of those that have a rarer phrasing.
    """

    index: int
    kind: str
    layout: Layout
    language: str
    rare: float = RARE_SHARE


def plan(index: int, seed: int, among: Sequence[str] = SAMPLED, rare: float = RARE_SHARE) -> Plan:
    """The plan of one document. Each dozen has every layout once and the kinds above; the languages `among` take
    turns. `rare` is the plan's share of captions that are not textbook ones.
    """
    dozen, place = divmod(index, len(_DOZEN))
    rng = Random(f"invoice plan {seed} {dozen}")
    kinds, layouts = list(_DOZEN), list(LAYOUTS)
    rng.shuffle(kinds)
    rng.shuffle(layouts)
    languages = list(among)
    Random(f"invoice languages {seed} {index // len(languages)}").shuffle(languages)
    return Plan(index, kinds[place], layouts[place], languages[index % len(languages)], rare)
