"""A field's own name, the first label that the schema has for it in a language, says more than its other labels.

Where a page prints "Invoice date" and "Tax point" with two different days, the first is the date of the invoice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex, Match
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.scoring.weights import weight

BESIDE_OWN = weight("label.beside_own_name")  # of the quality of another label remains


def own_names_first(keys: Sequence[Key], index: LabelIndex) -> list[Key]:
    """`keys` of one page; those of a date or an identifier that is printed under its own name, too, are less sure."""
    named = {field.path for key in keys for field in key.fields() if _is_own(key, field, index)}
    if not named:
        return list(keys)
    return [
        replace(
            key,
            matches=tuple(_weighed(match, key, index) if match.field.path in named else match for match in key.matches),
        )
        for key in keys
    ]


def _is_own(key: Key, field: Field, index: LabelIndex) -> bool:
    dated_or_numbered = field.node.kind == "date" or field.type == "identifier"
    return dated_or_numbered and (key_of(key.segment.text), field.path) in index.own_names


def _weighed(match: Match, key: Key, index: LabelIndex) -> Match:
    own = _is_own(key, match.field, index)
    return match if own else replace(match, quality=match.quality * BESIDE_OWN)
