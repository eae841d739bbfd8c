"""A document before and after it becomes a file: what a kind composes, and what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from docpipe.synth import truth
from docpipe.synth.degrade.chain import degraded, draw_way
from docpipe.synth.degrade.overlay import overlay
from docpipe.synth.degrade.pixels import jpeg, picture, rendered
from docpipe.synth.sheet import Sheet
from docpipe.synth.write import image_pdf, pdf

LICENCE: Final = "Apache-2.0"
_QUALITY: Final = 80  # of the JPEGs of page images
_SMALL_PT: Final = 300.0  # sheets narrower than this are photographed and scanned from nearer by


@dataclass(frozen=True)
class Document:
    """What a kind composes. `schema` names the schema that `label` follows (empty: a form of its own), `story` says
    how the document was made, `accept` lists further right values by path, `facts` are more keys of the label's
    line. `dpi` above 0 wants pixels of that resolution instead of a PDF with text. Documents of
    one `way` are degraded alike (empty: on their own). A `loose` sheet lies shifted on the scanner's glass, larger or
    smaller than it is.
    """

    language: str
    schema: str
    sheet: Sheet
    label: dict[str, Any]
    story: Mapping[str, Any]
    accept: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    title: str = ""
    dpi: int = 0
    way: str = ""
    loose: bool = False


@dataclass(frozen=True)
class Made:
    """A finished document: `suffix` is pdf, jpg or png, `truth` the line for labels.jsonl but for the facts of the
    file.
    """

    suffix: str
    content: bytes
    truth: dict[str, Any]


def pictured(content: bytes, dpi: int) -> tuple[bytes, str]:
    """A PDF as pixels of `dpi`, and the suffix: a PNG of a single page, a PDF of page images where there are more."""
    pages = rendered(content, dpi, True)
    if len(pages) == 1:
        return picture(content, dpi), "png"
    return image_pdf([(jpeg(page, _QUALITY), page.shape[1], page.shape[0]) for page in pages], dpi, True), "pdf"


def finish(document: Document, kind: str, index: int, seed: int, degrade: str) -> Made:
    """The file and the truth of `document`, on its way through the world as `degrade` asks ("none", "mixed" or one
    of `degrade.chain.WAYS`).
    """
    rng = Random(f"way {kind} {seed} {document.way or index}")
    sheet, pages = document.sheet, len(document.sheet.pages)
    way = draw_way(degrade, pages, rng)
    printed, captions = truth.printed(sheet), truth.captions(sheet)
    places = truth.boxes(sheet)
    done = overlay(sheet, document.language, way, rng) if way != "none" else []
    content, suffix, layer = pdf(sheet, document.title), "pdf", way == "none"
    if way != "none":
        closer = 1.6 if sheet.width < _SMALL_PT and way != "fax" else 1.0
        worn = degraded(content, places, way, rng, closer, loose=document.loose)
        content, suffix, places = worn.content, worn.suffix, worn.boxes
        done += worn.steps
    elif document.dpi:
        content, suffix, layer = *pictured(content, document.dpi), False
    return Made(
        suffix,
        content,
        {
            "source": {"generator": "docpipe synth", "kind": kind, "seed": seed, "index": index},
            "licence": LICENCE,
            "language": document.language,
            "doc_type": kind,
            "schema": document.schema,
            "pages": pages,
            "text_layer": layer,
            "degraded": done,
            "label_source": "the values the page was printed from",
            "synthetic": {**document.story, "captions": captions, "printed": printed},
            **document.facts,
            "label": document.label,
            **({"accept": dict(document.accept)} if document.accept else {}),
            "boxes": places,
        },
    )
