"""Values that are refused although they were read right: the document prints them so, and nobody relies on them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from docpipe.records import Violation
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.importance import is_weighty
from docpipe.schema.nodes import Schema


def without_misprints(schema: Schema, invalid: Iterable[Violation], pages: Sequence[PageIndex]) -> Iterator[Violation]:
    """`invalid`, as warnings where a text layer prints just the refused value and the field is none of the important
    ones: an account whose check digits are wrong on paper is null, and no reason to look at the whole record.

    Where the schema names nothing as important, every field is. On a scan a refused value is a sign of misreading.
    """
    layers = [page for page in pages if page.page.text_source == "layer"]
    for each in invalid:
        minor = each.left and not is_weighty(schema, each.paths)
        printed = minor and any(page.text_places(each.left) for page in layers)
        yield replace(each, severity="warning") if printed else each
