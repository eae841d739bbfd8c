"""The nouns: what one stage hands to the next. Frozen, picklable, free of any library but numpy.

A box is in fractions in [0, 1] of the page as rendered, origin top left, after rotation. Page numbers are
1-based everywhere a person can see them, and `Page.number` is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from docpipe.page.box import Box

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

Status = Literal["ok", "repaired", "needs_review", "failed"]
Finish = Literal["stop", "length", "repetition", "error"]
TextSource = Literal["layer", "ocr", "none"]
Severity = Literal["error", "warning"]

STATUSES: tuple[Status, ...] = ("ok", "repaired", "needs_review", "failed")


@dataclass(frozen=True, slots=True)
class Source:
    """One input path as it was found. `doc_id` (sha256 hex of the bytes) is known once read.

    `uri` is Unicode and never shared by two paths (docpipe.intake.names). `root`: the folder that a file
    must not lead out of, "" for one that the user named outright; for an object the input that says how
    its store is reached. It is not kept.
    """

    uri: str
    size: int = 0
    mtime_ns: int = 0
    etag: str = ""
    doc_id: str | None = None
    metadata: tuple[tuple[str, str], ...] = ()
    root: str = ""


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a page. `line` and `block` count from 0 in reading order of the text source.

    `confidence` in [0, 1]: 1.0 for a text layer, the recogniser's own for OCR.
    `visible` is False for text that an eye does not see (white, tiny, off the page).
    """

    text: str
    box: Box
    line: int = 0
    block: int = 0
    confidence: float = 1.0
    visible: bool = True
    bold: bool = False
    size: float = 0.0  # height of the type as a fraction of the page's height


@dataclass(frozen=True, slots=True)
class Widget:
    """A form field of a PDF."""

    box: Box
    kind: str
    name: str
    value: str
    checked: bool | None = None  # of a check box or radio button, as the page shows it; None for the others


@dataclass(frozen=True, slots=True)
class Grid:
    """A ruled table: where its lines are, as fractions of the page, sorted. At least two cells.

    A cell that spans columns or rows does not show here: its inner lines are missing in `Geometry.rules`.
    """

    x_edges: tuple[float, ...]
    y_edges: tuple[float, ...]

    @property
    def box(self) -> Box:
        return Box(self.x_edges[0], self.y_edges[0], self.x_edges[-1], self.y_edges[-1])


