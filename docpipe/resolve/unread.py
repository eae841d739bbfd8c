"""Important values that a page prints beside their keys, and that nobody read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from docpipe.literals.conventions import Conventions
from docpipe.records import Violation
from docpipe.resolve.page_index import PageIndex
from docpipe.resolve.prose import printed_for
from docpipe.schema.importance import important
from docpipe.schema.nodes import Node, Schema
from docpipe.schema.paths import leaves, value_at

UNREAD = "unread"
KINDS = ("number", "integer", "date")  # print shows whether it is one; a text may be anything


def unread(schema: Schema, value: Mapping[str, Any], pages: Sequence[PageIndex]) -> Iterator[Violation]:
    """A warning for each important number or date that is null in `value` while a page prints one at its key that no
    field of the record holds. What is required and null is told without that.
    """
    paths = important(schema)
    wanted = [
        (path, node)
        for path, node in schema.root.leaves()
        if path in paths and not node.required and node.kind in KINDS and value_at(value, path) is None
    ]
    held = {abs(leaf) if isinstance(leaf, Decimal | int) else leaf for _, leaf in leaves(value)} if wanted else set()
    for path, node in wanted:
        printed = next((text for page in pages for text in _unheld(node, page, held)), None)
        if printed is not None:
            message = f"{path} is null, and its key stands beside {printed}"
            yield Violation(UNREAD, "warning", message, (path,), "", printed[:200])


def _unheld(node: Node, page: PageIndex, held: Collection[Any]) -> Iterator[str]:
    for text in printed_for(node, page, None):
        meant = _meant(node, text, page.conventions)
        if meant is not None and meant not in held:
            yield text


def _meant(node: Node, text: str, conventions: Conventions) -> dt.date | Decimal | None:
    if node.kind == "date":
        date = conventions.date(text.strip(".,;:()"))
        return None if date is None else date.date
    number = conventions.number(text, money=node.type == "money")
    return None if number is None else abs(number)
