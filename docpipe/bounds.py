"""What each number among the settings may be. NaN is within no bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

Bounds = tuple[float, float]

_MB = 1024**2
_TB = 1024**4
_COUNT: Bounds = (1, 1_000_000_000)
_SECONDS: Bounds = (0.001, 31_536_000)  # a year: beyond it a clock says nothing
_PROCESSES: Bounds = (1, 10_000)

MAX_PAGES = 8_388_607  # the highest object number of a PDF (1.7, annex C); a TIFF has no more either

BOUNDS: Mapping[str, Bounds] = {
    "limits.max_file_bytes": (1, _TB),
    "limits.max_zip_members": _COUNT,
    "limits.max_zip_ratio": (1, 1_000_000),
    "limits.max_pages": (1, MAX_PAGES),
    "limits.max_image_pixels": (1, 1_000_000_000_000),
    "limits.max_page_pt": (1, 1_000_000),
    "limits.max_page_ratio": (1, 1_000_000),
    "limits.max_words_page": _COUNT,
    "limits.max_shapes_page": _COUNT,
    "limits.max_content_bytes": (1, _TB),
    "limits.page_timeout_s": _SECONDS,
    "limits.document_timeout_s": _SECONDS,
    "limits.max_page_timeouts": _COUNT,
    "limits.ocr_timeout_s": _SECONDS,
    "limits.decoder_memory_bytes": (128 * _MB, _TB),  # a child with its libraries alone takes about 100 MB
    "limits.ocr_memory_bytes": (128 * _MB, _TB),
    "limits.ocr_resident_bytes": (128 * _MB, _TB),
    "limits.documents_per_child": _COUNT,
    "render.min_pixels": (1, 1_000_000_000),
    "render.max_pixels": (1, 1_000_000_000),
    "render.grid_px": (1, 10_000),
    "render.dpi": (1, 10_000),
    "render.ocr_dpi": (1, 10_000),
    "render.ocr_threads": (1, 1_024),
    "extraction.window_pages": (1, MAX_PAGES),
    "extraction.max_tokens": (1, 10_000_000),
    "extraction.review_confidence": (0, 1),
    "extraction.follow_ups": (0, 1_000),
    "qwen2vl.slots": (1, 100_000),
    "qwen2vl.slot_tokens": (1, 100_000_000),
    "qwen2vl.step_tokens": (1, 100_000_000),
    "qwen2vl.vision_tokens": (1, 100_000_000),
    "qwen2vl.repetition_tokens": (0, 100_000_000),
    "running.workers": (0, 10_000),
    "running.documents_in_flight": _COUNT,
    "running.engine_actors": _PROCESSES,
    "running.engine_gpus": (0, 1_024),
    "running.declared_gpus": (0, 1_024),
    "running.commit_documents": _COUNT,
    "running.commit_interval_s": _SECONDS,
    "running.lease_expiry_s": (5, 31_536_000),  # a request to a bucket may take a second
    "running.attempts": (1, 1_000),
    "running.max_failed": (0, 1),
    "running.max_review": (0, 1),
}


def out_of_bounds(settings: Any, prefix: str = "") -> Iterator[str]:
    """A sentence for each number of a tree of settings that is not allowed: its name, its value, what is."""
    for field in fields(settings):
        name, value = f"{prefix}{field.name}", getattr(settings, field.name)
        if is_dataclass(value):
            yield from out_of_bounds(value, f"{name}.")
        elif name in BOUNDS and value is not None and not within(name, value):
            yield f"{name} is {value:,}; it may be {allowed(name)}"


def within(name: str, value: float) -> bool:
    """Whether the setting may have that value."""
    low, high = BOUNDS[name]
    return low <= value <= high


def allowed(name: str) -> str:
    """The bounds of a setting in words."""
    low, high = BOUNDS[name]
    return f"from {low:,} to {high:,}"
