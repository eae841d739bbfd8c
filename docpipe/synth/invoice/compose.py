"""One invoice, from its seed to its sheet and its truth."""

from __future__ import annotations

from collections.abc import Sequence

from docpipe.synth.document import Document
from docpipe.synth.invoice.make import lay_out
from docpipe.synth.invoice.plan import plan
from docpipe.synth.invoice.truth import accept, label
from docpipe.synth.traits import NONE, Traits, told_of


def compose(index: int, seed: int, languages: Sequence[str], traits: Traits = NONE) -> Document:
    """Invoice `index` of `seed`, in one of `languages`, with the difficulties `traits`."""
    job = plan(index, seed, languages)
    paper = lay_out(job, seed, traits)
    told = label(paper.bill, paper.sheet)
    also = accept(paper.bill, paper.sheet, told)
    story = {"layout": job.layout.name, "kind": job.kind, **told_of(traits)}
    return Document(job.language, "invoice", paper.sheet, told, story, also, title=paper.bill.number)
