"""A total that is none: unproven, and a greater amount stands below it in its own column of sums."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from docpipe.literals.numbers import WITH_CENTS
from docpipe.literals.phrases import names_other_sum
from docpipe.records import Violation
from docpipe.resolve.ground import Evidence
from docpipe.resolve.page_index import PageIndex
from docpipe.schema.checks import field_at
from docpipe.schema.equations import Equation, equations_of
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import leaves

ALIGNED = 1.0  # of the line's height: how far apart the right edges of one column of sums are at most
REACH = 12.0  # of the line's height: how far below its total a sum stands at most
PARTS = 2  # amounts that a total is made of, at least


def outgrown_totals(
    schema: Schema, value: Mapping[str, Any], evidence: Mapping[str, Evidence], pages: Sequence[PageIndex]
) -> Iterator[Violation]:
    """A warning `outgrown` for each total that no check proves, and below which the page prints a greater amount in
    the same column that no field holds: what was read is the sum before tax, or of one part.
    """
    known = {path: leaf for path, leaf in leaves(value) if isinstance(leaf, Decimal)}
    held = {abs(leaf) for leaf in known.values()}
    for path, proofs in schema.made("totals", _totals).items():
        total, where = field_at(value, path), evidence.get(path)
        if not isinstance(total, Decimal) or where is None or where.place is None:
            continue
        if any(proof.confirms(known) for proof in proofs):
            continue
        page = next(page for page in pages if page.number == where.page)
        amounts = list(_below(page, where))
        greater = (
            amount
            for at, amount in enumerate(amounts)
            if amount > total and amount not in held and amount - total not in amounts[at:]  # money and its change
        )
        below = next(greater, None)
        if below is not None:
            message = f"{path} is {total}, nothing proves it, and {below} is printed below it"
            yield Violation("outgrown", "warning", message, (path,), str(total), str(below))


def _totals(schema: Schema) -> dict[str, list[Equation]]:
    """Path of an amount that stands alone on one side of an error check on the record -> the checks that prove it."""
    found: dict[str, list[Equation]] = {}
    for equation in equations_of(schema.checks):
        check = equation.check
        if equation.equality and not check.each and check.severity == "error" and len(equation.names) > PARTS:
            for side in (check.left.strip(), check.right.strip()):
                if side in equation.names:
                    found.setdefault(side, []).append(equation)
    return found


def _below(page: PageIndex, where: Evidence) -> Iterator[Decimal]:
    """The amounts with decimals below a place whose right edges are its own, as far as a line that names something
    else: a tip or a fee makes more of a total that was right.
    """
    assert where.place is not None
    right = page.words[where.place.end - 1].box.right
    middle, height = page.levels[where.place.start]
    across = height * page.page.height_pt / page.page.width_pt
    lower = (at for at in page.numbers if height / 2 < page.levels[at][0] - middle <= REACH * height)
    for at in sorted(lower, key=lambda at: page.levels[at]):
        if names_other_sum(" ".join(page.words[each].text for each in page.lines[page.line_of[at]])):
            return
        word = page.words[at]
        if abs(word.box.right - right) <= ALIGNED * across and WITH_CENTS.search(word.text):
            yield page.numbers[at]
