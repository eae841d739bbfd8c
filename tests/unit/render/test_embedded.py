"""Files in a PDF are not read, and the document says that it carries them."""

from __future__ import annotations

from collections.abc import Callable

import pymupdf
import pytest

from docpipe.intake.content import Content
from docpipe.render.renderer import Renderer

MakeContent = Callable[..., Content]


def carrying(*names: str) -> pymupdf.Document:
    file = pymupdf.open()
    file.new_page().insert_text((50, 50), "Invoice INV-7")
    for name in names:
        file.embfile_add(name, b"<Invoice/>")
    return file


@pytest.mark.parametrize(
    ("names", "note"),
    [
        (["factur-x.xml"], "embedded XML, not read: factur-x.xml"),
        (["drawing.dwg", "ZUGFeRD-invoice.XML"], "embedded XML, not read: ZUGFeRD-invoice.XML, drawing.dwg"),
        (["a.csv", "b.csv", "c.csv", "d.csv", "e.csv"], "embedded files, not read: a.csv, b.csv, c.csv, 2 more"),
    ],
)
async def test_embedded_files_are_named(renderer: Renderer, content: MakeContent, names: list[str], note: str) -> None:
    document = await renderer.open(content(carrying(*names).tobytes()))
    assert document.notes == (note,)
    assert (await document.page(1, frozenset({"words"}))).words


async def test_a_long_name_is_cut(renderer: Renderer, content: MakeContent) -> None:
    (note,) = (await renderer.open(content(carrying("x" * 500 + ".xml").tobytes()))).notes
    assert len(note) < 100


async def test_a_tree_of_names_in_branches_is_walked(renderer: Renderer, content: MakeContent) -> None:
    file = carrying("first.xml")
    catalog = file.pdf_catalog()
    _, names = file.xref_get_key(catalog, "Names/EmbeddedFiles/Names")
    leaf = file.get_new_xref()
    file.update_object(leaf, f"<< /Limits [(a) (z)] /Names {names} >>")
    branch = file.get_new_xref()
    file.update_object(branch, f"<< /Kids [{leaf} 0 R {branch} 0 R] >>")  # one that holds itself, too
    file.xref_set_key(catalog, "Names", f"<< /EmbeddedFiles {branch} 0 R >>")
    assert (await renderer.open(content(file.tobytes()))).notes == ("embedded XML, not read: first.xml",)


@pytest.mark.parametrize("tree", ["7", "[1 2]", "<< /Names 3 >>", "<< /Names [(a)] >>", "<< /Names [(a) null] >>"])
async def test_a_broken_tree_does_not_stop_the_document(renderer: Renderer, content: MakeContent, tree: str) -> None:
    file = carrying()
    file.xref_set_key(file.pdf_catalog(), "Names", f"<< /EmbeddedFiles {tree} >>")
    document = await renderer.open(content(file.tobytes()))
    assert (await document.page(1, frozenset({"words"}))).words


async def test_a_plain_document_has_no_note(renderer: Renderer, content: MakeContent) -> None:
    assert (await renderer.open(content(carrying().tobytes()))).notes == ()
