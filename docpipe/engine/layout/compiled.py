"""What a schema's labels, roles and checks mean to this engine: built once a schema, used for every document."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from docpipe.engine.layout.arrays import (
    RateArray,
    SummaryArray,
    computed_items,
    rate_arrays,
    receipt_arrays,
    summary_arrays,
)
from docpipe.engine.layout.charts.reader import ChartArray, chart_array
from docpipe.engine.layout.forms.checkboxes import CheckboxArray, checkbox_arrays
from docpipe.engine.layout.forms.pairs import PairArray, pair_arrays
from docpipe.engine.layout.grids.arrays import GridArray, grid_arrays
from docpipe.engine.layout.keys.field_names import Names, named
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.keys_as_values import KeyAsValue, keys_as_values
from docpipe.engine.layout.keys.label_index import LabelIndex, build_index
from docpipe.engine.layout.keys.proposals import Proposal, proposals, with_proposals
from docpipe.engine.layout.receipts.items import ReceiptArray
from docpipe.literals.currencies import CENTS
from docpipe.schema.equations import Equation, equations_of
from docpipe.schema.nodes import Schema
from docpipe.schema.roles import ARRAY_ROLES


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A schema ready to be read under. `scalars` are its fields outside arrays."""

    index: LabelIndex
    scalars: tuple[Field, ...]
    equations: tuple[Equation, ...]
    range_ends: Mapping[str, Field]  # path of a range's first date -> the field of its last
    tied: tuple[Field, ...]  # amounts that arithmetic can find without a key
    rates: tuple[RateArray, ...]
    pairs: tuple[PairArray, ...]
    checkboxes: tuple[CheckboxArray, ...]
    receipts: tuple[ReceiptArray, ...]
    plain_items: tuple[ReceiptArray, ...]  # of line items that may be printed without a table
    grids: tuple[GridArray, ...]
    charts: tuple[ChartArray, ...]
    titles: tuple[Field, ...]
    weak: tuple[Field, ...]  # that have weak labels
    summaries: tuple[SummaryArray, ...]
    keys_as_values: tuple[KeyAsValue, ...]
    names: Mapping[str, Names]  # of the fields that have their names for labels
    proposed: tuple[Proposal, ...]  # what the schema does not declare, and is read as if it did
    by_name: CompiledSchema | None = None  # what is read a second time for fields without labels

    def in_currency(self, places: int) -> CompiledSchema:
        """For a document whose amounts have so many decimals."""
        if places == CENTS:
            return self
        equations = tuple(replace(equation, places=places) for equation in self.equations)
        by_name = None if self.by_name is None else self.by_name.in_currency(places)
        return replace(self, equations=equations, by_name=by_name)


def compile_schema(schema: Schema) -> CompiledSchema:
    """The compiled schema; costs some milliseconds, so keep it."""
    compiled = _compiled(schema, {})
    whole = {array.path for arrays in (compiled.pairs, compiled.checkboxes, compiled.grids) for array in arrays}
    with_names, names = named(schema, whole)
    if not names:
        return compiled
    by_name = replace(
        _compiled(with_names, names), pairs=(), checkboxes=(), grids=(), charts=(), titles=()
    )  # none of them needs labels
    return replace(compiled, by_name=by_name)


def _compiled(schema: Schema, names: Mapping[str, Names]) -> CompiledSchema:
    proposed = proposals(schema)
    schema = with_proposals(schema, proposed)
    index = build_index(schema, names)
    equations = equations_of(schema.checks)
    arrays: dict[str, list[str]] = {role: [] for role in ARRAY_ROLES}
    for path, array in schema.root.arrays():
        arrays.setdefault(array.role, []).append(path)
    charts = (chart_array(path, array) for path, array in schema.root.arrays() if array.role == "chart_series")
    return CompiledSchema(
        index,
        tuple(field for field in index.fields if not field.array),
        equations,
        _range_ends(index, schema),
        _tied_amounts(index, equations),
        rate_arrays(index.fields, arrays["tax_breakdown"], equations),
        pair_arrays(index.fields, arrays["key_values"]),
        checkbox_arrays(index.fields, arrays["checkboxes"]),
        receipt_arrays(index.fields, arrays["receipt_items"], equations),
        computed_items(index.fields, arrays["line_items"], equations),
        grid_arrays(schema, arrays["tables"]),
        tuple(array for array in charts if array is not None),
        tuple(field for field in index.fields if field.node.role == "title" and not field.array),
        tuple(field for field in index.fields if field.node.weak_labels and not field.array),
        summary_arrays(index.fields, arrays["tax_breakdown"], equations),
        keys_as_values(index, equations),
        names,
        proposed,
    )


def _tied_amounts(index: LabelIndex, equations: Iterable[Equation]) -> tuple[Field, ...]:
    """Number fields that a check on the whole record ties to others."""
    names = {name for equation in equations if not equation.check.each for name in equation.names}
    return tuple(field for field in index.fields if field.path in names and field.node.kind == "number")


def _range_ends(index: LabelIndex, schema: Schema) -> dict[str, Field]:
    """Pairs of dates that a check puts in order: they may be printed as one range."""
    dates = {field.path: field for field in index.fields if field.node.kind == "date" and not field.array}
    ordered = [(check.right, check.left) for check in schema.checks if check.op in (">=", ">")]
    ordered += [(check.left, check.right) for check in schema.checks if check.op in ("<=", "<")]
    return {start: dates[end] for start, end in ordered if start in dates and end in dates}
