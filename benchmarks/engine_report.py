"""What benchmarks/engine.py says of a run: rates, times, and the share of what the device could do."""

from __future__ import annotations

import statistics
import time
from typing import Any

import numpy as np
import torch
from engine_stock import Timed

from docpipe.engine.qwen2vl.checkpoint import Shape
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.records import Reply, Request

H200 = (790e12, 4.3e12)  # bf16 FLOP/s and bytes/s, measured
DOLLARS_AN_HOUR = 3.5  # of one GPU


def ceiling(
    shape: Shape, dtype: torch.dtype, peak: tuple[float, float], slots: int, load: dict[str, float]
) -> dict[str, float]:
    """Seconds that a page must take at full arithmetic (tower, prefill) and full bandwidth (decode steps).

    `load` a page: visual and text tokens to read, context while writing, sampled tokens.
    """
    flops, bandwidth = peak
    attention = shape.hidden * 2 * (shape.heads + shape.kv_heads) * shape.head
    expert = 3 * shape.hidden * shape.mlp
    used, held = (attention + expert * count for count in ((2, shape.experts) if shape.experts else (1, 1)))
    patches, read = 4 * load["visual"], load["visual"] + load["text"]
    tower_layer = 8 * shape.vision_hidden + 4 * (shape.vision_mlp or 4 * shape.vision_hidden) + 4 * patches
    tower = shape.vision_layers * patches * shape.vision_hidden * tower_layer
    prefill = shape.layers * 2 * read * (used + load["context"] * shape.heads * shape.head)
    weights = (shape.layers * held + shape.hidden * shape.vocabulary) * dtype.itemsize
    kv = slots * load["context"] * shape.layers * 2 * shape.kv_heads * shape.head * dtype.itemsize
    step = (weights + kv) / bandwidth
    page = (tower + prefill) / flops + load["sampled"] * step / slots
    return {"pages_per_s": 1 / page, "step_s": step, "step_bytes": weights + kv, "page_flops": tower + prefill}


def measured_peak(device: torch.device, dtype: torch.dtype) -> tuple[float, float]:
    """FLOP/s and bytes/s of this device, by one large product and one large sum."""
    if device.type == "cuda":
        return H200
    side, big = 1_536, torch.ones(64 * 1024**2, dtype=torch.float32)
    matrix = torch.ones((side, side), dtype=dtype)
    products = min(_seconds(lambda: matrix @ matrix) for _ in range(4))
    sums = min(_seconds(big.sum) for _ in range(4))
    return 2 * side**3 / products, big.nbytes / sums


def _seconds(work: Any) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def report(
    shape: Shape,
    dtype: torch.dtype,
    peak: tuple[float, float],
    engine: Qwen2VLEngine,
    requests: list[Request],
    replies: list[Reply],
    stock: Timed,
    ours: Timed,
) -> dict[str, Any]:
    stats, pages = engine.stats, len(replies)
    prompt, written = (statistics.mean(values) for values in ([reply.prompt_tokens for reply in replies], ours.tokens))
    visual = statistics.mean(
        request.pages[0].width_px * request.pages[0].height_px / shape.grid**2 for request in requests
    )
    load = {
        "visual": visual,
        "text": stats.fed_tokens / pages - written - visual,  # what is shared was read before
        "context": prompt + written / 2,
        "sampled": written - stats.forced_tokens / pages,
    }
    top = ceiling(shape, dtype, peak, stats.slots, load)
    writing = stats.steps - stats.prefill_steps
    step_s = stats.seconds["decode"] / max(1, writing)
    reading_s = (stats.seconds["vision"] + stats.seconds["prefill"]) / pages  # with what wrote in the same steps
    return {
        "ratio_vs_generate": round(ours.tokens_per_s / stock.tokens_per_s, 2),
        "tokens_per_s": round(ours.tokens_per_s, 1),
        "pages_per_s": round(pages / ours.seconds, 3),
        "slot_occupancy": round(stats.occupancy, 3),
        "share_of_ceiling": round(pages / ours.seconds / top["pages_per_s"], 3),
        "generate_tokens_per_s": round(stock.tokens_per_s, 1),
        "seconds": round(ours.seconds, 1),
        "generate_seconds": round(stock.seconds, 1),
        "equal_answers": sum(a == b for a, b in zip(ours.tokens, stock.tokens, strict=True)),
        "requests": pages,
        "slots": stats.slots,
        "prompt_tokens": round(prompt),
        "output_tokens_median": round(statistics.median(ours.tokens)),
        "output_tokens_p95": round(float(np.percentile(ours.tokens, 95))),
        "forced_share": round(stats.forced_tokens / sum(ours.tokens), 3),
        "vision_ms_page": round(1e3 * stats.seconds["vision"] / pages, 1),
        "prefill_ms_page": round(1e3 * stats.seconds["prefill"] / pages, 1),
        "decode_step_ms": round(1e3 * step_s, 2),
        "decode_gb_per_s": round(top["step_bytes"] / step_s / 1e9, 1),
        "read_mfu": round(top["page_flops"] / peak[0] / reading_s, 3),
        "mask_ms_step": round(1e3 * stats.seconds["mask"] / stats.steps, 3),
        "mask_exposed_ms_step": round(1e3 * stats.seconds["mask_wait"] / stats.steps, 3),
        "host_ms_step": round(1e3 * stats.seconds["host"] / stats.steps, 3),
        "dollars_a_million_pages": round(1e6 * ours.seconds / pages / 3_600 * DOLLARS_AN_HOUR, 1),
    }
