"""SROIE, key information: Huang et al., "ICDAR2019 Competition on Scanned Receipt OCR and Information Extraction".

A folder, at any depth, of `entities/NAME.txt` (JSON of company, date, address, total) beside
`img/NAME.jpg`; or of task 3's NAME.txt beside NAME.jpg.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docpipe.evaluate.datasets.printed import amount, iso_date
from docpipe.evaluate.truth import Truth

SCHEMA = "receipt"
_KEYS = {"company", "date", "address", "total"}
_SUFFIXES = (".jpg", ".jpeg", ".png")


def detect(folder: Path) -> bool:
    """Whether the first text file below `folder` is an object of the four keys."""
    first = next(iter(sorted(folder.rglob("entities/*.txt")) or sorted(folder.rglob("*.txt"))), None)
    return first is not None and _entities(first) is not None


def read(folder: Path) -> Iterator[Truth]:
    """Every receipt that has an image."""
    files = sorted(folder.rglob("entities/*.txt")) or sorted(folder.rglob("*.txt"))
    for file in files:
        entities, image = _entities(file), _image(file)
        if entities is not None and image is not None:
            path = str(image.relative_to(folder))
            yield Truth(path, path, label_of(entities))


def _entities(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except ValueError:
        return None
    return found if isinstance(found, dict) and found and found.keys() <= _KEYS else None


def _image(file: Path) -> Path | None:
    folders = (file.parent, file.parent.parent / "img", file.parent.parent / "images")
    paths = (folder / f"{file.stem}{suffix}" for folder in folders for suffix in _SUFFIXES)
    return next((path for path in paths if path.is_file()), None)


def label_of(entities: dict[str, Any]) -> dict[str, Any]:
    """The label in the receipt schema's names; a date or total that cannot be read is not labelled."""
    seller = {"name": entities.get("company"), "address": entities.get("address")}
    label: dict[str, Any] = {"seller": {key: value for key, value in seller.items() if value}}
    values = {"date": iso_date(entities.get("date") or ""), "total": amount(entities.get("total") or "")}
    return label | {key: value for key, value in values.items() if value is not None}
