"""A field's own name, the first label that the schema has for it in a language, says more than its other labels.

Where a page prints "Invoice date" and "Tax point" with two different days, the first is the date of the invoice.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from docpipe.engine.layout.keys.fields import Field, key_of
from docpipe.engine.layout.keys.label_index import LabelIndex
from docpipe.engine.layout.keys.printed_keys import Key
from docpipe.engine.layout.scoring.weights import weight

BESIDE_OWN = weight("label.beside_own_name")  # of the quality of another label remains


def own_names_first(keys: Sequence[Key], index: LabelIndex) -> list[Key]:
    """`keys` of one page; those of a date or an identifier that is printed under its own name, too, are less sure."""
    named = {field.path for key in keys for field in key.fields() if _is_own(key, field, index)}
    others = [any(_is_beside(match.field, key, named, index) for match in key.matches) for key in keys]
    return [_doubted(key, named, index) if other else key for key, other in zip(keys, others, strict=True)]


def _is_own(key: Key, field: Field, index: LabelIndex) -> bool:
    dated_or_numbered = field.node.kind == "date" or field.type == "identifier"
    return dated_or_numbered and (key_of(key.segment.text), field.path) in index.own_names


def _is_beside(field: Field, key: Key, named: Collection[str], index: LabelIndex) -> bool:
    """Whether a key is another label of a field whose own name is printed as well."""
    return field.path in named and not _is_own(key, field, index)


def _doubted(key: Key, named: Collection[str], index: LabelIndex) -> Key:
    matches = (
        replace(match, quality=match.quality * BESIDE_OWN) if _is_beside(match.field, key, named, index) else match
        for match in key.matches
    )
    return replace(key, matches=tuple(matches))
