"""The layout engine before it is built. Imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from docpipe.engine.factory import Availability, EngineFactory
from docpipe.engine.siblings import Siblings
from docpipe.schema.nodes import Schema

if TYPE_CHECKING:
    from docpipe.engine.layout.engine import LayoutEngine


class LayoutFactory(EngineFactory):
    """Rules on words and geometry; runs everywhere, in every document worker."""

    name = "layout"
    embedded = True
    light = True

    def availability(self, model: str) -> Availability:  # noqa: ARG002  it has no model
        return Availability(self.name, True, "no model weights needed")

    def build(self, model: str, settings: None) -> LayoutEngine:  # noqa: ARG002  it has neither
        from docpipe.engine.layout.engine import LayoutEngine

        return LayoutEngine()

    def review_confidence(self, schema: Schema) -> float:
        from docpipe.engine.layout.scoring.calibration import review_confidence

        return review_confidence(schema)

    def measured(self) -> tuple[str, ...]:
        from docpipe.engine.layout.scoring.calibration import told

        return tuple(told())

    def siblings_of(self, schema: Schema) -> Siblings | None:
        from docpipe.engine.layout.templates.siblings import siblings

        return siblings(schema)

    def looked_for_by_name(self, schema: Schema, reference: str) -> tuple[str, ...]:
        from docpipe.engine.layout.keys.findable import by_name_only

        return by_name_only(schema, reference)


FACTORY = LayoutFactory()
