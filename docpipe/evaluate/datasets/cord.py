"""CORD: Park et al., "CORD: A Consolidated Receipt Dataset for Post-OCR Parsing", 2019.

A folder, at any depth, of `json/NAME.json` beside `image/NAME.png`; or of `metadata.jsonl` lines
{file_name, ground_truth} whose ground_truth is JSON text with `gt_parse`.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from docpipe.evaluate.datasets.printed import amount
from docpipe.evaluate.truth import Truth

SCHEMA = "receipt"
_ITEM = {"nm": "description", "cnt": "quantity", "unitprice": "unit_price", "price": "amount"}
_SUMS = {
    ("sub_total", "subtotal_price"): "subtotal",
    ("sub_total", "tax_price"): "tax",
    ("total", "total_price"): "total",
    ("total", "cashprice"): "cash_paid",
    ("total", "changeprice"): "change",
}


def detect(folder: Path) -> bool:
    """Whether there are annotated lines, or metadata with a ground truth."""
    first = next(iter(sorted(folder.rglob("json/*.json"))), None)
    if first is not None:
        return '"valid_line"' in first.read_text(encoding="utf-8")
    metadata = next(iter(sorted(folder.rglob("metadata.jsonl"))), None)
    return metadata is not None and "gt_parse" in metadata.read_text(encoding="utf-8")[:100_000]


def read(folder: Path) -> Iterator[Truth]:
    """Every receipt."""
    for file in sorted(folder.rglob("json/*.json")):
        entry = json.loads(file.read_text(encoding="utf-8"))
        path = str((file.parent.parent / "image" / f"{file.stem}.png").relative_to(folder))
        yield Truth(path, path, label_of(_parsed(entry["valid_line"])))
    for file in sorted(folder.rglob("metadata.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            path = str((file.parent / row["file_name"]).relative_to(folder))
            yield Truth(path, path, label_of(json.loads(row["ground_truth"])["gt_parse"]))


def _parsed(lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Annotated lines in the shape of `gt_parse`: the items of the menu by their group."""
    items: dict[Any, dict[str, str]] = defaultdict(dict)
    parsed: dict[str, Any] = defaultdict(dict)
    for line in lines:
        group, _, key = line["category"].partition(".")
        text = " ".join(word["text"] for word in line["words"] if not word.get("is_key"))
        into = items[line["group_id"]] if group == "menu" else parsed[group]
        into[key] = f"{into[key]} {text}" if key in into else text
    return {**parsed, "menu": list(items.values())}


def label_of(parsed: Mapping[str, Any]) -> dict[str, Any]:
    """The label in the receipt schema's names; amounts that cannot be read are not labelled."""
    menu = parsed.get("menu") or []
    rows = [_item(entry) for entry in (menu if isinstance(menu, list) else [menu]) if isinstance(entry, Mapping)]
    label: dict[str, Any] = {"line_items": [row for row in rows if row]} if any(rows) else {}
    for (group, key), name in _SUMS.items():
        value = (parsed.get(group) or {}) if isinstance(parsed.get(group), Mapping) else {}
        number = amount(str(value.get(key) or ""))
        if number is not None:
            label[name] = number
    return label


def _item(entry: Mapping[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for key, name in _ITEM.items():
        text = entry.get(key)
        value = text if name == "description" or text is None else amount(str(text))
        if isinstance(value, float) or (isinstance(value, str) and value):
            row[name] = value
    return row
