"""What documents print without a key: the parties, the items of a receipt, a date in the head, the currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any

from docpipe.draft.gathered import LEAST_SHARE
from docpipe.draft.proposed import OF_KIND
from docpipe.draft.read_back import read_back
from docpipe.draft.samples import Sample
from docpipe.literals.lexicon import lexicon
from docpipe.literals.text import LANGUAGES, folded

ROUNDS = 3  # of leaving out what is not read: the places that are left may be read otherwise
ITEMS = "items"

_TEXT = {"type": ["string", "null"]}
_ROLES = {"seller": ("issuer", "Who made the document."), "buyer": ("recipient", "Whom it is addressed to.")}

Properties = dict[str, Any]


def with_places(
    document: Mapping[str, Any], samples: Sequence[Sample], languages: Sequence[str], loose: frozenset[str]
) -> dict[str, Any]:
    """The document with those of the places that the engine reads on half of the samples.

    `loose`: fields of unknown keys with numbers, which may be items of a receipt: those that are go.
    """
    properties: Properties = document["properties"]
    tried = _tried(properties, languages)
    least = max(1, ceil(LEAST_SHARE * len(samples)))
    for _ in range(ROUNDS):
        kept = {name: each for name, each in properties.items() if ITEMS not in tried or name not in loose}
        if not kept and not tried:
            return {**document, "properties": {}}
        back = read_back({**document, "properties": {**kept, **tried}}, samples)
        often = {name: _often(name, each, back.counts) for name, each in tried.items()}
        if all(count >= least for count in often.values()):
            break
        tried = {name: each for name, each in tried.items() if often[name] >= least}
    sold = {folded(str(row.get("name"))) for answer in back.answers for row in answer.get(ITEMS) or []}
    kept = {name: each for name, each in properties.items() if name not in loose or not _is_sold(each, sold)}
    for name, each in tried.items():
        told = f"{each['description']} Read in {often[name]} of {len(samples)} samples."
        kept[name] = {**each, "description": told}
    return {**document, "properties": kept}


def _often(name: str, each: Mapping[str, Any], counts: Mapping[str, int]) -> int:
    """In how many samples all of it is read; items need no count."""
    parts = each.get("items", each).get("properties", {}).keys() - {"quantity"}
    return min((counts.get(f"{name}.{part}", 0) for part in parts), default=counts.get(name, 0))


def _is_sold(each: Mapping[str, Any], sold: set[str]) -> bool:
    """Whether a field is an item that most samples have on sale."""
    labels = each.get("x-docpipe", {}).get("labels", {})
    texts = [folded(text) for words in labels.values() for text in words]
    return any(text in name for text in texts for name in sold)


def _tried(properties: Mapping[str, Any], languages: Sequence[str]) -> Properties:
    found: Properties = {name: _party(name, properties.get(name, {})) for name in _ROLES}
    if not any(each["type"] == "array" for each in properties.values()):
        found[ITEMS] = _receipt_items()
    formats = {each.get("format") for each in properties.values()}
    words = {each: list(lexicon(each).date_labels) for each in languages if each in LANGUAGES}
    if "date" not in formats and words:
        about = {"description": "The document's own date.", **OF_KIND["date"]}
        found["issue_date"] = {**about, "x-docpipe": {"labels": words}}
    if "currency" not in formats and any(map(_is_money, [*properties.values(), *found.values()])):
        found["currency"] = {"description": "ISO 4217 code of the amounts.", **OF_KIND["currency"]}
    return found


def _is_money(each: Mapping[str, Any]) -> bool:
    below = each.get("items", each).get("properties", {})
    return each.get("x-docpipe", {}).get("type") == "money" or any(map(_is_money, below.values()))


def _party(name: str, heading: Mapping[str, Any]) -> dict[str, Any]:
    """A party with name and address; `heading`: the field that its heading was taken for, if it has one."""
    role, about = _ROLES[name]
    fields = {
        key: {"description": text, **_TEXT, "x-docpipe": {"type": key}}
        for key, text in (("name", "The name as printed."), ("address", "The address, one printed line a line."))
    }
    labels = heading.get("x-docpipe", {}).get("labels")
    extension = {"role": role, **({"labels": labels} if labels else {})}
    return {"description": about, "type": "object", "properties": fields, "x-docpipe": extension}


def _receipt_items() -> dict[str, Any]:
    quantity = {"type": ["number", "null"], "x-docpipe": {"type": "quantity", "scale": 3}}
    fields = {
        "name": {"description": "What was sold, as printed.", **_TEXT},
        "quantity": {"description": "How many or how much of it.", **quantity},
        "amount": {"description": "What all of it costs.", **OF_KIND["money"]},
    }
    item = {"type": "object", "properties": fields}
    about = "What is sold, a name and an amount a line."
    return {"description": about, "type": "array", "items": item, "x-docpipe": {"role": "receipt_items"}}
