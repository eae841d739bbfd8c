"""One schema prepared for reading, and the way of one document through the engine's steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from docpipe.engine.layout.answer import Leaf, Row, to_json, to_spans
from docpipe.engine.layout.forms.checkboxes import CheckboxArray, checkbox_arrays, checkbox_rows, find_checkboxes
from docpipe.engine.layout.forms.headings import headings, told_apart
from docpipe.engine.layout.forms.ink import with_drawn_rules
from docpipe.engine.layout.forms.input_fields import find_input_fields
from docpipe.engine.layout.forms.pairs import PairArray, pair_arrays, pair_rows
from docpipe.engine.layout.keys.by_name import with_named
from docpipe.engine.layout.keys.field_names import Names, named
from docpipe.engine.layout.keys.fields import Field
from docpipe.engine.layout.keys.keys_as_values import KeyAsValue, key_leaves, keys_as_values
from docpipe.engine.layout.keys.label_index import LabelIndex, build_index
from docpipe.engine.layout.keys.printed_keys import Key, find_keys
from docpipe.engine.layout.keys.proposals import Proposal, proposals, with_proposals
from docpipe.engine.layout.parties.find_parties import find_parties, party_leaves
from docpipe.engine.layout.parties.zones import Zone, find_zones, weigh, widen
from docpipe.engine.layout.receipts.items import ReceiptArray
from docpipe.engine.layout.receipts.reader import Receipt, read_receipt, receipt_arrays
from docpipe.engine.layout.scalars.candidates import Candidate, Surroundings, around_key
from docpipe.engine.layout.scalars.titles import title_fields, title_leaves
from docpipe.engine.layout.scalars.without_key import currencies, free_amounts, unprompted
from docpipe.engine.layout.scoring.assign import choose
from docpipe.engine.layout.scoring.confidence import doubt_signs, doubted, probability, sure_rows
from docpipe.engine.layout.scoring.equations import Equation, equations_of
from docpipe.engine.layout.scoring.weights import weight
from docpipe.engine.layout.tables.rates import RateArray, rate_arrays, rate_rows
from docpipe.engine.layout.tables.reader import Table, TableReader, column_sums
from docpipe.engine.layout.tables.tax_breakdown import Summary, SummaryArray, read_summary, summary_arrays
from docpipe.literals.conventions import Conventions
from docpipe.literals.numbers import parse_number
from docpipe.page.lines import PageText, Segment, read_page, read_pages
from docpipe.records import Page, Request, Span
from docpipe.schema.load import parse_schema
from docpipe.schema.nodes import Schema
from docpipe.schema.roles import ARRAY_ROLES

Rows = Table | Receipt | Summary
NAMED = weight("threshold.named_amount")  # score of an amount beside a key from which it is that key's


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schema's labels and checks mean to this engine; built once a schema."""

    index: LabelIndex
    equations: tuple[Equation, ...]
    ends: Mapping[str, Field]  # path of a range's first date -> the field of its last
    tied: tuple[Field, ...]  # amounts that arithmetic can find without a key
    rates: tuple[RateArray, ...]
    pairs: tuple[PairArray, ...]
    boxes: tuple[CheckboxArray, ...]
    receipts: tuple[ReceiptArray, ...]
    titles: tuple[Field, ...]
    summaries: tuple[SummaryArray, ...]
    keyed: tuple[KeyAsValue, ...]
    names: Mapping[str, Names]  # of the fields that have their names for labels
    proposed: tuple[Proposal, ...]  # what the schema does not declare, and is read as if it did
    by_name: Plan | None = None  # what is read a second time for fields without labels

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Plan:
        """Raises InvalidSchema for a document that is no usable schema."""
        return cls.of_schema(parse_schema(document, "schema"))

    @classmethod
    def of_schema(cls, schema: Schema) -> Plan:
        """The plan of a schema that was parsed before."""
        plan = cls._of(schema, {})
        other, names = named(schema, {*(one.path for one in plan.pairs), *(one.path for one in plan.boxes)})
        return replace(plan, by_name=cls._of(other, names)) if names else plan

    @classmethod
    def _of(cls, schema: Schema, names: Mapping[str, Names]) -> Plan:
        proposed = proposals(schema)
        schema = with_proposals(schema, proposed)
        index = build_index(schema, names)
        equations = equations_of(schema.checks)
        arrays: dict[str, list[str]] = {role: [] for role in ARRAY_ROLES}
        for path, array in schema.root.arrays():
            arrays.setdefault(array.role, []).append(path)
        return cls(
            index,
            equations,
            _ranges(index, schema),
            _tied_amounts(index, equations),
            rate_arrays(index.fields, arrays["tax_breakdown"], equations),
            pair_arrays(index.fields, arrays["key_values"]),
            checkbox_arrays(index.fields, arrays["checkboxes"]),
            receipt_arrays(index.fields, arrays["receipt_items"], equations),
            title_fields(index.fields),
            summary_arrays(index.fields, arrays["tax_breakdown"], equations),
            keys_as_values(index, equations),
            names,
            proposed,
        )

    def read(self, request: Request) -> tuple[str, tuple[Span, ...]]:
        """(the answer as JSON text, its spans) for the pages of one request."""
        page_texts = read_pages(request.pages)
        style = Conventions.of_pages(request.pages)
        leaves, rows = self._values(page_texts, style)
        if self.by_name is not None:
            leaves, rows = with_named(leaves, rows, *self.by_name._values(page_texts, style), self.by_name.names)
        if self.pairs or self.boxes:
            self._form(page_texts, request.pages, rows)
        if request.first:
            leaves = title_leaves(self.titles, page_texts, rows.values()) | leaves
        return to_json(self.index.schema.root, leaves, rows), to_spans(leaves, rows, page_texts)

    def _values(
        self, page_texts: Sequence[PageText], style: Conventions
    ) -> tuple[dict[str, Leaf], dict[str, list[Row]]]:
        """The scalar fields and the rows of arrays, those of forms apart."""
        tables = self._with_receipts(
            TableReader(self.index, self.equations, style).tables(page_texts), page_texts, style
        )
        tables = self._with_summaries(tables, page_texts, style)
        rows = _rows_of(tables)
        leaves = self._leaves(page_texts, style, tables, rows)
        return doubt_signs(leaves, {path: sure_rows(found) for path, found in rows.items()}, self.equations)

    def _with_receipts(
        self, tables: Sequence[Table], page_texts: Sequence[PageText], style: Conventions
    ) -> Sequence[Rows]:
        """Items without a header take a table's place: by their sum, if it alone is printed, else by their cells."""
        kept: list[Rows] = list(tables)
        for array in self.receipts:
            found = [
                read_receipt(array, page_text, number, self.index, style) for number, page_text in enumerate(page_texts)
            ]
            receipts = [one for one in found if one is not None]
            mine = [one for one in kept if one.array == array.path]
            if _worth(receipts, array, page_texts) > _worth(mine, array, page_texts):
                kept = [*(one for one in kept if one.array != array.path), *receipts]
        return kept

    def _with_summaries(
        self, tables: Sequence[Rows], page_texts: Sequence[PageText], style: Conventions
    ) -> Sequence[Rows]:
        """Rows that arithmetic finds take the place of a table that has no more rows which agree with it."""
        kept = list(tables)
        for array in self.summaries:
            others = [one for one in kept if one.array != array.path]
            taken = {token.index for table in others for one in table.segments for token in one.tokens}
            summaries = [
                read_summary(array, page_text, number, taken, self.index, style)
                for number, page_text in enumerate(page_texts)
            ]
            found = [one for one in summaries if one is not None]
            mine = [row for one in kept if one.array == array.path for row in one.rows]
            if found and sum(len(one.rows) for one in found) >= sum(array.agrees(row) for row in mine):
                kept = [*others, *found]
        return kept

    def _form(self, page_texts: Sequence[PageText], pages: Sequence[Page], rows: dict[str, list[Row]]) -> None:
        """Adds the open pairs and the checkboxes of every page to `rows`."""
        heads: list[list[Segment]] = []
        for number, (page_text, page) in enumerate(zip(page_texts, pages, strict=True)):
            drawn = (
                page_text if page_text.rules else read_page(with_drawn_rules(page, page_text), number, page_text.first)
            )
            input_fields, squares = find_input_fields(drawn, page)
            checkboxes = find_checkboxes(drawn, page, squares, input_fields)
            heads.append(headings(drawn, input_fields))
            taken: set[int] = set()
            for boxes in self.boxes:
                rows.setdefault(boxes.path, []).extend(checkbox_rows(boxes, drawn, number, checkboxes, taken))
            for pairs in self.pairs:
                rows.setdefault(pairs.path, []).extend(
                    pair_rows(pairs, drawn, number, input_fields, taken, drawn=drawn is page_text)
                )
        for pairs in self.pairs:
            rows[pairs.path] = told_apart(pairs.key.path, rows.get(pairs.path, ()), heads)

    def _leaves(
        self, page_texts: Sequence[PageText], style: Conventions, tables: Sequence[Rows], rows: dict[str, list[Row]]
    ) -> dict[str, Leaf]:
        """The scalar fields: keys, candidates around them, one choice over all.

        Arrays that stand in keys rather than tables are added to `rows` on the way.
        """
        candidates: list[Candidate] = []
        free: list[Candidate] = []
        places: list[Surroundings] = []
        zones: list[Zone] = []
        keys: dict[int, Key] = {}
        for number, page_text in enumerate(page_texts):
            taken = [segment for table in tables if table.page_text == number for segment in table.segments]
            mine = dict(enumerate(_outside(find_keys(page_text, self.index), taken), len(keys)))
            place = Surroundings(page_text, mine.values(), taken)
            here = find_zones(list(mine.values()), place, number)
            for at, key in mine.items():
                around = around_key(at, key, place, style, self.ends)
                candidates += weigh([widen(one, place) for one in around], here, place, self.index)
            candidates += weigh(unprompted(self.index, place, style), here, place, self.index)
            free += free_amounts(self.tied, place, style)
            keys |= mine
            places.append(place)
            zones += here
        candidates += currencies(self.index, places, style)
        candidates += [one.total for one in tables if isinstance(one, Receipt) and one.total is not None]
        for array in self.rates:
            rows.setdefault(array.path, []).extend(() if rows.get(array.path) else rate_rows(array, keys, candidates))
        chosen = choose(candidates, self.equations, column_sums(rows), _nameless(free, candidates, self.tied))
        leaves = {
            path: Leaf(
                one.reading.value,
                one.tokens,
                one.page,
                doubted(probability(one.evidence, one.score), one.doubt),
                one.place,
            )
            for path, one in chosen.items()
        }
        leaves = _merged(leaves, key_leaves(self.keyed, chosen, page_texts, self.index, style))
        return _merged(leaves, party_leaves(self.index, find_parties(self.index, places, zones)))


