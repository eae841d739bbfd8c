"""From the pages of one document to an answer: rows, candidates, one choice.

GENERATORS and ROW_READERS are all the rules that find values. A rule's name is the `method` of what it finds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from docpipe.engine.layout.answer import Leaf, Row, to_json, to_spans
from docpipe.engine.layout.charts.reader import CHART_SERIES, CHART_TEXT, chart_texts, read_charts
from docpipe.engine.layout.compiled import CompiledSchema
from docpipe.engine.layout.document import Document
from docpipe.engine.layout.forms.checkboxes import CHECKBOXES
from docpipe.engine.layout.forms.pairs import KEY_VALUES
from docpipe.engine.layout.forms.reader import read_checkboxes, read_key_values
from docpipe.engine.layout.grids.reader import GRIDS, read_grids
from docpipe.engine.layout.keys.by_name import with_named
from docpipe.engine.layout.parties.find_parties import by_place, letterheads, mastheads, under_headings
from docpipe.engine.layout.receipts.items import RECEIPT_ITEMS
from docpipe.engine.layout.receipts.paid import PAID_TOTAL, paid_totals
from docpipe.engine.layout.receipts.plain_items import PLAIN_ITEMS, read_plain_items
from docpipe.engine.layout.receipts.reader import read_receipts, receipt_beats, sum_of_items
from docpipe.engine.layout.rows import Rows, rows_by_array
from docpipe.engine.layout.scalars.at_key import BEHIND, BELOW, RANGE_END, RIGHT
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.scalars.equal_by_check import EQUAL_BY_CHECK, equal_by_check
from docpipe.engine.layout.scalars.first_total import FIRST_TOTAL, first_totals
from docpipe.engine.layout.scalars.home_currency import HOME_CURRENCY, home_currency
from docpipe.engine.layout.scalars.key_is_value import key_is_value
from docpipe.engine.layout.scalars.several import SUM_OF_SEVERAL, sum_of_several
from docpipe.engine.layout.scalars.titles import document_title
from docpipe.engine.layout.scalars.weak_keys import WEAK_KEY, at_weak_keys
from docpipe.engine.layout.scalars.without_key import (
    amounts_by_arithmetic,
    currency_sign,
    enum_words,
    free_date,
    only_date,
    only_of_pattern,
    shapes,
)
from docpipe.engine.layout.scoring.assign import choose
from docpipe.engine.layout.scoring.confidence import doubt_signs, doubted, probability, sure_rows
from docpipe.engine.layout.scoring.signs import by_signs
from docpipe.engine.layout.tables.rates import RATE_IN_KEY, SUM_OF_PARTS, read_rates, sum_of_parts
from docpipe.engine.layout.tables.reader import TABLE, column_sums, read_tables
from docpipe.engine.layout.tables.tax_breakdown import TAX_SUMMARY, read_summaries, summary_beats
from docpipe.engine.layout.tables.unheaded import UNHEADED, read_unheaded
from docpipe.engine.layout.templates.reader import TEMPLATE, read_template, template_beats
from docpipe.page.mirror import has_leftward_words, in_place, mirrored, mirrored_span
from docpipe.records import Page, Request, Span


@dataclass(frozen=True, slots=True)
class RowReader:
    """A rule that finds rows. `beats`: whether what it found takes the place of what readers before it found."""

    name: str
    read: Callable[[Document], Sequence[Rows]]
    beats: Callable[[Sequence[Rows], Sequence[Rows], Document], bool] = lambda *_: False


@dataclass(frozen=True, slots=True)
class Generator:
    """A rule that proposes values. Of those that stand `alone` none needs a print of its own: each is a second
    opinion, asked for when the others have been chosen from.
    """

    name: str
    candidates: Callable[[Document], Iterable[Candidate]]
    alone: bool = False


def at_key(name: str) -> Generator:
    """The values in one place around the keys."""
    return Generator(name, lambda document: (candidate for candidate in document.at_keys if candidate.method == name))


ROW_READERS: tuple[RowReader, ...] = (
    RowReader(TABLE, read_tables),
    RowReader(UNHEADED, read_unheaded),
    RowReader(RECEIPT_ITEMS, read_receipts, receipt_beats),
    RowReader(PLAIN_ITEMS, read_plain_items),
    RowReader(TAX_SUMMARY, read_summaries, summary_beats),
    RowReader(RATE_IN_KEY, read_rates),
    RowReader(CHECKBOXES, read_checkboxes),
    RowReader(KEY_VALUES, read_key_values),
    RowReader(TEMPLATE, read_template, template_beats),
    RowReader(GRIDS, read_grids),
    RowReader(CHART_SERIES, read_charts),
)

GENERATORS: tuple[Generator, ...] = (
    at_key(BEHIND),
    at_key(RIGHT),
    at_key(BELOW),
    at_key(RANGE_END),
    Generator("enum_word", enum_words),
    Generator("shape", shapes),
    Generator("only_of_pattern", only_of_pattern),
    Generator("only_date", only_date),
    Generator("free_date", free_date),
    Generator("currency_sign", currency_sign),
    Generator(HOME_CURRENCY, home_currency),
    Generator("sum_of_items", sum_of_items),
    Generator(SUM_OF_PARTS, sum_of_parts),
    Generator(SUM_OF_SEVERAL, sum_of_several),
    Generator(PAID_TOTAL, paid_totals),
    Generator(FIRST_TOTAL, first_totals),
    Generator(EQUAL_BY_CHECK, equal_by_check),
    Generator("by_arithmetic", amounts_by_arithmetic),
    Generator("party_under_heading", under_headings, alone=True),
    Generator("letterhead", letterheads, alone=True),
    Generator("party_by_place", by_place, alone=True),
    Generator("masthead", mastheads, alone=True),
    Generator("key_is_value", key_is_value, alone=True),
    Generator("document_title", document_title, alone=True),
    Generator(CHART_TEXT, chart_texts, alone=True),
    Generator(WEAK_KEY, at_weak_keys, alone=True),
)


def read_request(schema: CompiledSchema, request: Request) -> tuple[str, tuple[Span, ...]]:
    """(the answer as JSON text, its spans) for the pages of one request.

    Pages with text that runs left are read mirrored, and as they are; the way that finds more is kept, mirrored if
    both find the same.
    """
    leftward = frozenset(page.number for page in request.pages if has_leftward_words(page))
    if not leftward:
        return _read(schema, request)
    request = replace(request, templates={})  # none is learnt from such pages
    text, spans = _read(schema, _with_pages(request, leftward, mirrored))
    spans = tuple(mirrored_span(span) if span.page in leftward else span for span in spans)
    as_it_is = _read(schema, _with_pages(request, leftward, in_place))
    return max((text, spans), as_it_is, key=lambda found: sum(span.score for span in found[1]))


def _with_pages(request: Request, numbers: frozenset[int], change: Callable[[Page], Page]) -> Request:
    """The request with the pages of these numbers changed."""
    return replace(request, pages=tuple(change(page) if page.number in numbers else page for page in request.pages))


def _read(schema: CompiledSchema, request: Request) -> tuple[str, tuple[Span, ...]]:
    """The answer to the request, its pages read from the left."""
    document = Document.of(schema, request)
    leaves, rows = read_document(document)
    if schema.by_name is not None:
        named = read_document(document.under(schema.by_name))
        leaves, rows = with_named(leaves, rows, *named, schema.by_name.names)
    return to_json(schema.index.schema.root, leaves, rows), to_spans(leaves, rows, document.page_texts)


def read_document(document: Document) -> tuple[dict[str, Leaf], dict[str, list[Row]]]:
    """(path -> scalar, path of an array -> its rows)."""
    document = best_rows(document)
    schema, rows = document.schema, rows_by_array(document.rows)
    document.chosen = choose(proposed(document), schema.equations, column_sums(rows), schema.tied)
    leaves = {path: _leaf(candidate) for path, candidate in document.chosen.items()}
    for second in (each for rule in GENERATORS if rule.alone for each in rule.candidates(document)):
        leaf, path = _leaf(second), second.field.path
        if path not in leaves or leaf.score > leaves[path].score:
            leaves[path] = leaf
    leaves, rows = doubt_signs(leaves, {path: sure_rows(found) for path, found in rows.items()}, schema.equations)
    return by_signs(document, leaves, rows), rows


def proposed(document: Document) -> list[Candidate]:
    """What all generators propose that do not stand alone."""
    return [document.in_zone(each) for rule in GENERATORS if not rule.alone for each in rule.candidates(document)]


def best_rows(document: Document) -> Document:
    """The document with the rows of every array, by the reader whose rows it keeps."""
    for reader in ROW_READERS:
        found = reader.read(document)
        for array in dict.fromkeys(rows.array for rows in found):
            mine = [rows for rows in found if rows.array == array]
            others = [rows for rows in document.rows if rows.array == array]
            if not any(rows.rows for rows in others) or reader.beats(mine, others, document):
                kept = [rows for rows in document.rows if rows.array != array or not rows.rows]
                document = document.with_rows([*kept, *mine])
    return document


def _leaf(candidate: Candidate) -> Leaf:
    """The value as it is answered, its score made a probability."""
    score = doubted(probability(candidate.evidence, candidate.score), candidate.doubt)
    return Leaf(candidate.reading.value, candidate.tokens, candidate.page, score, candidate.method)
