"""The currency of a document that prints none: that of the country it is from, read off where it says so."""

from __future__ import annotations

from collections.abc import Iterator

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.readings import Reading
from docpipe.engine.layout.scalars.candidates import Candidate, candidate
from docpipe.literals.conventions import Conventions

HOME_CURRENCY = "home_currency"


def home_currency(document: Document) -> Iterator[Candidate]:
    """For a currency that the schema requires, where no sign or code is printed and all countries pay in one money."""
    code = document.conventions.home_currency
    fields = [field for field in document.schema.scalars if field.node.format == "currency" and field.node.required]
    if code is None or document.conventions.currency is not None or not fields:
        return
    for context in document.contexts:
        for segment in context.segments:
            if Conventions([[token.text for token in segment.tokens]]).home_currency == code:
                reading = Reading(code, segment.tokens, 1.0)
                for field in fields:
                    yield candidate(field, reading, segment, HOME_CURRENCY, ((HOME_CURRENCY, 1.0),), shared=True)
                return
