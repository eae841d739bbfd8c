"""One receipt, from its seed to its sheet and its truth."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from docpipe.synth.document import Document
from docpipe.synth.formats import draw_numbers
from docpipe.synth.receipt.hardships import Hard, harden
from docpipe.synth.receipt.paper import layout, new_pen
from docpipe.synth.receipt.sale import draw_sale
from docpipe.synth.receipt.sums import foot
from docpipe.synth.receipt.truth import FIELDS, accept
from docpipe.synth.traits import NONE, Traits, told_of
from docpipe.synth.truth import stated


def compose(index: int, seed: int, languages: Sequence[str], traits: Traits = NONE) -> Document:
    """Receipt `index` of `seed`, in one of `languages`, with the difficulties `traits`."""
    rng = Random(f"receipt {seed} {index}")
    language = languages[(index + seed) % len(languages)]
    sale = draw_sale(language, rng)
    numbers = draw_numbers(language, sale.shop.country, rng)
    odd, region = Random(f"hardships {seed} {index}"), None
    if traits:
        sale, region = harden(sale, traits, odd)
    roll = layout(sale, new_pen(language, rng), numbers, rng, foot, Hard(traits, region, odd))
    story = {"kind": sale.kind, "family": roll.pen.family.name, **told_of(traits)}
    label = stated(roll.label, FIELDS)
    also = {**accept(label, roll.pen.sheet), **roll.also}
    return Document(language, "receipt", roll.pen.sheet, label, story, also, title=sale.number)
