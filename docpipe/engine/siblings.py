"""What an engine can learn from documents that are alike, before it reads them: pure functions over pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from docpipe.records import Page, Template

PageName = tuple[str, int]
"""A document, by the hash of its bytes, and the number of a page."""


class Library(Protocol):
    """Templates at hand, to ask which of them a page may be of."""

    def like(self, page: Page) -> tuple[Template, ...]:
        """The templates that the page may be of, best first; few, and often none."""


class Siblings(Protocol):
    """How an engine learns what pages of several documents have in common.

    Equal pages give equal answers, whatever the order in which documents came and the process that asks.
    """

    def sketch(self, page: Page) -> bytes:
        """A few bytes that are alike for pages that are; b"" for a page of which nothing is to be learnt."""

    def groups(self, sketches: Mapping[PageName, bytes]) -> Sequence[Sequence[PageName]]:
        """Pages that look alike, each of another document, as many as one `learn` takes."""

    def learn(self, pages: Sequence[Page]) -> tuple[Template, ...]:
        """A template for each form among pages that look alike; () where they have too little in common."""

    def library(self, templates: Iterable[Template]) -> Library:
        """The templates, ready to be asked."""
