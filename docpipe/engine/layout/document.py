"""One document as rules look at it: its pages' lines, how it writes, and what stands where, each found once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType

from docpipe.engine.layout.charts.find import chart_of
from docpipe.engine.layout.charts.picture import Picture
from docpipe.engine.layout.charts.reader import Found
from docpipe.engine.layout.compiled import CompiledSchema
from docpipe.engine.layout.forms.form_page import FormPage, form_page
from docpipe.engine.layout.keys.bank_accounts import without_bank_accounts
from docpipe.engine.layout.keys.number_letters import without_number_letters
from docpipe.engine.layout.keys.own_names import own_names_first
from docpipe.engine.layout.keys.printed_keys import Key, find_keys
from docpipe.engine.layout.page_context import PageContext
from docpipe.engine.layout.parties.params import PARAMS as PARTIES
from docpipe.engine.layout.parties.printed_addresses import addresses_of
from docpipe.engine.layout.parties.widened import widened
from docpipe.engine.layout.parties.zones import Party, Zone, find_zones, under_heading, weighed
from docpipe.engine.layout.rows import Rows
from docpipe.engine.layout.scalars.at_key import around_key
from docpipe.engine.layout.scalars.candidates import Candidate
from docpipe.engine.layout.suggestions import suggested
from docpipe.engine.layout.templates.lay import Laid, best_laid
from docpipe.engine.layout.templates.template import Template, templates_of
from docpipe.literals.conventions import Conventions
from docpipe.page.lines import PageText, read_pages
from docpipe.records import Page, Request

PLACES = PARTIES.places


class Document:
    """The pages of one request under one schema, and the rows that were found on them."""

    def __init__(
        self,
        schema: CompiledSchema,
        pages: Sequence[Page],
        page_texts: Sequence[PageText],
        conventions: Conventions,
        *,
        first: bool,
        rows: Sequence[Rows] = (),
        templates: Mapping[int, Sequence[Template]] = MappingProxyType({}),
    ) -> None:
        self.schema, self.pages, self.page_texts, self.conventions = schema, pages, page_texts, conventions
        self.first = first  # whether it has the first page of the whole document
        self.rows = rows
        self.templates = templates  # number of a page -> those that may fit it
        self.chosen: Mapping[str, Candidate] = {}  # path -> what was chosen, once it was

    @classmethod
    def of(cls, schema: CompiledSchema, request: Request) -> Document:
        """Of the pages of one request, without rows."""
        texts, conventions = read_pages(request.pages), Conventions.of_pages(request.pages)
        schema = schema.in_currency(conventions.places)
        return cls(
            schema, request.pages, texts, conventions, first=request.first, templates=templates_of(request.templates)
        )

    def under(self, schema: CompiledSchema) -> Document:
        """The same pages under another schema."""
        return Document(
            schema, self.pages, self.page_texts, self.conventions, first=self.first, templates=self.templates
        )

    def with_rows(self, rows: Sequence[Rows]) -> Document:
        """With other rows; what the same segments leave free is not looked for again."""
        other = self.under(self.schema)
        other.rows = rows
        kept = ("form_pages", "laid", "suggested", "chart")
        known = (*kept, "contexts", "zones", "at_keys") if other._taken == self._taken else kept
        other.__dict__ |= {name: self.__dict__[name] for name in known if name in self.__dict__}
        return other

    @cached_property
    def form_pages(self) -> Sequence[FormPage]:
        """The input fields, checkboxes and headings of every page."""
        pages = zip(self.page_texts, self.pages, strict=True)
        return [form_page(text, page, index) for index, (text, page) in enumerate(pages)]

    @cached_property
    def laid(self) -> Mapping[int, Laid]:
        """Index of a page -> that page under its template, where one fits."""
        fitting = (
            (
                index,
                best_laid(
                    self.templates.get(page.number, ()),
                    self.form_pages[index].page_text,
                    exact=page.text_source == "layer",
                ),
            )
            for index, page in enumerate(self.pages if self.templates else ())
        )
        return {index: laid for index, laid in fitting if laid is not None}

    @cached_property
    def chart(self) -> Found | None:
        """The chart with the most points; None where no page has one, or the schema asks for none."""
        found: Found | None = None
        for at, (text, page) in enumerate(zip(self.page_texts, self.pages, strict=True)):
            picture = Picture.of(page, text) if self.schema.charts else None
            chart = None if picture is None else chart_of(picture, self.conventions)
            if picture is not None and chart is not None and (found is None or chart.points > found.chart.points):
                found = Found(chart, picture, at)
        return found

    @cached_property
    def contexts(self) -> Sequence[PageContext]:
        """Every page with its keys, which are no cells of the rows."""
        contexts: list[PageContext] = []
        keys = 0
        for page_index, page_text in enumerate(self.page_texts):
            printed = _outside(find_keys(page_text, self.schema.index), self._taken[page_index])
            whole = without_bank_accounts(without_number_letters(list(printed), page_text), page_text)
            found = dict(enumerate(own_names_first(whole, self.schema.index), keys))
            contexts.append(PageContext(page_text, page_index, found, self._taken[page_index]))
            keys += len(found)
        return contexts

    @cached_property
    def zones(self) -> Sequence[Sequence[Zone]]:
        """Of every page what its headings rule."""
        return [find_zones(list(context.keys.values()), context) for context in self.contexts]

    @cached_property
    def addresses(self) -> Sequence[Sequence[Party]]:
        """Of each of the first pages the addresses on it."""
        return [list(addresses_of(context)) for context in self.contexts[: PLACES.pages]]

    @cached_property
    def headed(self) -> Sequence[tuple[str, Party]]:
        """(path of its section, party) for every heading with a party; the path is "" for no section of the schema."""
        found = (
            (zone.path, under_heading(zone, context))
            for context, zones in zip(self.contexts, self.zones, strict=True)
            for zone in zones
        )
        return [(path, party) for path, party in found if party is not None]

    @cached_property
    def at_keys(self) -> Sequence[Candidate]:
        """Every value at a key."""
        return [
            widened(candidate, context)
            for context in self.contexts
            for number, key in context.keys.items()
            for candidate in around_key(number, key, context, self.conventions, self.schema.range_ends)
        ]

    def in_zone(self, candidate: Candidate) -> Candidate:
        """A candidate of a party's field, less sure where it stands in another party's zone or in none."""
        if not candidate.field.section:
            return candidate
        page = candidate.page
        return weighed(candidate, self.zones[page], self.contexts[page], self.schema.index)

    @cached_property
    def suggested(self) -> frozenset[int]:
        """The words on lines that propose amounts."""
        owed = [array.total for array in self.schema.rates]
        pages = (suggested(page_text, self.schema.index, owed) for page_text in self.page_texts)
        return frozenset(word for words in pages for word in words)

    @cached_property
    def _taken(self) -> Sequence[frozenset[int]]:
        """Of every page the words that are cells of rows, and those that are only proposed."""
        taken: list[set[int]] = [set() for _ in self.page_texts]
        for at, page_text in enumerate(self.page_texts if self.suggested else ()):
            words = (token.index for line in page_text.lines for each in line.segments for token in each.tokens)
            taken[at].update(self.suggested.intersection(words))
        for rows in self.rows:
            taken[rows.page_index].update(token.index for segment in rows.segments for token in segment.tokens)
        return [frozenset(words) for words in taken]


def _outside(keys: Iterable[Key], taken: frozenset[int]) -> Iterator[Key]:
    """Keys that are no cells of a table."""
    return (key for key in keys if key.segment.tokens[0].index not in taken)
