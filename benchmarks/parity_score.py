"""The figures that compare documents with partial labels and synthetic ones: what is labelled is judged, and what the
label says is not printed; the rest counts nowhere.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any, Final

FIGURES: Final = ("scalars", "rows", "pairs", "boxes")
_ALIKE, _KEY_ALIKE, _ROW_ALIKE, _CENT = 0.9, 0.8, 0.7, 0.0051
_KEY_PART = 4  # letters that a key and its label share at an end, at least
# The fields that real documents are labelled with.
_SCALARS: Final = {
    "invoice": (
        "invoice_number", "invoice_date", "due_date", "currency", "subtotal", "tax", "total", "amount_due",
        "seller.name", "seller.address", "seller.tax_id", "buyer.name", "buyer.address", "buyer.tax_id",
    ),
    "receipt": ("seller.name", "seller.address", "date", "currency", "subtotal", "tax", "total"),
    "form": (),
}  # fmt: skip


@dataclass
class Tally:
    """Right, wrong and missing values by figure."""

    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally) -> None:
        """Count what `other` counted too."""
        self.right += other.right
        self.wrong += other.wrong
        self.missing += other.missing

    def figures(self) -> dict[str, float]:
        """F1 by figure, of boxes the share that is right; only figures that anything was labelled for."""
        found = {}
        for name in FIGURES:
            right, wrong, missing = self.right[name], self.wrong[name], self.missing[name]
            if right + missing:
                found[name] = round(2 * right / (2 * right + wrong + missing), 3)
        return found


def tallied(kind: str, truth: Mapping[str, Any], record: Mapping[str, Any]) -> Tally:
    """What `record` has right and wrong of a document, `truth` being its line of labels.jsonl."""
    tally, label = Tally(), truth["label"]
    for path in _SCALARS[kind]:
        _scalar(tally, path, truth, record)
    if rows := label.get("line_items"):
        _rows(tally, rows, list(record.get("line_items") or ()))
    if kind == "form":
        _pairs(tally, truth, record)
        _boxes(tally, label.get("checkboxes") or (), record.get("checkboxes") or ())
    return tally


def _scalar(tally: Tally, path: str, truth: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    wanted, found = _at(truth["label"], path), _at(record, path)
    if wanted is None:
        synthetic = "synthetic" in truth  # its labels are whole: null says that nothing is printed
        accepted = (truth.get("accept") or {}).get(path)
        unprinted = path in (truth.get("not_printed") or ()) or (synthetic and not accepted)
        tally.wrong["scalars"] += unprinted and found not in (None, "")
        return
    right = alike(wanted, found, (truth.get("accept") or {}).get(path, ()))
    tally.right["scalars"] += right
    tally.missing["scalars"] += not right
    tally.wrong["scalars"] += not right and found not in (None, "")


def _rows(tally: Tally, wanted: Sequence[Mapping[str, Any]], found: list[Mapping[str, Any]]) -> None:
    for row in wanted:
        match = next((one for one in found if _same_row(row, one)), None)
        if match is not None:
            found.remove(match)
        tally.right["rows"] += match is not None
        tally.missing["rows"] += match is None
    tally.wrong["rows"] += len(found)


def _same_row(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> bool:
    numbers = (key for key in ("quantity", "unit_price", "amount") if wanted.get(key) is not None)
    return all(alike(wanted[key], found.get(key)) for key in numbers) and (
        _likeness(wanted.get("description") or "", found.get("description") or "") >= _ROW_ALIKE
    )


def _pairs(tally: Tally, truth: Mapping[str, Any], record: Mapping[str, Any]) -> None:
    left = [pair for pair in record.get("fields") or () if pair.get("value") not in (None, "")]
    for pair in truth["label"].get("fields") or ():
        if not _folded(pair.get("value") or ""):
            continue
        keyed = pair.get("key_kind", "printed") == "printed"
        fitting = (one for one in left if not keyed or _same_key(pair["key"], one.get("key") or ""))
        match = next((one for one in fitting if alike(pair["value"], one["value"])), None)
        if match is not None:
            left.remove(match)
        tally.right["pairs"] += match is not None
        tally.missing["pairs"] += match is None
    if truth.get("complete", True):
        tally.wrong["pairs"] += len(left)


def _boxes(tally: Tally, wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> None:
    for box in wanted:
        hits = (one for one in found if _same_key(box["label"], one.get("label") or ""))
        right = any(bool(one.get("checked")) == box["checked"] for one in hits)
        tally.right["boxes"] += right
        tally.missing["boxes"] += not right
        tally.wrong["boxes"] += not right  # so that the F1 is the share


def alike(wanted: Any, found: Any, accepted: Any = ()) -> bool:
    """Whether `found` is `wanted` or one of `accepted`: numbers to the cent, texts but for letter case and signs."""
    for value in (wanted, *(accepted if isinstance(accepted, list | tuple) else ())):
        if isinstance(value, int | float) and not isinstance(value, bool):
            if (number := _number(found)) is not None and abs(number - value) < _CENT:
                return True
        elif found is not None and _likeness(str(value), str(found)) >= _ALIKE:
            return True
    return False


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _folded(text: Any) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", str(text)).casefold() if char.isalnum())


def _likeness(wanted: str, found: str) -> float:
    one, other = _folded(wanted), _folded(found)
    if one == other:
        return 1.0
    return SequenceMatcher(None, one, other, autojunk=False).ratio() if one and other else 0.0


def _same_key(wanted: str, found: str) -> bool:
    if _likeness(wanted, found) >= _KEY_ALIKE:
        return True
    short, long = sorted((_folded(wanted), _folded(found)), key=len)
    return len(short) >= _KEY_PART and (long.startswith(short) or long.endswith(short))


def _at(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
