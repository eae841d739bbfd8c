"""From samples to a draft: what repeats becomes fields and lists, the parties that can be read, the sums that hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from docpipe.draft.arithmetic import checks
from docpipe.draft.gathered import LEAST_SHARE, gathered
from docpipe.draft.proposed import proposed_schema
from docpipe.draft.read_back import Answer, read_back
from docpipe.draft.samples import Sample
from docpipe.errors import NoInputs

_TEXT = {"type": ["string", "null"]}
_AMOUNT = {"type": ["number", "null"], "x-docpipe": {"type": "money", "scale": 3}}
_ROLES = {"seller": ("issuer", "Who made the document."), "buyer": ("recipient", "Whom it is addressed to.")}


@dataclass(frozen=True, slots=True)
class Draft:
    """`document`: the proposed JSON Schema. `read`: path -> how many of the samples the layout engine reads it in.

    `answers`: what that engine reads, a sample each.
    """

    document: Mapping[str, Any]
    read: Mapping[str, int]
    answers: tuple[Answer, ...]


def drafted(samples: Sequence[Sample], title: str) -> Draft:
    """A schema that repeats what the samples have in common. Raises NoInputs where they have nothing."""
    found = gathered(samples)
    document = proposed_schema(found, title)
    if not document["properties"]:
        raise NoInputs(
            f"nothing repeats over {len(samples)} samples: no key, no table",
            remedy="Name documents of one kind, best of one layout.",
        )
    document = _with_places(document, samples)
    back = read_back(document, samples)
    if found_checks := checks(document["properties"], back.answers):
        document = {**document, "x-docpipe": {"checks": found_checks}}
        back = read_back(document, samples)
    return Draft(document, back.counts, back.answers)


def _with_places(document: dict[str, Any], samples: Sequence[Sample]) -> dict[str, Any]:
    """The document with what has no key on paper, as far as the engine finds it: parties, items of receipts."""
    properties = dict(document["properties"])
    tried = {name: _party(name, properties.get(name, {})) for name in _ROLES}
    if not any(each["type"] == "array" for each in properties.values()):
        tried["items"] = _receipt_items()
    both = {**document, "properties": {**properties, **tried}}
    counts = read_back(both, samples).counts
    least = max(1, ceil(LEAST_SHARE * len(samples)))
    for name, each in tried.items():
        parts = each.get("items", each)["properties"].keys() - {"quantity"}
        often = min(counts.get(f"{name}.{part}", 0) for part in parts)
        if often >= least:
            about = f"{each['description']} Read in {often} of {len(samples)} samples."
            properties[name] = {**each, "description": about}
    return {**document, "properties": properties}


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
        "amount": {"description": "What all of it costs.", **_AMOUNT},
    }
    item = {"type": "object", "properties": fields}
    about = "What is sold, a name and an amount a line."
    return {"description": about, "type": "array", "items": item, "x-docpipe": {"role": "receipt_items"}}
