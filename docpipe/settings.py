"""One frozen tree of settings. Names carry their unit; flags > environment > pipeline file > defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from docpipe.errors import InvalidSettings
from docpipe.passwords import Passwords

ENVIRONMENT_PREFIX = "DOCPIPE_"


_MOST_PAGES = 8_388_607  # the highest object number of a PDF (1.7, annex C); a TIFF has no more either
_STRICT = {"extra": "forbid"}  # pydantic's config; a plain dict keeps pydantic out of the children


@dataclass(frozen=True, slots=True)
class Limits:
    """What no input may pass. Enforced before anything is allocated.

    A document with more than `max_pages` fails, or with `over_max_pages` "window" it is read all the
    same, `document_timeout_s` for every `max_pages` of it.
    """

    __pydantic_config__: ClassVar = _STRICT

    max_file_bytes: int = 512 * 1024**2
    max_zip_members: int = 10_000
    max_zip_ratio: float = 200.0  # bytes of all members unpacked to bytes of the archive
    max_pages: int = 2_000
    over_max_pages: Literal["fail", "window"] = "fail"
    max_image_pixels: int = 120_000_000
    max_page_pt: float = 14_400.0  # PDF 1.7, annex C: the largest page side of a conforming reader
    max_page_ratio: float = 200.0
    max_words_page: int = 50_000
    max_shapes_page: int = 20_000
    max_content_bytes: int = 64 * 1024**2  # of a page's drawing operators, once decoded
    page_timeout_s: float = 20.0
    document_timeout_s: float = 600.0
    max_page_timeouts: int = 5  # of one document; what is left of it is then not tried
    ocr_timeout_s: float = 60.0
    decoder_memory_bytes: int = 1024**3
    ocr_memory_bytes: int = 3 * 1024**3
    ocr_resident_bytes: int = 1536 * 1024**2
    documents_per_child: int = 500

    @property
    def openable_pages(self) -> int:
        """Pages with which a document is read at all, in one go or in windows."""
        return self.max_pages if self.over_max_pages == "fail" else _MOST_PAGES


@dataclass(frozen=True, slots=True)
class Render:
    """How pages become pixels. The size is a multiple of `grid_px`, so that the model need not resize.

    `dpi`: the resolution at which pages are taken instead of their own, 200 for a PDF. A grid and a pixel
    budget still hold after it; an engine that has neither gets exactly this resolution. `upright_scans`:
    scans on their side or head are found and turned where OCR reads them ("read"), or also where only
    their pixels are asked for ("all": half a second of CPU a scan).
    """

    __pydantic_config__: ClassVar = _STRICT

    min_pixels: int = 256 * 28 * 28
    max_pixels: int = 1_280 * 28 * 28
    grid_px: int = 28
    dpi: float | None = None
    ocr_dpi: float = 150.0
    ocr: bool = True
    ocr_threads: int = 1
    upright_scans: Literal["read", "all"] = "read"

    def __post_init__(self) -> None:
        if self.dpi is not None and not 1 <= self.dpi <= 10_000:
            raise ValueError("dpi is from 1 to 10,000")


@dataclass(frozen=True, slots=True)
class Extraction:
    """How a document is asked about and judged.

    `ground`: look for every value among the page's words: "words" reads pages without a text layer by
    OCR for it (a second of CPU a page and more), "layer" uses what is there, "off" does not look.
    `follow_ups`: questions asked again about one window, of engines that may answer otherwise; a list that
    was cut is continued besides.
    """

    __pydantic_config__: ClassVar = _STRICT

    window_pages: int = 8
    max_tokens: int = 4_096
    review_confidence: float = 0.5
    ground: Literal["words", "layer", "off"] = "layer"
    follow_ups: int = 2


@dataclass(frozen=True, slots=True)
class Qwen2VL:
    """How the Qwen2-VL engine is loaded and run; sizes left None are taken from the free memory.

    revision           branch, tag or commit of a named checkpoint
    dtype              "auto" (as stored; float32 on a CPU), or a floating dtype of torch by name
    device             "auto" (a GPU if there is one), "cpu", "cuda:1", or "all" to spread over every GPU
    download           fetch a named checkpoint that is not on this machine
    slots              requests that are read at once
    slot_tokens        positions of KV a slot owns: prompt and answer together
    step_tokens        tokens of one packed step; longer prompts enter in pieces
    vision_tokens      visual tokens of one call of the vision tower
    share_prefix       compute the text before the pages once and copy its KV into every slot
    force_tokens       feed what the grammar leaves no choice about without asking the model
    repetition_tokens  how much of the same in a row ends an answer; 0 lets it go on
    page_text          show the model the page's words too, marked as untrusted
    """

    __pydantic_config__: ClassVar = _STRICT

    revision: str = ""
    dtype: str = "auto"
    device: str = "auto"
    download: bool = True
    slots: int | None = None
    slot_tokens: int | None = None
    step_tokens: int = 8_192
    vision_tokens: int = 16_384
    share_prefix: bool = True
    force_tokens: bool = True
    repetition_tokens: int = 256
    page_text: bool = False


@dataclass(frozen=True, slots=True)
class Running:
    """How a run is spread over the machine.

    `workers`: document workers; None takes one a CPU, 0 runs in this process without Ray.
    `documents_in_flight` of each worker: None takes what keeps the engines' slots full.
    `engine_actors`: None takes one a GPU. `engine_gpus` of each: None takes one if there are any.
    `declared_gpus`: how many GPUs a Ray that is started here is told of; None lets it look.
    `lease_expiry_s`: how long the output stays locked after its writer died where nobody can see whether it lives.
    """

    __pydantic_config__: ClassVar = _STRICT

    workers: int | None = None
    documents_in_flight: int | None = None
    engine_actors: int | None = None
    engine_gpus: float | None = None
    declared_gpus: int | None = None
    commit_documents: int = 500
    commit_interval_s: float = 60.0
    lease_expiry_s: float = 120.0
    attempts: int = 3  # of a document whose worker died

    def __post_init__(self) -> None:
        if not self.lease_expiry_s >= 5:  # a request to a bucket may take a second
            raise ValueError("lease_expiry_s is at least 5")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run depends on. Two runs with equal settings on equal bytes give equal tables."""

    __pydantic_config__: ClassVar = _STRICT

    schema: str = ""
    engine: str = "auto"
    model: str = ""
    second_engine: str = ""  # asked about what would go to review: "layout", or none
    out: str = "docpipe-out"
    inputs: tuple[str, ...] = ()
    manifests: tuple[str, ...] = ()
    passwords: Passwords = field(default=Passwords())
    password_file: str = ""
    limits: Limits = field(default=Limits())
    render: Render = field(default=Render())
    extraction: Extraction = field(default=Extraction())
    qwen2vl: Qwen2VL = field(default=Qwen2VL())
    running: Running = field(default=Running())

    def __post_init__(self) -> None:
        if self.second_engine and self.second_engine == self.engine:
            raise ValueError("second_engine is the engine itself: name another, or none")


