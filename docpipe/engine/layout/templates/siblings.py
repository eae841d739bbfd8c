"""The seam between a run and this room: what the layout engine learns from documents that are alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from docpipe import records
from docpipe.engine.layout.keys.proposals import proposals
from docpipe.engine.layout.templates.groups import PageName, groups
from docpipe.engine.layout.templates.learn import learn
from docpipe.engine.layout.templates.params import PARAMS
from docpipe.engine.layout.templates.sketch import HASHES, alike, hashes, sketch
from docpipe.engine.layout.templates.template import written
from docpipe.records import Page
from docpipe.schema.nodes import Schema

ROLES = frozenset({"key_values", "checkboxes"})  # of arrays that are read with templates


class LayoutLibrary:
    """Templates with the sketches of the pages that they lie on."""

    def __init__(self, templates: Iterable[records.Template]) -> None:
        self._templates = [template for template in templates if len(template.sketch) == 4 * HASHES]
        self._sketches = np.array([hashes(each.sketch) for each in self._templates], dtype=np.uint32).reshape(
            -1, HASHES
        )

    def like(self, page: Page) -> tuple[records.Template, ...]:
        """The templates most alike, at most PARAMS.most_candidates; of equals those that come first."""
        sketched = sketch(page) if self._templates else b""
        if not sketched:
            return ()
        shares = alike(hashes(sketched), self._sketches)
        best = np.argsort(-shares, kind="stable")[: PARAMS.most_candidates]
        return tuple(self._templates[at] for at in best if shares[at] >= PARAMS.candidate_share)


class LayoutSiblings:
    """Forms that are filled in again and again."""

    def sketch(self, page: Page) -> bytes:
        return sketch(page)

    def groups(self, sketches: Mapping[PageName, bytes]) -> Sequence[Sequence[PageName]]:
        """Of a large group the first ones by name: a template does not gain by more."""
        return [group[: PARAMS.most_members] for group in groups(sketches)]

    def learn(self, pages: Sequence[Page]) -> tuple[records.Template, ...]:
        return tuple(
            records.Template(sketch(page), written(template), template.members) for template, page in learn(pages)
        )

    def library(self, templates: Iterable[records.Template]) -> LayoutLibrary:
        return LayoutLibrary(templates)


def siblings(schema: Schema) -> LayoutSiblings | None:
    """What is learnt for `schema`: for one that asks for open pairs or checkboxes, else nothing."""
    roles = {array.role for _, array in schema.root.arrays()} | {proposal.value for proposal in proposals(schema)}
    return LayoutSiblings() if roles & ROLES else None