def _tied_amounts(index: LabelIndex, equations: Iterable[Equation]) -> tuple[Field, ...]:
    """Number fields that a check on the whole record ties to others."""
    names = {name for equation in equations if not equation.check.each for name in equation.names}
    return tuple(one for one in index.fields if one.path in names and one.node.kind == "number")


def _nameless(free: Iterable[Candidate], candidates: Iterable[Candidate], tied: Sequence[Field]) -> list[Candidate]:
    """The free amounts that no key gives to a field outside the arithmetic: a tip is no change."""
    named = {
        token.index
        for one in candidates
        if one.key is not None and one.score >= NAMED and one.field.node.kind == "number" and one.field not in tied
        for token in one.tokens
    }
    return [one for one in free if not any(token.index in named for token in one.tokens)]


def _ranges(index: LabelIndex, schema: Schema) -> dict[str, Field]:
    """Pairs of dates that a check puts in order: they may be printed as one range."""
    dates = {one.path: one for one in index.fields if one.node.kind == "date" and not one.array}
    ordered = [(check.right, check.left) for check in schema.checks if check.op in (">=", ">")]
    ordered += [(check.left, check.right) for check in schema.checks if check.op in ("<=", "<")]
    return {start: dates[end] for start, end in ordered if start in dates and end in dates}


