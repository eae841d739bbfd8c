"""The open pairs and the checkboxes of every page."""

from __future__ import annotations

from docpipe.engine.layout.document import Document
from docpipe.engine.layout.forms.checkboxes import checkbox_rows
from docpipe.engine.layout.forms.headings import told_apart
from docpipe.engine.layout.forms.pairs import pair_rows
from docpipe.engine.layout.rows import Rows, rows_of


def read_checkboxes(document: Document) -> list[Rows]:
    """One row a checkbox that has a text; a text belongs to one box."""
    schema, found = document.schema, []
    for page_index, page in enumerate(document.form_pages if schema.checkboxes else ()):
        taken: set[int] = set()
        for array in schema.checkboxes:
            rows = checkbox_rows(array, page.page_text, page_index, page.checkboxes, taken)
            found.append(Rows(array.path, page_index, tuple(rows), ()))
    return found


def read_key_values(document: Document) -> list[Rows]:
    """One row an input field with a key, and one a key that a colon marks; not of the words at checkboxes."""
    schema, found = document.schema, []
    labels = {array.label.path for array in schema.checkboxes}
    for page_index, page in enumerate(document.form_pages if schema.pairs else ()):
        taken = {
            token.index
            for rows in document.rows
            if rows.page_index == page_index
            for row in rows.rows
            for path in labels & row.keys()
            for token in row[path].tokens
        }
        for array in schema.pairs:
            rows = pair_rows(array, page.page_text, page_index, page.input_fields, taken, drawn=page.drawn)
            found.append(Rows(array.path, page_index, tuple(rows), ()))
    heads = [page.headings for page in document.form_pages] if schema.pairs else []
    return [
        Rows(array.path, 0, tuple(told_apart(array.key.path, rows_of(found, array.path), heads)), ())
        for array in schema.pairs
    ]
