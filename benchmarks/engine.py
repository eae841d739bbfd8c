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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import LogitsProcessor, Qwen2VLForConditionalGeneration

from docpipe.engine.qwen2vl.checkpoint import SHAPES, Shape, make_checkpoint
from docpipe.engine.qwen2vl.choose import barriers
from docpipe.engine.qwen2vl.engine import Qwen2VLEngine
from docpipe.engine.qwen2vl.grammar import Guide, Vocabulary
from docpipe.engine.qwen2vl.pixels import patchify, read_pixel_format
from docpipe.engine.qwen2vl.prompt import Prompt, PromptWriter
from docpipe.engine.qwen2vl.tokens import SPECIAL_IDS, TURN_END
from docpipe.records import Page, Reply, Request
from docpipe.settings import Qwen2VL

MEDIAN_TOKENS, P95_TOKENS, MOST_TOKENS = 150, 600, 1_500
INSTRUCTION = "Read the invoice and copy what it says, line by line. " * 12
H200 = (790e12, 4.3e12)  # bf16 FLOP/s and bytes/s, measured
DOLLARS_AN_HOUR = 3.5  # of one GPU


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


def request(index: int, items: int, visual_tokens: int) -> Request:
    """A page of noise of about `visual_tokens` (a quarter more or less), and a list of `items`."""
    chance = np.random.default_rng(index)
    side = math.sqrt(visual_tokens * chance.uniform(0.75, 1.25))
    rows, columns = max(2, round(side * 1.19)), max(2, round(side / 1.19))  # A4 is 1.41 times higher than wide
    pixels = chance.integers(0, 255, (rows * 28, columns * 28, 3), dtype=np.uint8)
    page = Page(1, 595.0, 842.0, columns * 28, rows * 28, pixels=pixels)
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
        replies = asyncio.run(ask(engine, [request(10_000 + seed, items, visual_tokens) for seed in (1, 2)]))
        return statistics.mean(reply.output_tokens for reply in replies)

    few, many = cost(1), cost(11)
    item = (many - few) / 10
    items = [max(1, round((length - few) / item) + 1) for length in lengths(count)]
    return [request(index, wanted, visual_tokens) for index, wanted in enumerate(items)]


class BatchGrammar(LogitsProcessor):
    """The engine's grammar for the rows of a static batch: forced tokens are the same, and cost a step each."""

    def __init__(self, vocabulary: Vocabulary, guides: list[Guide]) -> None:
        self._vocabulary, self._guides, self._begun = vocabulary, guides, False
        self._forced: list[list[int]] = [guide.forced() for guide in guides]

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if self._begun:
            for row, token in enumerate(input_ids[:, -1].tolist()):
                self._take(row, token)
        self._begun = True
        masks = self._vocabulary.masks(self._guides)
        for row, guide in enumerate(self._guides):
            if self._forced[row] or guide.done:
                token = self._forced[row][0] if self._forced[row] else SPECIAL_IDS[TURN_END]
                masks[row] = 0
                masks[row, token // 32] = -(2**31) if token % 32 == 31 else 1 << token % 32
        return scores.float() + barriers(masks, scores)

    def _take(self, row: int, token: int) -> None:
        if self._forced[row]:
            self._forced[row].pop(0)
        elif not self._guides[row].done:
            self._forced[row] = self._guides[row].accept(token)


@dataclass(frozen=True)
class Timed:
    """What one side did: seconds, and the tokens of every answer in the order of the requests."""

    seconds: float
    tokens: list[int]

    @property
    def tokens_per_s(self) -> float:
        return sum(self.tokens) / self.seconds


def time_generate(folder: Path, requests: list[Request], slots: int, device: str, dtype: torch.dtype) -> Timed:
    """Stock generate in static batches, sorted by prompt length; prompts and pixels are prepared off the clock."""
    model: Any = Qwen2VLForConditionalGeneration.from_pretrained(folder, dtype=dtype, device_map=device).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    vocabulary = Vocabulary(tokenizer, model.config.text_config.vocab_size, 2)
    writer = PromptWriter(tokenizer, read_pixel_format(folder), model)
    prompts = [writer.write(one) for one in requests]
    order = sorted(range(len(requests)), key=lambda index: len(prompts[index]))
    tokens, seconds = [0] * len(requests), 0.0
    for at in range(0, len(order), slots):
        batch = order[at : at + slots]
        inputs = padded([prompts[index] for index in batch], folder, model.device)
        begun = time.perf_counter()
        guides = [vocabulary.guide(requests[i].schema, requests[i].schema_fingerprint, force=True) for i in batch]
        made = model.generate(
            **inputs,
            max_new_tokens=4 * MOST_TOKENS,
            do_sample=False,
            logits_processor=[BatchGrammar(vocabulary, guides)],
        )
        answers = made[:, inputs["input_ids"].shape[1] :].cpu()
        seconds += time.perf_counter() - begun
        for index, row in zip(batch, answers, strict=True):
            tokens[index] = int((row != SPECIAL_IDS["<|endoftext|>"]).sum()) - 1  # without padding and the end
    return Timed(seconds, tokens)


def padded(prompts: list[Prompt], folder: Path, device: torch.device) -> dict[str, torch.Tensor]:
    longest = max(map(len, prompts))
    ids = torch.full((len(prompts), longest), SPECIAL_IDS["<|endoftext|>"])
    for row, prompt in enumerate(prompts):
        ids[row, longest - len(prompt) :] = torch.tensor(prompt.ids)
    mask = torch.stack([torch.arange(longest) >= longest - len(prompt) for prompt in prompts]).long()
    pixels, grids = patchify([page for one in prompts for page in one.pages], read_pixel_format(folder), device)
    named = {"input_ids": ids, "attention_mask": mask, "mm_token_type_ids": (ids == SPECIAL_IDS["<|image_pad|>"]).int()}
    return {
        name: value.to(device) for name, value in {**named, "pixel_values": pixels, "image_grid_thw": grids}.items()
    }


def ceiling(
    shape: Shape, dtype: torch.dtype, peak: tuple[float, float], slots: int, load: dict[str, float]
) -> dict[str, float]:
    """Seconds that a page must take at full arithmetic (tower, prefill) and full bandwidth (decode steps).

    `load` a page: visual and text tokens to read, context while writing, sampled tokens.
    """
    flops, bandwidth = peak
    width = shape.hidden // shape.heads
    per_layer = shape.hidden * (2 * shape.hidden + 2 * shape.kv_heads * width) + 3 * shape.hidden * shape.mlp
    patches, read = 4 * load["visual"], load["visual"] + load["text"]
    tower = shape.vision_layers * (24 * patches * shape.vision_hidden**2 + 4 * patches**2 * shape.vision_hidden)
    prefill = shape.layers * (2 * read * per_layer + 2 * read * load["context"] * shape.hidden)
    weights = (shape.layers * per_layer + shape.hidden * shape.vocabulary) * dtype.itemsize
    kv = slots * load["context"] * shape.layers * 2 * shape.kv_heads * width * dtype.itemsize
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
        asyncio.run(ask(engine, [request(10_000, 1, visual)]))  # what is done once: kernels, the shared prefix
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
    prompt, written = (statistics.mean(values) for values in ([one.prompt_tokens for one in replies], ours.tokens))
    visual = statistics.mean(one.pages[0].width_px * one.pages[0].height_px / 28**2 for one in requests)
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
