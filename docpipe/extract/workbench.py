"""What a document needs to become an Outcome: made once a process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from docpipe.engine.base import Engine
from docpipe.engine.choose import build_engine, choose_second, review_confidence
from docpipe.engine.siblings import Library, Siblings
from docpipe.extract.fingerprints import fingerprints, with_engine
from docpipe.extract.kept_pages import KeptPages
from docpipe.records import Page, Template
from docpipe.render.renderer import Renderer
from docpipe.resolve.length import answer_tokens
from docpipe.schema.nodes import Schema
from docpipe.settings import Render, Settings


@dataclass(frozen=True, slots=True)
class Workbench:
    """The schema, the engines and the renderer at hand.

    `settings` have a visual budget that fits the engine; `marks` are the fingerprints of what was asked for.
    `second`: the engine that is asked about what would go to review, if the settings name one. `siblings`: how the
    engine learns from documents that are alike, if it does; `library`: what was learnt, once it was; `kept`: pages that
    were rendered for that.
    """

    schema: Schema
    engine: Engine
    renderer: Renderer
    settings: Settings
    marks: Mapping[str, str]
    second: Engine | None = None
    siblings: Siblings | None = None
    library: Library | None = None
    kept: KeptPages | None = None

    @property
    def needs(self) -> frozenset[str]:
        """What the engine asks of render, and the words that grounding wants."""
        return self.engine.needs_of(self.schema) | ({self.settings.extraction.ground} - {"off"})

    @property
    def answer_tokens(self) -> Callable[[Page], int] | None:
        """How long the answer about a page will be, for an engine that writes token by token."""
        return partial(answer_tokens, self.schema) if self.engine.info.writes_tokens else None

    @property
    def review_confidence(self) -> float:
        """The confidence under which a record needs review: as it was set, else as it was measured."""
        threshold = self.settings.extraction.review_confidence
        return review_confidence(self.engine.info.name, self.schema) if threshold is None else threshold

    def equipped(self, templates: Iterable[Template]) -> Workbench:
        """The same bench, with what was learnt from documents that are alike."""
        return replace(self, library=self.siblings.library(templates)) if self.siblings is not None else self

    def close(self) -> None:
        """End the renderer's children and the engines."""
        self.renderer.close()
        self.engine.close()
        if self.second is not None:
            self.second.close()


def workbench(
    schema: Schema, engine: Engine, settings: Settings, marks: Mapping[str, str] | None = None, shelf: str = ""
) -> Workbench:
    """The bench for `schema`: pages get the visual budget that it states, as far as the engine's context goes.

    A budget that the user set wins over the schema's. `marks` are the run's fingerprints, where somebody has computed
    them. `shelf`: a folder for pages that are compared before they are read.
    Raises UsageError where settings.second_engine names none that can be had.
    """
    square = engine.info.grid_px**2
    least, most = settings.render.min_pixels, settings.render.max_pixels
    if schema.visual_tokens is not None and (least, most) == (Render().min_pixels, Render().max_pixels):
        least, most = (tokens * square for tokens in schema.visual_tokens)
    if settings.render.dpi is not None and engine.info.grid_px == 1:  # no grid: the resolution alone decides
        least, most = 1, settings.limits.max_image_pixels
    if engine.info.max_visual_tokens is not None:
        most = min(most, engine.info.max_visual_tokens * square)
    budget = replace(settings.render, min_pixels=min(least, most), max_pixels=most, grid_px=engine.info.grid_px)
    fitted = replace(settings, render=budget)
    own = engine.info.fingerprint
    marks = with_engine(marks, own) if marks else fingerprints(schema, own, settings)
    second = choose_second(settings.second_engine) if "second" in marks else None
    return Workbench(
        schema,
        engine,
        Renderer(fitted),
        fitted,
        marks,
        build_engine(second) if second else None,
        siblings=engine.siblings_of(schema),
        kept=KeptPages(shelf) if shelf else None,
    )
