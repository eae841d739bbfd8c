"""The title of a document is what stands largest at its head."""

from __future__ import annotations

from typing import Any

import pytest

from docpipe.engine.layout.answer import Leaf
from docpipe.engine.layout.compiled import compile_schema
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.titles import document_title
from docpipe.errors import InvalidSchema
from docpipe.page.box import Box
from docpipe.records import Page, Request, Word
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema

STRING: dict[str, Any] = {"type": ["string", "null"]}
TITLED = {**STRING, "maxLength": 60, "x-docpipe": {"role": "title"}}
SCHEMA = parse_schema({"type": "object", "properties": {"name": STRING, "heading": TITLED}}, "form")
NO_TITLE = parse_schema({"type": "object", "properties": {"name": STRING}}, "form")

Print = tuple[str, float, float]  # text, its top and its height as fractions of the page


def page(*prints: Print, sure: float = 1.0) -> Page:
    """Each print on a line of its own, from the left edge."""
    words = []
    for line, (text, top, height) in enumerate(prints):
        x = 0.1
        for word in text.split():
            width = 0.5 * height * len(word)
            words.append(Word(word, Box(x, top, x + width, top + height), line, 0, sure, size=height))
            x += width + 0.3 * height
    return Page(1, 600.0, 800.0, words=tuple(words), text_source="layer" if sure == 1.0 else "ocr")


BODY: tuple[Print, ...] = tuple((f"body text of line {at}", 0.3 + 0.02 * at, 0.01) for at in range(20))


def title(*prints: Print, sure: float = 1.0, taken: str = "") -> tuple[str, float] | None:
    document = document_of(SCHEMA, [page(*prints, *BODY, sure=sure)])
    (page_text,) = document.page_texts
    tokens = [token for line in page_text.lines for one in line.segments for token in one.tokens]
    rows = [{"x": Leaf("", tuple(token for token in tokens if token.text in taken.split()), 0, 1.0, "table")}]
    found = list(document_title(document.with_rows([Rows("rows", 0, tuple(rows), ())])))
    assert all(candidate.field.path == "heading" for candidate in found)
    return (str(found[0].reading.value), found[0].score) if found else None


def document_of(schema: Schema, pages: list[Page]) -> Document:
    return Document.of(compile_schema(schema), Request("key", "doc", tuple(pages), schema.document, "s", "", "", 4096))


@pytest.mark.parametrize(
    ("prints", "found"),
    [
        ([("Accident report", 0.05, 0.02)], ("Accident report", 0.93)),
        ([("Accident report:", 0.05, 0.02)], ("Accident report", 0.93)),
        ([("Request for certificates", 0.05, 0.02), ("and other papers", 0.075, 0.02)],
         ("Request for certificates and other papers", 0.93)),
        ([("Accident report", 0.05, 0.02), ("Town of Springfield", 0.12, 0.019)], ("Accident report", 0.6)),
        ([("Accident report", 0.05, 0.02), ("of a smaller kind", 0.075, 0.012)], ("Accident report", 0.93)),
        ([("W-9", 0.03, 0.04), ("Request for papers", 0.08, 0.02)], ("Request for papers", 0.93)),  # a number
        ([("Accident report", 0.05, 0.011)], None),  # like the body
        ([("Accident report", 0.26, 0.02)], None),  # too far down
        ([("A" * 61, 0.05, 0.02)], None),  # longer than the schema allows
        ([], None),
    ],
)  # fmt: skip
def test_the_largest_type_at_the_head_is_the_title(prints: list[Print], found: Any) -> None:
    assert title(*prints) == found


def test_what_was_entered_or_asked_is_no_title() -> None:
    prints = (("Accident report", 0.05, 0.02), ("Baptiste", 0.1, 0.03))
    assert title(*prints) == ("Baptiste", 0.93)
    assert title(*prints, taken="Baptiste") == ("Accident report", 0.93)


def test_the_sizes_of_a_scan_are_less_sure() -> None:
    assert title(("Accident report", 0.05, 0.02), sure=0.98) == ("Accident report", 0.75)


def test_nothing_is_looked_for_without_a_field_or_a_page() -> None:
    pages = [page(("Accident report", 0.05, 0.02), *BODY)]
    assert list(document_title(document_of(NO_TITLE, pages))) == []
    assert list(document_title(document_of(SCHEMA, []))) == []


@pytest.mark.parametrize(
    ("node", "role"),
    [
        ({"type": "number"}, "title"),
        (STRING, "issuer"),
        ({"type": "object", "properties": {"name": STRING}}, "title"),
    ],
)
def test_a_role_belongs_to_its_kind(node: dict[str, Any], role: str) -> None:
    with pytest.raises(InvalidSchema, match="role"):
        parse_schema({"type": "object", "properties": {"x": {**node, "x-docpipe": {"role": role}}}}, "wrong")
