"""From samples to a draft: what repeats becomes fields and lists, what has no key is found by its place, sums that hold
become checks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docpipe.draft.arithmetic import checks
from docpipe.draft.gathered import gathered
from docpipe.draft.leaves import names
from docpipe.draft.places import with_places
from docpipe.draft.proposed import proposed_schema, slug
from docpipe.draft.read_back import Answer, read_back
from docpipe.draft.samples import Sample
from docpipe.errors import NoInputs

_NUMBERS = ("money", "number", "integer")


@dataclass(frozen=True, slots=True)
class Draft:
    """`document`: the proposed JSON Schema. `read`: path -> how many of the samples the layout engine reads it in.

    `answers`: what that engine reads, a sample each.
    """

    document: Mapping[str, Any]
    read: Mapping[str, int]
    answers: tuple[Answer, ...]


def drafted(samples: Sequence[Sample], title: str) -> Draft:
    """A schema of what the samples have in common. Raises NoInputs where they have nothing."""
    found = gathered(samples)
    fields = names(found.fields, slug)
    loose = frozenset(name for name, leaf in fields.items() if leaf.concept is None and leaf.kind in _NUMBERS)
    document = with_places(proposed_schema(found, title), samples, found.languages, loose)
    if not document["properties"]:
        raise NoInputs(
            f"nothing repeats over {len(samples)} samples: no key, no table",
            remedy="Name documents of one kind, best of one layout.",
        )
    back = read_back(document, samples)
    if found_checks := checks(document["properties"], back.answers):
        document = {**document, "x-docpipe": {"checks": found_checks}}
        back = read_back(document, samples)
    return Draft(document, back.counts, back.answers)
