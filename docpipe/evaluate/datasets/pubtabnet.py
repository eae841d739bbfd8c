"""PubTabNet: Zhong et al., "Image-based table recognition: data, model, and evaluation", ECCV 2020.

A folder with `PubTabNet*.jsonl` ({filename, split, html: {structure: {tokens}, cells: [{tokens}]}}) and
the images in a folder a split.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from docpipe.evaluate.truth import Truth

SCHEMA = "table"


def detect(folder: Path) -> bool:
    """Whether there is a file of tables."""
    return any(folder.glob("PubTabNet*.jsonl"))


def read(folder: Path) -> Iterator[Truth]:
    """Every table that has its structure told (the test set has not)."""
    for file in sorted(folder.glob("PubTabNet*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            for line in lines:
                entry = json.loads(line)
                if "html" in entry:
                    path = f"{entry['split']}/{entry['filename']}"
                    yield Truth(path, path, {"tables": [{"html": html_of(entry["html"])}]})


def html_of(html: Mapping[str, Any]) -> str:
    """The table as HTML: the texts of the cells put into the structure."""
    texts = iter(["".join(cell["tokens"]) for cell in html["cells"]])
    parts = (next(texts, "") + part if part == "</td>" else part for part in html["structure"]["tokens"])
    return f"<table>{''.join(parts)}</table>"