@dataclass(frozen=True, slots=True)
class TableCell:
    """A cell of a table: `row` and `column` from 0, of its upper left place; both spans at least 1."""

    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class Table:
    """Where the cells of a table are, ruled or set by columns alone. No two cells share a place.

    The first `header_rows` rows name the columns.
    """

    box: Box
    cells: tuple[TableCell, ...]
    header_rows: int = 0


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a page that is read as one. Where a page has words, each that is visible lies in a region."""

    kind: Literal["text", "heading", "table", "picture"]
    box: Box


@dataclass(frozen=True, slots=True)
class Geometry:
    """The drawn things of a page and how it is laid out; every list is bounded by the limits in settings."""

    rules: tuple[Box, ...] = ()  # straight lines; one side of the box is (nearly) zero
    fills: tuple[Box, ...] = ()  # filled areas: zebra rows, header bars
    images: tuple[Box, ...] = ()
    widgets: tuple[Widget, ...] = ()
    grids: tuple[Grid, ...] = ()  # tables whose lines are drawn, from the top down
    regions: tuple[Region, ...] = ()  # in reading order
    tables: tuple[Table, ...] | None = None  # as the table model sees them, in reading order; None if it did not look


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """One page, with what the engine's `needs` asked for and no more.

    `pixels`: uint8 array (height_px, width_px, 3), RGB, or None. `width_pt`, `height_pt`: 1/72 inch,
    after rotation. `skipped` says why a page was not read, or is empty.
    """

    number: int
    width_pt: float
    height_pt: float
    width_px: int = 0
    height_px: int = 0
    dpi: float = 0.0
    rotation: int = 0
    pixels: npt.NDArray[np.uint8] | None = field(default=None, repr=False)
    words: tuple[Word, ...] = field(default=(), repr=False)
    geometry: Geometry = field(default=Geometry(), repr=False)
    text_source: TextSource = "none"
    skipped: str = ""
    seconds: float = 0.0
    notes: tuple[str, ...] = ()  # what was done to make it readable: "deskewed 1.2", "upright 90"


@dataclass(frozen=True, slots=True)
class Template:
    """What pages of several documents have in common, as an engine wrote it down: only that engine can read it.

    `sketch` tells which other pages are alike. `members`: how many documents it was learnt from.
    """

    sketch: bytes = field(repr=False)
    content: bytes = field(repr=False)
    members: int


@dataclass(frozen=True, slots=True, eq=False)
class Request:
    """One question to an engine: these pages, under this schema. Never a path, never a URL.

    `schema`: the JSON Schema of the answer, `schema_fingerprint` its hash (a cache key for whatever
    an engine derives from it). `key` names the request in replies/ and is stable for the same
    document, pages and question. `templates`: number of a page -> what it may have in common with other documents
    (see Template), best first; none for a document without siblings.
    """

    key: str
    doc_id: str
    pages: tuple[Page, ...]
    schema: Mapping[str, Any] = field(repr=False)
    schema_name: str
    schema_fingerprint: str
    instruction: str
    max_tokens: int
    first: bool = True  # the pages open the document
    last: bool = True  # the pages end it
    templates: Mapping[int, tuple[Template, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Span:
    """Where an engine says it read the value at `path`, and how sure its own measure is, in [0, 1].

    Without `text` the value was measured: `boxes` are the mark whose length or place it is.
    """

    path: str
    page: int
    boxes: tuple[Box, ...]
    score: float
    text: str = ""
    method: str = ""  # the engine's rule that found it: "right" of its key, a "cell" of a table, ...


@dataclass(frozen=True, slots=True)
class Reply:
    """An engine's answer. `text` is JSON by contract and believed by nobody until resolved.

    `logprobs`: one for each generated token, forced tokens NaN. `spans`: from engines that read
    words rather than pixels. With finish "error", `error` says what happened and `error_code` is the
    code of an EngineError, if it is one that errors.py knows.
    """

    text: str
    finish: Finish
    engine: str
    logprobs: tuple[float, ...] = ()
    spans: tuple[Span, ...] = ()
    prompt_tokens: int = 0
    output_tokens: int = 0
    seconds: float = 0.0
    error: str = ""
    error_code: str = ""

    @property
    def origin(self) -> str:
        """What the evidence calls values of this reply: "layout" if that engine read them, which has no model."""
        return "layout" if self.engine == "layout" else "model"


@dataclass(frozen=True, slots=True)
class Edit:
    """A value that docpipe changed, and why. Nothing is changed without one."""

    path: str
    before: Any
    after: Any
    rule: str


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a record breaks. `left` and `right` are the two values that disagree."""

    rule: str
    severity: Severity
    message: str
    paths: tuple[str, ...] = ()
    left: str = ""
    right: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf value with its evidence. `path` is like `line_items[2].amount`.

    `origin`: `layout` or `model`, by the kind of engine that read it, `rule:<name>` or `review`. `page` is None when
    the value was not found on any page. `before` is the text before the edit, if there was one. `method`: the
    engine's rule that found it, "" if the engine names none.
    """

    path: str
    value: Any
    confidence: float
    page: int | None = None
    boxes: tuple[Box, ...] = ()
    origin: str = "model"
    before: str | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One extracted record: the values nested as in the schema (Decimal, date, str, list, dict)."""

    value: dict[str, Any]
    pages: tuple[int, ...]
    status: Status
    confidence: float
    fields: tuple[Field, ...] = ()
    edits: tuple[Edit, ...] = ()
    violations: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True)
class PageRow:
    """What became of one page: a row of pages/. `render_s` in seconds."""

    number: int
    width_pt: float
    height_pt: float
    width_px: int
    height_px: int
    dpi: float
    rotation: int
    visual_tokens: int
    text_source: TextSource
    words: int
    skipped: str
    render_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyRow:
    """One request and its raw answer: a row of replies/."""

    key: str
    pages: tuple[int, ...]
    reply: Reply


@dataclass(frozen=True, slots=True)
class Replay:
    """A source to be resolved anew from the `replies` that an earlier run got for the same bytes."""

    source: Source
    replies: tuple[ReplyRow, ...]


@dataclass(frozen=True, slots=True)
class Identify:
    """A source of which only the hash of its bytes is wanted: somebody else may hold the same."""

    source: Source


@dataclass(frozen=True, slots=True)
class Survey:
    """A source of which only sketches of its pages are wanted: others may be like it."""

    source: Source


@dataclass(frozen=True, slots=True)
class Surveyed:
    """The answer to a Survey: the source as it was read, and the sketches of its pages by their numbers.

    There are none where it could not be read.
    """

    source: Source
    sketches: tuple[tuple[int, bytes], ...] = ()


@dataclass(frozen=True, slots=True)
class Learn:
    """Pages that look alike, of sources whose bytes are known: what they have in common is wanted."""

    pages: tuple[tuple[Source, int], ...]

    @property
    def source(self) -> Source:
        """The source of the first page."""
        return self.pages[0][0]


@dataclass(frozen=True, slots=True)
class Learnt:
    """The answer to a Learn: a template for each form among the pages; none where they have too little in common."""

    templates: tuple[Template, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a document has no record: an error's code, message and remedy, as plain data."""

    code: str
    message: str
    remedy: str = ""
    retryable: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source. Exactly one a source; `failure` is set if and only if failed.

    `notes` say what is odd about the source itself: "named like image/png, is image/jpeg".
    """

    source: Source
    schema: str
    engine: str
    fingerprints: Mapping[str, str]
    status: Status
    records: tuple[Record, ...] = ()
    pages: tuple[PageRow, ...] = ()
    replies: tuple[ReplyRow, ...] = ()
    failure: Failure | None = None
    media_type: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
