"""What the arrays of a schema are to row readers: which of their fields is the rate, the amount, the name.

Told by the types of the fields and by the checks that tie them; the role of an array says which reader it has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from docpipe.engine.layout.answer import Row
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.receipts.items import ReceiptArray
from docpipe.schema.equations import Equation

CENT = Decimal("0.01")  # the product of a rate and its base may differ by a rounded cent


@dataclass(frozen=True, slots=True)
class RateArray:
    """An array whose items are a rate and what it yields; `total` is the field that a check sums it to."""

    path: str
    rate: Field
    amount: Field
    total: Field


def rate_arrays(
    fields: Iterable[Field], paths: Collection[str], equations: Iterable[Equation]
) -> tuple[RateArray, ...]:
    """The arrays at `paths` that have a rate, and an amount that a check sums to a field outside."""
    by_path = {field.path: field for field in fields}
    found = []
    for equation in equations:
        sums = [name[4:-1] for name in equation.names if name.startswith("sum(")]
        totals = [name for name in equation.names if name in by_path and not by_path[name].array]
        if len(sums) != 1 or len(totals) != 1 or sums[0] not in by_path or not equation.equality:
            continue
        amount = by_path[sums[0]]
        rates = [
            candidate_rate
            for candidate_rate in by_path.values()
            if candidate_rate.array == amount.array and candidate_rate.type == "rate"
        ]
        if len(rates) == 1 and amount.array in paths:
            found.append(RateArray(amount.array, rates[0], amount, by_path[totals[0]]))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class SummaryArray:
    """An array of the schema whose check says that `amount` is `base` times `rate` percent."""

    path: str
    rate: Field
    base: Field
    amount: Field

    def agrees(self, row: Row) -> bool:
        """Whether a row prints a rate, a base and a tax that fit each other."""
        leaves = [row[field.path].value for field in (self.rate, self.base, self.amount) if field.path in row]
        numbers = [value for value in leaves if isinstance(value, Decimal)]
        return len(numbers) == 3 and abs(numbers[0] * numbers[1] / 100 - numbers[2]) <= CENT


def summary_arrays(
    fields: Iterable[Field], paths: Collection[str], equations: Iterable[Equation]
) -> tuple[SummaryArray, ...]:
    """The arrays at `paths` that have a rate, what it is computed on, and what it yields."""
    fields, found = tuple(fields), []
    for equation in equations:
        array = equation.check.each
        mine = {
            field.path.removeprefix(f"{array}."): field for field in fields if array in paths and field.array == array
        }
        results = [(names[0], factor) for names, factor in equation.terms if len(names) == 1]
        products = [(names, factor) for names, factor in equation.terms if len(names) == 2]
        if not equation.equality or len(results) != 1 or len(products) != 1 or not mine.keys() >= set(equation.names):
            continue
        (result, one), (factors, other) = results[0], products[0]
        rates = [mine[name] for name in factors if mine[name].type == "rate"]
        bases = [mine[name] for name in factors if mine[name].type != "rate"]
        if len(rates) == 1 and len(bases) == 1 and other * 100 == -one:
            found.append(SummaryArray(array, rates[0], bases[0], mine[result]))
    return tuple(found)


def receipt_arrays(
    fields: Sequence[Field], paths: Sequence[str], equations: Sequence[Equation]
) -> tuple[ReceiptArray, ...]:
    """The parts of the arrays at `paths`: by the check that computes their amounts, else by their types."""
    computed = computed_items(fields, paths, equations)
    others = [path for path in paths if all(computed_array.path != path for computed_array in computed)]
    return (*computed, *_items_by_type(fields, others, equations))


def computed_items(
    fields: Iterable[Field], paths: Collection[str], equations: Sequence[Equation]
) -> tuple[ReceiptArray, ...]:
    """The arrays at `paths` whose amount a check computes from two other fields."""
    fields = tuple(fields)
    found = []
    for equation in equations:
        array, products = equation.check.each, [names for names, _ in equation.terms if len(names) == 2]
        mine = {
            field.path.removeprefix(f"{array}."): field for field in fields if array in paths and field.array == array
        }
        amounts = [names[0] for names, _ in equation.terms if len(names) == 1]
        texts = _texts(mine.values())
        if equation.equality and len(amounts) == 1 and len(products) == 1 and texts and amounts[0] in mine:
            factors = [mine[name] for name in products[0] if name in mine]
            count = next((factor for factor in factors if factor.type == "quantity"), None)
            price = next((factor for factor in factors if factor is not count), None)
            amount = mine[amounts[0]]
            found.append(ReceiptArray(array, texts[0], amount, count, price, _ceiling(amount, fields, equations)))
    return tuple(found)


def _items_by_type(
    fields: Sequence[Field], paths: Iterable[str], equations: Sequence[Equation]
) -> Iterator[ReceiptArray]:
    """The arrays with one text or more and one field of money: without a check nothing tells two of them apart."""
    for path in paths:
        mine = [field for field in fields if field.array == path]
        texts, amounts = _texts(mine), [money_field for money_field in mine if money_field.type == "money"]
        count = next((counted for counted in mine if counted.type == "quantity"), None)
        if texts and len(amounts) == 1:
            yield ReceiptArray(path, texts[0], amounts[0], count, None, _ceiling(amounts[0], fields, equations))


def _texts(fields: Iterable[Field]) -> list[Field]:
    return [field for field in fields if field.node.kind == "string" and field.type in ("text", "name")]


def _ceiling(amount: Field, fields: Iterable[Field], equations: Sequence[Equation]) -> Field | None:
    """The field that a check says is at least the sum of the amounts."""
    checks = [
        equation.check
        for equation in equations
        if equation.check.op == "<=" and equation.check.left == f"sum({amount.path})"
    ]
    return next((field for check in checks for field in fields if field.path == check.right), None)
