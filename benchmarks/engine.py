"""The slot engine against transformers' generate: the same checkpoint, requests and grammar in one run.

    python benchmarks/engine.py [--json] [--shape cpu-bench] [--device auto] [--slots 16] [--requests 64]

Random weights of the true architecture, made on the spot. Every answer is a list whose length is imposed
(minItems = maxItems) so that its tokens are log-normal: median 150, 95th percentile 600. `generate` runs in
static batches of as many rows as there are slots, sorted by prompt length, left-padded, under the same grammar.

Both sides write the same tokens; one that the grammar forces costs generate a step, the engine none.

ratio_vs_generate  tokens a second of the engine / of generate
slot_occupancy     mean share of slots at work while requests were waiting
share_of_ceiling   pages a second / what the device's arithmetic and memory bandwidth would allow (`ceiling`)
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import math
import os
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
from engine_report import measured_peak, report
from engine_stock import Timed, time_generate

from docpipe.engine.qwen2vl.checkpoint import SHAPES, make_checkpoint
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.settings import Qwen2VL
from docpipe.records import Page, Reply, Request

MEDIAN_TOKENS, P95_TOKENS, MOST_TOKENS = 150, 600, 1_500
INSTRUCTION = "Read the invoice and copy what it says, line by line. " * 12


def schema(items: int) -> dict[str, Any]:
    """An invoice with exactly that many lines."""
    line = {
        "text": {"type": "string", "minLength": 32, "maxLength": 64},
        "quantity": {"type": "integer", "minimum": 1, "maximum": 99_999},
        "amount": {"type": "number", "minimum": 0, "maximum": 999_999, "multipleOf": 0.01},
    }
    lines = {"type": "object", "required": list(line), "properties": line}
    return {
        "type": "object",
        "required": ["number", "lines"],
        "properties": {
            "number": {"type": "string", "minLength": 4, "maxLength": 12},
            "lines": {"type": "array", "minItems": items, "maxItems": items, "items": lines},
        },
    }


def request(index: int, items: int, visual_tokens: int, grid: int) -> Request:
    """A page of noise of about `visual_tokens` (a quarter more or less), and a list of `items`."""
    chance = np.random.default_rng(index)
    side = math.sqrt(visual_tokens * chance.uniform(0.75, 1.25))
    rows, columns = max(2, round(side * 1.19)), max(2, round(side / 1.19))  # A4 is 1.41 times higher than wide
    pixels = chance.integers(0, 255, (rows * grid, columns * grid, 3), dtype=np.uint8)
    page = Page(1, 595.0, 842.0, columns * grid, rows * grid, pixels=pixels)
    return Request(str(index), "", (page,), schema(items), "bench", f"items-{items}", INSTRUCTION, 4 * MOST_TOKENS)


def lengths(count: int, seed: int = 4_711) -> list[int]:
    """Log-normal output lengths in tokens."""
    chance, deviation = random.Random(seed), math.log(P95_TOKENS / MEDIAN_TOKENS) / 1.645
    return [min(MOST_TOKENS, round(chance.lognormvariate(math.log(MEDIAN_TOKENS), deviation))) for _ in range(count)]


async def ask(engine: Qwen2VLEngine, requests: list[Request]) -> list[Reply]:
    replies = await asyncio.gather(*(engine.answer(one) for one in requests))
    assert all(reply.finish == "stop" for reply in replies), {reply.error for reply in replies}
    return replies


def calibrate(engine: Qwen2VLEngine, count: int, visual_tokens: int) -> list[Request]:
    """Requests whose answers have `lengths` tokens, by what one and eleven items were seen to cost."""

    def cost(items: int) -> float:
        replies = asyncio.run(
            ask(engine, [request(10_000 + seed, items, visual_tokens, engine.info.grid_px) for seed in (1, 2)])
        )
        return statistics.mean(reply.output_tokens for reply in replies)

    few, many = cost(1), cost(11)
    item = (many - few) / 10
    items = [max(1, round((length - few) / item) + 1) for length in lengths(count)]
    return [request(index, wanted, visual_tokens, engine.info.grid_px) for index, wanted in enumerate(items)]


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    shape, device = SHAPES[arguments.shape], arguments.device
    if device == "auto":
        device = "cuda:0" if torch.cuda.is_available() else "cpu"
    dtype = torch.bfloat16 if device.startswith("cuda") else torch.float32
    visual = arguments.visual_tokens or (1_280 if device.startswith("cuda") else 96)
    slot_tokens = visual * 2 + 600 + 2 * MOST_TOKENS
    options = Qwen2VL(
        device=device,
        slots=arguments.slots,
        slot_tokens=slot_tokens,
        force_tokens=not arguments.no_forcing,
        repetition_tokens=0,
    )
    with tempfile.TemporaryDirectory() as folder:
        made = make_checkpoint(Path(folder), arguments.shape, dtype=dtype, device=device)
        engine = Qwen2VLEngine(str(made), options)
        requests = calibrate(engine, arguments.requests, visual)
        engine.close()
        del engine
        free()
        stock = time_generate(made, requests, arguments.slots, device, dtype)
        free()
        engine = Qwen2VLEngine(str(made), options)
        asyncio.run(
            ask(engine, [request(10_000, 1, visual, shape.grid)])
        )  # what is done once: kernels, the shared prefix
        engine.stats.restart()
        begun = time.perf_counter()
        replies = asyncio.run(ask(engine, requests))
        ours = Timed(time.perf_counter() - begun, [reply.output_tokens for reply in replies])
        engine.close()
    return report(shape, dtype, measured_peak(torch.device(device), dtype), engine, requests, replies, stock, ours)


def keep_freed_memory() -> None:
    """Starts over with a C library that keeps what is freed.

    Else the logits of every step may be faulted in anew, which costs either side up to ten times the step.
    """
    wanted = {"MALLOC_TRIM_THRESHOLD_": str(2**32), "MALLOC_MMAP_THRESHOLD_": str(2**32)}
    if not wanted.keys() <= os.environ.keys():
        os.environ.update(wanted)
        os.execv(sys.executable, [sys.executable, *sys.argv])


def free() -> None:
    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
    parser.add_argument("--shape", choices=SHAPES, default="cpu-bench")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--slots", type=int, default=16)
    parser.add_argument("--requests", type=int, default=64)
    parser.add_argument("--visual-tokens", type=int, help="of a page; 1280 on a GPU, 96 on a CPU")
    parser.add_argument(
        "--threads", type=int, help="of torch on the CPU, for both sides; torch's own choice if not given"
    )
    parser.add_argument(
        "--no-forcing", action="store_true", help="ask the model for forced tokens too, as generate does"
    )
    arguments = parser.parse_args()
    keep_freed_memory()
    if arguments.threads:
        torch.set_num_threads(arguments.threads)
    figures = measure(arguments)
    if arguments.json:
        print(json.dumps(figures))
    else:
        for name, value in figures.items():
            print(f"{name:26} {value}")


if __name__ == "__main__":
    main()