def _merged(leaves: Mapping[str, Leaf], parties: Mapping[str, Leaf]) -> dict[str, Leaf]:
    """Both, the surer one where both have a value for a field."""
    return {
        path: max((found[path] for found in (leaves, parties) if path in found), key=lambda leaf: leaf.score)
        for path in [*leaves, *(path for path in parties if path not in leaves)]
    }


def _outside(keys: Iterable[Key], taken: Iterable[Segment]) -> list[Key]:
    """Keys that are no cells of a table."""
    cells = {token.index for segment in taken for token in segment.tokens}
    return [key for key in keys if key.segment.tokens[0].index not in cells]


def _worth(tables: Sequence[Rows], array: ReceiptArray, page_texts: Sequence[PageText]) -> tuple[bool, int]:
    """(whether the sum of the rows' amounts is printed, how many cells there are)."""
    rows = [row for table in tables for row in table.rows]
    amounts = [row[array.amount.path].value for row in rows if array.amount.path in row]
    summed = sum((one for one in amounts if isinstance(one, Decimal)), Decimal(0))
    texts = {
        segment.tokens[-1].text for page_text in page_texts for line in page_text.lines for segment in line.segments
    }
    printed = len(amounts) == len(rows) > 0 and summed in {parse_number(text) for text in texts}
    return printed, sum(map(len, rows))


def _rows_of(tables: Iterable[Rows]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for table in tables:
        rows.setdefault(table.array, []).extend(table.rows)
    return rows
