"""The page needs nothing else, escapes everything, and shows where a wrong value was found."""

from __future__ import annotations

import io
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest
from PIL import Image

from docpipe.evaluate.matching import matched
from docpipe.evaluate.png import png
from docpipe.evaluate.report import MAX_ERRORS, Picture, report
from docpipe.evaluate.result import evaluate
from docpipe.evaluate.truth import Truth

EVIL = "<script>alert(1)</script>\"'><img src=http://example.com/x onerror=alert(1)>"


class Seen(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def page(outcome: Any, **more: Any) -> tuple[str, Seen]:
    truth = Truth("a", f"{EVIL}.pdf", {"total": 3.0, "name": EVIL}, boxes={"total": [(1, (0.5, 0.5, 0.75, 0.6))]})
    told = {"path": "total", "value": "4", "confidence": 0.75, "page": 1, "boxes": [(0.1, 0.2, 0.3, 0.25)]}
    violations = [{"rule": "sum", "severity": "error", "message": EVIL}]
    one = outcome(f"/in/{EVIL}.pdf", {"total": 4, "name": EVIL + "!x"}, fields=[told], violations=violations, **more)
    result, worst = evaluate(matched([truth], [one]))
    picture = Picture(1, png(np.zeros((4, 3, 3), np.uint8)))
    text = report(result, [(worst[0], picture)], EVIL)
    seen = Seen()
    seen.feed(text)
    assert seen.open == []
    return text, seen


def test_nothing_of_a_document_becomes_markup(outcome: Any) -> None:
    text, seen = page(outcome)
    assert not [tag for tag, _ in seen.tags if tag == "script"]
    assert not [attributes for _, attributes in seen.tags if any(name.startswith("on") for name in attributes)]
    assert "alert(1)" in text


def test_nothing_is_loaded_from_elsewhere(outcome: Any) -> None:
    _, seen = page(outcome)
    for tag, attributes in seen.tags:
        assert tag not in ("link", "iframe", "object", "script", "base")
        assert (attributes.get("src") or "data:").startswith("data:")
        assert "href" not in attributes
    policy = next(attributes["content"] for tag, attributes in seen.tags if "http-equiv" in attributes)
    assert "default-src 'none'" in str(policy)


def test_truth_value_confidence_violations_and_both_boxes_are_shown(outcome: Any) -> None:
    text, seen = page(outcome)
    assert "<td>total</td><td>wrong</td><td>3</td><td>4</td><td>0.75</td><td>1</td>" in text
    styles = [str(attributes["style"]) for tag, attributes in seen.tags if tag == "i"]
    assert styles == [
        "left:10.00%;top:20.00%;width:20.00%;height:5.00%",
        "left:50.00%;top:50.00%;width:25.00%;height:10.00%",
    ]
    assert "sum: &lt;script&gt;" in text


def test_the_page_is_bounded_however_many_errors_there_are(outcome: Any) -> None:
    rows = [{"t": f"row {i}"} for i in range(500)]
    result, worst = evaluate([(Truth("a", "a.pdf", {"rows": rows}), outcome("/a.pdf", {"rows": []}))])
    text = report(result, [(worst[0], None)])
    assert len(re.findall('<tr class="missing">', text)) == MAX_ERRORS
    assert f"and {500 - MAX_ERRORS} more" in text
    assert "No picture" in text


def test_an_evaluation_without_an_error_has_a_page_too(outcome: Any) -> None:
    result, worst = evaluate([(Truth("a", "a.pdf", {"t": "x"}), outcome("/a.pdf", {"t": "x"}))])
    assert "No document has an error" in report(result, [(one, None) for one in worst])


@pytest.mark.parametrize("shape", [(1, 1), (7, 13), (64, 33)])
def test_a_picture_is_a_png_of_the_nearest_colours(shape: tuple[int, int]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as image:
        assert image.format == "PNG"
        seen = np.asarray(image.convert("RGB"))
    assert seen.shape == pixels.shape
    assert np.abs(seen.astype(int) - pixels.astype(int)).max() <= 26
