"""Totals that no page prints whole: a tax whose parts are printed, and which is their sum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from docpipe.resolve.ground import Evidence
from docpipe.schema.checks import field_at
from docpipe.schema.equations import equations_of
from docpipe.schema.nodes import Schema

LEAST_PARTS = 2
PARTS = "tax_breakdown"  # role of the lists whose rows are parts of one amount


def added_up(schema: Schema, value: Mapping[str, Any], evidence: Mapping[str, Evidence]) -> dict[str, Evidence]:
    """path -> where its parts stand, of every number that stands nowhere and is exactly the sum of parts that do.

    A check of the schema has to say that it is their sum, and the list to be a tax breakdown.
    """
    found: dict[str, Evidence] = {}
    for total, column in schema.made("totals_of_parts", _totals).items():
        whole, parts = field_at(value, total), field_at(value, column)
        if whole is None or total in evidence or not parts or None in parts or sum(parts) != whole:
            continue
        array, _, name = column.rpartition(".")
        places = [evidence.get(f"{array}[{at}].{name}") for at in range(len(parts))]
        printed = [place for place in places if place is not None]
        if LEAST_PARTS <= len(parts) == len(printed):
            page = printed[0].page
            boxes = tuple(box for place in printed if place.page == page for box in place.boxes)
            found[total] = Evidence(page, boxes, True, " + ".join(place.text for place in printed))
    return found


def _totals(schema: Schema) -> dict[str, str]:
    """Path of a number -> the column of a tax breakdown whose sum it is."""
    arrays = {path for path, array in schema.root.arrays() if array.role == PARTS}
    found: dict[str, str] = {}
    for equation in equations_of(schema.checks) if arrays else ():
        columns = [name[4:-1] for name in equation.names if name.startswith("sum(")]
        totals = [name for name in equation.names if not name.startswith("sum(")]
        whole = equation.equality and not equation.check.each and len(columns) == len(totals) == 1
        if whole and columns[0].rpartition(".")[0] in arrays:
            found.setdefault(totals[0], columns[0])
    return found
