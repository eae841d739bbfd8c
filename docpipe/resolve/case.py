"""A record under repair: what it says, where its values stand, and how one of them is changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from docpipe.records import Edit, Violation
from docpipe.resolve.ground import Evidence
from docpipe.resolve.money import checks_of
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.validate import admits
from docpipe.schema.nodes import Check, Node, Schema
from docpipe.schema.paths import generic, put


@dataclass(slots=True)
class Case:
    """A window's record under repair; `value`, `evidence` and `violations` are changed in place.

    `violations` are what coercing and validating found. `whole`: the pages are all of the document,
    so that sums over its rows mean something.
    """

    schema: Schema
    nodes: Mapping[str, Node]
    value: dict[str, Any]
    evidence: dict[str, Evidence]
    pages: Sequence[PageIndex]
    violations: list[Violation]
    whole: bool = True
    edits: list[Edit] = field(default_factory=list)

    @property
    def checks(self) -> Sequence[Check]:
        """The schema's checks, as the record's currency has them."""
        return checks_of(self.schema, self.value)

    def replace(self, path: str, before: Any, after: Any, rule: str) -> bool:
        """Change the leaf at `path` and note it; its evidence is looked for anew. False, and nothing, if a
        validator refuses `after`, or it has not the sign that the schema promises: no repair brings an invalid value
        into a column.
        """
        node = self.nodes[generic(path)]
        if isinstance(after, Decimal) and node.signed(after) != after:
            return False
        if not admits(self.schema, path, after):
            return False
        put(self.value, path, after)
        self.edits.append(Edit(path, before, after, f"repair:{rule}"))
        places = ((page, place) for page in self.pages for place in page.places(after))
        page, place = next(places, (None, None))
        if page is not None and place is not None:
            self.evidence[path] = Evidence(page.number, page.boxes(place), True, page.text(place), place)
        return True

    def stands(self, value: Any, beside: Iterable[str] = ()) -> bool:
        """Whether some page prints `value`, and not only where the leaves `beside` stand."""
        places = {(page.number, place[:2]) for page in self.pages for place in page.places(value)}
        known = (self.evidence.get(path) for path in beside)
        return bool(
            places
            - {
                (evidence.page, evidence.place[:2])
                for evidence in known
                if evidence is not None and evidence.place is not None
            }
        )

    def equalities(self) -> Sequence[Check]:
        """The checks that may prove a number, errors before warnings, as a warning may have its reasons.

        A sum over the rows of some pages proves nothing.
        """
        equalities = [check for check in self.checks if check.op == "=="]
        some = [check for check in equalities if self.whole or check.each or "sum(" not in check.left + check.right]
        return sorted(some, key=lambda check: check.severity == "warning")
