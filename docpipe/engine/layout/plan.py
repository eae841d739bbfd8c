"""One schema prepared for reading, and the way of one document through the engine's steps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from docpipe.engine.layout.answer import Leaf, Row, to_json, to_spans
from docpipe.engine.layout.candidates import Candidate, Surroundings, around_caption
from docpipe.engine.layout.captions import Caption, find_captions
from docpipe.engine.layout.choose import choose
from docpipe.engine.layout.equations import Equation, equations_of
from docpipe.engine.layout.labels import Field, LabelIndex, build_index
from docpipe.engine.layout.lines import Segment, Sheet, read_sheet
from docpipe.engine.layout.readings import Style, infer_style, read
from docpipe.engine.layout.tables import Table, TableReader, column_sums
from docpipe.records import Request, Span
from docpipe.schema.load import parse_schema

FREE_SCORE = 0.1  # of an amount on no caption: only arithmetic can raise it


@dataclass(frozen=True, slots=True)
class Plan:
    """What a schema's labels and checks mean to this engine; built once a schema."""

    index: LabelIndex
    equations: tuple[Equation, ...]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Plan:
        """Raises InvalidSchema for a document that is no usable schema."""
        schema = parse_schema(document, "schema")
        return cls(build_index(schema), equations_of(schema.checks))

    def read(self, request: Request) -> tuple[str, tuple[Span, ...]]:
        """(the answer as JSON text, its spans) for the pages of one request."""
        sheets = [read_sheet(page, number) for number, page in enumerate(request.pages)]
        style = infer_style(sheets)
        tables = TableReader(self.index, self.equations, style).tables(sheets)
        rows = _rows_of(tables)
        leaves = self._leaves(sheets, style, tables, column_sums(rows))
        return to_json(self.index.schema.root, leaves, rows), to_spans(leaves, rows, sheets)

    def _leaves(
        self, sheets: Sequence[Sheet], style: Style, tables: Sequence[Table], sums: Mapping[str, float]
    ) -> dict[str, Leaf]:
        """The scalar fields: captions, candidates around them, one choice over all."""
        candidates: list[Candidate] = []
        free: list[Candidate] = []
        for number, sheet in enumerate(sheets):
            taken = [segment for table in tables if table.sheet == number for segment in table.segments]
            captions = _outside(find_captions(sheet, self.index), taken)
            place = Surroundings(sheet, captions, taken)
            for caption in captions:
                candidates += around_caption(len(candidates), caption, place, style)
            free += self._free(sheet, place, style)
        chosen = choose(candidates, self.equations, sums, free)
        return {
            path: Leaf(one.reading.value, one.pieces, one.page, one.score) for path, one in chosen.items()
        }

    def _free(self, sheet: Sheet, place: Surroundings, style: Style) -> Iterable[Candidate]:
        """Every amount outside captions and tables, for every number field that a check ties."""
        names = {name for equation in self.equations if not equation.check.each for name in equation.names}
        fields = [one for one in self.index.fields if one.path in names and one.node.kind == "number"]
        for line in sheet.lines:
            for segment in line.segments:
                if fields and place.free(segment):
                    yield from _as_free(segment, fields, style)


def _as_free(segment: Segment, fields: Sequence[Field], style: Style) -> Iterable[Candidate]:
    """The amount at the end of a segment, as a candidate of each field."""
    for start in range(max(0, len(segment.pieces) - 3), len(segment.pieces)):
        reading = read(fields[0], segment.pieces[start:], style)
        if reading is not None and len(reading.pieces) == len(segment.pieces) - start:
            for one in fields:
                yield Candidate(one, reading, segment.page, FREE_SCORE, "free")
            return


def _outside(captions: Iterable[Caption], taken: Iterable[Segment]) -> list[Caption]:
    """Captions that are no cells of a table."""
    cells = {id(piece) for segment in taken for piece in segment.pieces}
    return [caption for caption in captions if id(caption.segment.pieces[0]) not in cells]


def _rows_of(tables: Iterable[Table]) -> dict[str, list[Row]]:
    rows: dict[str, list[Row]] = {}
    for table in tables:
        rows.setdefault(table.array, []).extend(table.rows)
    return rows
