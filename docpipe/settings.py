"""One frozen tree of settings. Names carry their unit; flags > environment > pipeline file > defaults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, ClassVar, Literal

from docpipe.bounds import MAX_PAGES, out_of_bounds
from docpipe.errors import InvalidSettings, did_you_mean
from docpipe.passwords import Passwords
from docpipe.pipelines import read_pipeline

ENVIRONMENT_PREFIX = "DOCPIPE_"
DEBUG = f"{ENVIRONMENT_PREFIX}DEBUG"
"""The one variable with the prefix that is no setting: tracebacks of defects are shown."""
MAX_FAULTS = 10

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
        return self.max_pages if self.over_max_pages == "fail" else MAX_PAGES


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
    `fail_on`: whether documents that failed in this run ("new"), in any run ("any") or none ("never") make the exit
    code 3. `max_failed`, `max_review`: the shares of this run's documents that may fail or need review; under "new",
    `max_failed` says how many new failures are put up with.
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
    fail_on: Literal["new", "any", "never"] = "new"
    max_failed: float | None = None
    max_review: float | None = None


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
    InvalidSettings naming every setting that is unknown, of the wrong type or out of bounds, and where it was said.
    The lines of `password_file` come after the `passwords`.
    """
    tree: dict[str, Any] = read_pipeline(pipeline) if pipeline else {}
    said = dict.fromkeys(_names(tree), f"pipeline {pipeline}")
    for variable, text in (environment or {}).items():
        if variable.startswith(ENVIRONMENT_PREFIX) and variable != DEBUG:
            name = variable.removeprefix(ENVIRONMENT_PREFIX).lower().replace("__", ".")
            _put(tree, name, text, variable)
            said[name] = variable
    for name, value in (flags or {}).items():
        if value is not None:
            _put(tree, name, value, name)
            said.pop(name, None)
    settings = _validated(tree, said)
    if not settings.password_file:
        return settings
    return replace(settings, passwords=settings.passwords + Passwords.from_file(settings.password_file))


def setting_names(kind: Any = None, prefix: str = "") -> Iterator[str]:
    """Every setting by its dotted name."""
    for one in fields(kind or Settings):
        value = one.default
        yield from setting_names(value, f"{one.name}.") if is_dataclass(value) else [f"{prefix}{one.name}"]


def _names(tree: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield f"{prefix}{name}"
        if isinstance(value, dict) and not prefix:
            yield from _names(value, f"{name}.")


def _put(tree: dict[str, Any], name: str, value: Any, said: str) -> None:
    *groups, last = name.split(".")
    for group in groups:
        tree = tree.setdefault(group, {})
        if not isinstance(tree, dict):
            raise InvalidSettings(f"{said}: {group} is given as one value and as a group of settings")
    tree[last] = value


def _validated(tree: Mapping[str, Any], said: Mapping[str, str]) -> Settings:
    from pydantic import TypeAdapter, ValidationError

    try:
        settings: Settings = TypeAdapter(Settings).validate_python(tree)
    except ValidationError as error:
        faults = error.errors(include_url=False)
        told = [_fault(".".join(map(str, fault["loc"])), fault, said) for fault in faults[:MAX_FAULTS]]
        told += [f"and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise InvalidSettings("; ".join(told)) from None  # the cause would quote passwords
    wrong = [f"{fault}{_where(fault.split()[0], said)}" for fault in out_of_bounds(settings)]
    if wrong:
        raise InvalidSettings("; ".join(wrong))
    return settings


def _fault(name: str, fault: Any, said: Mapping[str, str]) -> str:
    """A sentence about one setting: its name, its value unless it may be secret, what is wrong, where it was said."""
    value = fault["input"]
    if fault["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        return f"{name}: no such setting{_where(name, said)}{_guess(name)}"
    quoted = isinstance(value, str | int | float) and not name.startswith("password")
    return f"{name}{f' is {str(value)[:80]!r}' if quoted else ''}: {fault['msg']}{_where(name, said)}"


def _where(name: str, said: Mapping[str, str]) -> str:
    where = said.get(name) or said.get(name.rpartition(".")[0])
    return f" ({where})" if where else ""


def _guess(name: str) -> str:
    """The setting that was probably meant; a name without its group is one too."""
    known = list(setting_names())
    whole = [one for one in known if one.rpartition(".")[2] == name]
    return f"; did you mean {whole[0]}?" if whole else did_you_mean(name, known)
