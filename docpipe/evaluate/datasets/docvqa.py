"""DocVQA: Mathew et al., "DocVQA: A Dataset for VQA on Document Images", WACV 2021.

A folder with `*_v1.0*.json` ({"data": [{questionId, question, image, answers}]}) and the images that it
names. No schema of ours asks the questions of another page each: what is measured is whether an
answer is among the values read as fields of a form.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docpipe.evaluate.truth import Truth

SCHEMA = "form"


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*.json")) if "_v1.0" in path.name]


def detect(folder: Path) -> bool:
    """Whether there is a file of questions."""
    return bool(_files(folder))


def read(folder: Path) -> Iterator[Truth]:
    """Every image, with the answers to all questions about it. The test set has no answers: it gives none."""
    answers: dict[str, list[list[str]]] = defaultdict(list)
    for file in _files(folder):
        for load in json.loads(file.read_text(encoding="utf-8"))["data"]:
            if load.get("answers"):
                path = str((file.parent / load["image"]).relative_to(folder))
                answers[path].append([str(answer) for answer in load["answers"]])
    for path, each in sorted(answers.items()):
        label: dict[str, Any] = {"fields": [{"value": found[0]} for found in each]}
        accept = {f"fields[{index}].value": found for index, found in enumerate(each) if len(found) > 1}
        yield Truth(path, path, label, accept=accept, complete=False)
