"""One frozen tree of settings: what may be set, what it is where nobody says anything, what it may be.

Names carry their unit. `settings_sources` reads the tree from flags, the environment and pipeline files. An engine
owns its settings: its factory names a dataclass of them (docpipe.engine.factory), which stands here under its group's
name and is typed as any other group, `qwen2vl.slots`. This module knows no engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Annotated, Any, Literal

from docpipe.bounds import COUNT, MAX_PAGES, MB, PROCESSES, SECONDS, SHARE, TB, Bounds, bounded
from docpipe.passwords import Passwords
from docpipe.texts import Texts

_CHILD_BYTES: Bounds = (128 * MB, TB)  # a child with its libraries alone takes about 100 MB
_LEASE_S: Bounds = (5, SECONDS[1])  # a request to a bucket may take a second


@dataclass(frozen=True, slots=True)
class Limits:
    """What no input may pass. Enforced before anything is allocated.

    A document with more than `max_pages` fails, or with `over_max_pages` "window" it is read all the
    same, `document_timeout_s` for every `max_pages` of it.
    """

    max_file_bytes: int = bounded(512 * 1024**2, 1, TB)
    max_zip_members: int = bounded(10_000, *COUNT)
    max_zip_ratio: float = bounded(200.0, 1, 1_000_000)  # bytes of all members unpacked to bytes of the archive
    max_pages: int = bounded(2_000, 1, MAX_PAGES)
    over_max_pages: Literal["fail", "window"] = "fail"
    max_image_pixels: int = bounded(120_000_000, 1, 1_000_000_000_000)
    max_page_pt: float = bounded(14_400.0, 1, 1_000_000)  # PDF 1.7, annex C: the largest side of a conforming reader
    max_page_ratio: float = bounded(200.0, 1, 1_000_000)
    max_words_page: int = bounded(50_000, *COUNT)
    max_shapes_page: int = bounded(20_000, *COUNT)
    max_content_bytes: int = bounded(64 * 1024**2, 1, TB)  # of a page's drawing operators, once decoded
    page_timeout_s: float = bounded(20.0, *SECONDS)
    document_timeout_s: float = bounded(600.0, *SECONDS)
    max_page_timeouts: int = bounded(5, *COUNT)  # of one document; what is left of it is then not tried
    ocr_timeout_s: float = bounded(60.0, *SECONDS)
    decoder_memory_bytes: int = bounded(1024**3, *_CHILD_BYTES)
    ocr_memory_bytes: int = bounded(3 * 1024**3, *_CHILD_BYTES)
    ocr_resident_bytes: int = bounded(1536 * 1024**2, *_CHILD_BYTES)
    documents_per_child: int = bounded(500, *COUNT)

    @property
    def openable_pages(self) -> int:
        """Pages with which a document is read at all, in one go or in windows."""
        return self.max_pages if self.over_max_pages == "fail" else MAX_PAGES


@dataclass(frozen=True, slots=True)
class Render:
    """How pages become pixels. The size is a multiple of `grid_px`, so that the model need not resize.

    `dpi`: the resolution at which pages are taken instead of their own, 200 for a PDF. A grid and a pixel
    budget still hold after it; an engine that has neither gets exactly this resolution. `upright_scans`:
    scans on their side or head are found and turned where OCR reads them ("read"), or also where only
    their pixels are asked for ("all": half a second of CPU a scan).
    """

    min_pixels: int = bounded(256 * 28 * 28, 1, 1_000_000_000)
    max_pixels: int = bounded(1_280 * 28 * 28, 1, 1_000_000_000)
    grid_px: int = bounded(28, 1, 10_000)
    dpi: float | None = bounded(None, 1, 10_000)
    ocr_dpi: float = bounded(150.0, 1, 10_000)
    ocr: bool = True
    ocr_threads: int = bounded(1, 1, 1_024)
    upright_scans: Literal["read", "all"] = "read"


@dataclass(frozen=True, slots=True)
class Extraction:
    """How a document is asked about and judged.

    `max_tokens` of an answer: None takes what the engine has room for beside the pages.
    `review_confidence`: records less certain than this need review; None takes what was measured for the engine and
    the kind of document, 0.5 where nothing was.
    `ground`: look for every value among the page's words: "words" reads pages without a text layer by
    OCR for it (a second of CPU a page and more), "layer" uses what is there, "off" does not look.
    `follow_ups`: questions asked again about one window, of engines that may answer otherwise; a list that
    was cut is continued besides.
    """

    window_pages: int = bounded(8, 1, MAX_PAGES)
    max_tokens: int | None = bounded(None, 1, 10_000_000)
    review_confidence: float | None = bounded(None, *SHARE)
    ground: Literal["words", "layer", "off"] = "layer"
    follow_ups: int = bounded(2, 0, 1_000)


@dataclass(frozen=True, slots=True)
class Running:
    """How a run is spread over the machine.

    `workers`: document workers; None takes one a CPU, 0 runs in this process without Ray.
    `documents_in_flight` of each worker: None takes what keeps the engines' slots full.
    `engine_actors`: None takes one a GPU. `engine_gpus` of each: None takes one if there are any.
    `declared_gpus`: how many GPUs a Ray that is started here is told of; None lets it look.
    `lease_expiry_s`: how long the output stays locked after its writer died where nobody can see whether it lives.
    `fail_on`: whether documents that failed in this run ("new"), in any run ("any") or none ("never") make the exit
    code 3. `max_failed`, `max_review`: the shares of this run's documents that may fail or need review; under "new",
    `max_failed` says how many new failures are put up with.
    """

    workers: int | None = bounded(None, 0, 10_000)
    documents_in_flight: int | None = bounded(None, *COUNT)
    engine_actors: int | None = bounded(None, *PROCESSES)
    engine_gpus: float | None = bounded(None, 0, 1_024)
    declared_gpus: int | None = bounded(None, 0, 1_024)
    commit_documents: int = bounded(500, *COUNT)
    commit_interval_s: float = bounded(60.0, *SECONDS)
    lease_expiry_s: float = bounded(120.0, *_LEASE_S)
    attempts: int = bounded(3, 1, 1_000)  # of a document whose worker died
    fail_on: Literal["new", "any", "never"] = "new"
    max_failed: float | None = bounded(None, *SHARE)
    max_review: float | None = bounded(None, *SHARE)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run depends on. Two runs with equal settings on equal bytes give equal tables.

    `engines`: the settings of engines, by group; an engine whose group is not there has its defaults.
    """

    schema: str = ""
    engine: str = "auto"
    model: str = ""
    second_engine: str = ""  # asked about what would go to review: "layout", or none
    out: str = "docpipe-out"
    inputs: Annotated[tuple[str, ...], Texts()] = ()
    manifests: Annotated[tuple[str, ...], Texts()] = ()
    passwords: Passwords = field(default=Passwords())
    password_file: str = ""
    limits: Limits = field(default=Limits())
    render: Render = field(default=Render())
    extraction: Extraction = field(default=Extraction())
    running: Running = field(default=Running())
    engines: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if self.second_engine and self.second_engine == self.engine:
            raise ValueError("second_engine is the engine itself: name another, or none")

    def as_tree(self) -> dict[str, Any]:
        """The settings by the names that users type, groups as mappings; passwords stay hidden."""
        tree = asdict(self)
        engines: dict[str, Any] = tree.pop("engines")
        return engines | tree