def load_settings(
    pipeline: str = "", environment: Mapping[str, str] | None = None, flags: Mapping[str, Any] | None = None
) -> Settings:
    """The settings of a run: `flags` (None is not given) over DOCPIPE_* over the file over defaults.

    `pipeline` is a YAML file or the name of a shipped one. Groups nest: in the file as mappings, in
    the environment as DOCPIPE_LIMITS__PAGE_TIMEOUT_S=5, in flags as "limits.page_timeout_s". Raises
    InvalidSettings naming every key that is unknown or of the wrong type. The lines of `password_file`
    come after the `passwords`.
    """
    tree: dict[str, Any] = _pipeline(pipeline) if pipeline else {}
    for name, text in (environment or {}).items():
        if name.startswith(ENVIRONMENT_PREFIX):
            _put(tree, name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__"), text)
    for name, value in (flags or {}).items():
        if value is not None:
            _put(tree, name.split("."), value)
    settings = _validated(tree)
    if not settings.password_file:
        return settings
    return replace(settings, passwords=settings.passwords + Passwords.from_file(settings.password_file))


def _put(tree: dict[str, Any], keys: list[str], value: Any) -> None:
    for key in keys[:-1]:
        tree = tree.setdefault(key, {})
    tree[keys[-1]] = value


def _pipeline(reference: str) -> dict[str, Any]:
    import yaml

    from docpipe.schema.load import names_a_file, shipped_folder

    named = names_a_file(reference)  # a bare name is a shipped one's
    path = Path(reference) if named else shipped_folder("pipelines") / f"{reference}.yaml"
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    except OSError as error:
        raise InvalidSettings(f"cannot read pipeline {reference}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise InvalidSettings(f"pipeline {reference} is not YAML: {error}") from error
    if not isinstance(tree, dict):
        raise InvalidSettings(f"pipeline {reference} holds no mapping")
    return tree


def _validated(tree: Mapping[str, Any]) -> Settings:
    from pydantic import TypeAdapter, ValidationError

    try:
        settings: Settings = TypeAdapter(Settings).validate_python(tree)
    except ValidationError as error:
        faults = [f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()]
        raise InvalidSettings("; ".join(faults)) from error
    return settings
