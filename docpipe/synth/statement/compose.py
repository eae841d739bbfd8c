"""One bank statement, from its seed to its sheet and its truth. Its schema is statement.json beside this file."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from docpipe.synth.document import Document
from docpipe.synth.statement.account import draw_account
from docpipe.synth.statement.paper import lay_out


def compose(index: int, seed: int, languages: Sequence[str]) -> Document:
    """Statement `index` of `seed`, in one of `languages`."""
    rng = Random(f"statement {seed} {index}")
    language = languages[(index + seed) % len(languages)]
    work = lay_out(draw_account(language, rng), rng)
    story = {"ruling": work.look.ruling, "columns": list(work.look.columns), "rows": len(work.account.rows)}
    return Document(language, "statement", work.pen.sheet, work.label, story, title=work.account.number)
