"""FUNSD: Jaume et al., "FUNSD: A Dataset for Form Understanding in Noisy Scanned Documents", 2019.

A folder, at any depth, of `annotations/NAME.json` ({"form": [{id, text, label, box, linking}]}) beside
`images/NAME.png`. A question with its answers is a field; one without is a field with nothing in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from docpipe.evaluate.truth import Truth

SCHEMA = "form"


def detect(folder: Path) -> bool:
    """Whether the first annotation has a form with links."""
    first = next(iter(sorted(folder.rglob("annotations/*.json"))), None)
    if first is None:
        return False
    text = first.read_text(encoding="utf-8")
    return '"form"' in text and '"linking"' in text


def read(folder: Path) -> Iterator[Truth]:
    """Every form. Rows that it does not name are not wrong: boxes to tick are annotated as questions too."""
    for file in sorted(folder.rglob("annotations/*.json")):
        form = json.loads(file.read_text(encoding="utf-8"))["form"]
        path = str((file.parent.parent / "images" / f"{file.stem}.png").relative_to(folder))
        yield Truth(path, path, {"fields": fields(form)}, complete=False)


def fields(form: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """{key, value} of every question; its answers in reading order, a line each."""
    by_id = {entity["id"]: entity for entity in form}
    rows = []
    for entity in form:
        if entity["label"] != "question" or not entity["text"].strip():
            continue
        linked = [by_id[end] for link in entity["linking"] for end in link if end != entity["id"] and end in by_id]
        answers = {other["id"]: other for other in linked if other["label"] == "answer" and other["text"].strip()}
        ordered = sorted(answers.values(), key=lambda other: (other["box"][1], other["box"][0]))
        value = "\n".join(other["text"].strip() for other in ordered) or None
        rows.append({"key": entity["text"].strip().rstrip(":").strip(), "value": value})
    return rows
