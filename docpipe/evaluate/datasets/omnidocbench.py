"""OmniDocBench: Ouyang et al., "OmniDocBench: Benchmarking Diverse PDF Document Parsing", CVPR 2025.

A folder with `OmniDocBench.json` ([{page_info: {image_path}, layout_dets: [{category_type, html, order}]}])
and the page images in `images/`. Only the tables are used.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from docpipe.evaluate.truth import Truth

SCHEMA = "table"
FILE = "OmniDocBench.json"


def detect(folder: Path) -> bool:
    """Whether there is a file of pages."""
    return (folder / FILE).is_file()


def read(folder: Path) -> Iterator[Truth]:
    """Every page with a table that is told as HTML, its tables in reading order."""
    for page in json.loads((folder / FILE).read_text(encoding="utf-8")):
        found = [region for region in page["layout_dets"] if region["category_type"] == "table" and region.get("html")]
        found.sort(key=lambda region: region.get("order") or 0)
        path = f"images/{page['page_info']['image_path']}"
        if found:
            yield Truth(path, path, {"tables": [{"html": region["html"]} for region in found]})
