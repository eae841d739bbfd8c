"""What does the sandbox cost? Rendering through killable children against bare PyMuPDF in one process.

    python benchmarks/render.py [--json] [--pages 500] [--documents 3000] [--long 2000]

sandbox_ratio   CPU-seconds of bare PyMuPDF / CPU-seconds of parent and child together, for the same pages at
                the same size in one run: a third text, a third vector drawings, a third scans, ten to a file.
                Bare: open once, `page.get_pixmap` with alpha off, take `samples`. Sandboxed: all that a run
                does by default for an engine that needs pixels, so finding out which way a page lies, and
                straightening and stretching scans, too. Both are warm: imports and the child's start are in
                neither figure (`start_cpu_s` tells them apart). `KIND_ratio`: of pages of one kind
drawing_ratio   the same with pages shown as they lie: drawing against drawing; `KIND_care_ms` is what the rest
                adds to a page
first_pixel_ms  from `open` of a one-page document to its pixels in the parent, the child warm; median
rss_drift       resident memory of the decoder over 3,000 documents, recycled as in a run: mean of the last
                third / mean of the middle third - 1
long_peak_mb    highest resident memory of the decoder over a document of 2,000 pages, read in windows of 8
geometry_KIND_ms  what rules, fills and tables add to the words of a page, in the child
regions_KIND_ms  what laying it out into regions adds, in the parent
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import io
import json
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import numpy as np
import pymupdf
from PIL import Image

from docpipe.intake.content import Content, read_content
from docpipe.render.child.budget import visual_size
from docpipe.render.regions import regions
from docpipe.render.renderer import Renderer
from docpipe.render.sheet import AS_IS
from docpipe.settings import Render, Settings

WIDTH_PT, HEIGHT_PT = 595.28, 841.89
PAGES_PER_FILE = 10
WINDOW_PAGES = 8
TURNS = 3  # of bare and sandboxed, alternating: the median of each
PIXELS = frozenset({"pixels"})
WORDS = ("invoice", "total", "number", "account", "payment", "quantity", "due", "within", "thirty", "days", "tax")
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
SIZE = visual_size(WIDTH_PT, HEIGHT_PT, Render().min_pixels, Render().max_pixels, Render().grid_px)


def text_page(file: pymupdf.Document, chance: random.Random) -> None:
    """A heading and 450 words in paragraphs."""
    page = file.new_page(width=WIDTH_PT, height=HEIGHT_PT)
    page.insert_text((50, 60), "Terms of delivery", fontsize=18, fontname="hebo")
    words = [chance.choice(WORDS) for _ in range(450)]
    page.insert_textbox((50, 90, 545, 800), " ".join(words), fontsize=10)


def drawn_page(file: pymupdf.Document, chance: random.Random) -> None:
    """Contours and hatching of a plan: 1,000 strokes, 100 curves, 100 filled shapes, a label."""
    page = file.new_page(width=WIDTH_PT, height=HEIGHT_PT)
    shape = page.new_shape()
    for _ in range(100):
        x, y = chance.uniform(40, 500), chance.uniform(40, 760)
        shape.draw_rect((x, y, x + chance.uniform(3, 60), y + chance.uniform(3, 60)))
        shape.finish(color=None, fill=(chance.random(), chance.random(), chance.random()))
    for number in range(1_100):
        x, y = chance.uniform(40, 480), chance.uniform(40, 720)
        points = [(x + chance.uniform(0, 80), y + chance.uniform(0, 80)) for _ in range(4)]
        if number % 11:
            shape.draw_line(*points[:2])
        else:
            shape.draw_bezier(*points)
        shape.finish(width=chance.uniform(0.2, 1.5))
    shape.commit()
    page.insert_text((50, 820), "Plan 1 : 100", fontsize=8)


@functools.lru_cache(maxsize=64)
def scan(seed: int) -> bytes:
    """A text page as a scanner gives it: 200 dpi, gray noise, JPEG."""
    with pymupdf.open() as source:
        text_page(source, random.Random(seed))
        image = source[0].get_pixmap(dpi=200, alpha=False)
    pixels = np.frombuffer(image.samples, np.uint8).reshape(image.height, image.width, 3).astype(np.int16)
    noise = np.random.default_rng(seed).normal(0, 6, pixels.shape[:2])[..., None]
    out = io.BytesIO()
    Image.fromarray(np.clip(pixels + noise - 8, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=80)
    return out.getvalue()


def scanned_page(file: pymupdf.Document, chance: random.Random) -> None:
    """One image over the whole page; every page of a file has another one."""
    page = file.new_page(width=WIDTH_PT, height=HEIGHT_PT)
    page.insert_image(page.rect, stream=scan(chance.randrange(60)) + chance.randbytes(8))


KINDS = {"text": text_page, "drawings": drawn_page, "scans": scanned_page}


def files(folder: Path, pages: int) -> dict[str, list[Path]]:
    """A third of the pages in files of each kind."""
    made: dict[str, list[Path]] = {}
    for kind, draw in KINDS.items():
        chance = random.Random(kind)
        for number in range(-(-pages // len(KINDS) // PAGES_PER_FILE)):
            path = folder / f"{kind}{number:03d}.pdf"
            with pymupdf.open() as file:
                for _ in range(PAGES_PER_FILE):
                    draw(file, chance)
                file.save(path, deflate=True)
            made.setdefault(kind, []).append(path)
    return made


def bare(paths: list[Path]) -> int:
    """Pages drawn by PyMuPDF alone."""
    done = 0
    for path in paths:
        with pymupdf.open(path) as file:
            for page in file:
                matrix = pymupdf.Matrix(SIZE[0] / page.rect.width, SIZE[1] / page.rect.height)
                pixels = page.get_pixmap(matrix=matrix, alpha=False)
                assert len(pixels.samples) == SIZE[0] * SIZE[1] * 3
                done += 1
    return done


async def sandboxed(renderer: Renderer, contents: list[Content], *, as_it_lies: bool = False) -> int:
    """Pages drawn by the child, one after another, each held as a run holds it: till its window is full.

    `as_it_lies`: as if every page's pose were known, so that only drawing is compared with drawing.
    """
    done = 0
    for content in contents:
        window = []
        async with await renderer.open(content) as document:
            if as_it_lies:
                document._poses.update(dict.fromkeys(range(1, document.page_count + 1), AS_IS))
            for number in range(1, document.page_count + 1):
                page = await document.page(number, PIXELS)
                assert page.pixels is not None
                assert page.pixels.shape == (SIZE[1], SIZE[0], 3)
                window = [*window[-WINDOW_PAGES + 1 :], page]
                done += 1
    return done


def decoder() -> Path:
    """The /proc folder of this process's decoder."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            if parent == os.getpid() and b"docpipe.render.child.decoder" in (folder / "cmdline").read_bytes():
                return folder
        except OSError:
            continue
    raise LookupError("no decoder runs")


def child_cpu_s(folder: Path) -> float:
    """CPU-seconds of a process: to the nanosecond where the kernel keeps them."""
    try:
        return sum(int(one.read_text().split()[0]) for one in folder.glob("task/*/schedstat")) / 1e9
    except OSError:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK_S


def memory_mb(folder: Path, what: str) -> float:
    line = next(line for line in (folder / "status").read_text().splitlines() if line.startswith(what + ":"))
    return int(line.split()[1]) / 1024


async def sandbox_ratio(made: dict[str, list[Path]]) -> dict[str, float]:
    settings = Settings()
    contents = {kind: [read_content(path, settings.limits) for path in paths] for kind, paths in made.items()}
    spent: dict[str, dict[str, list[float]]] = {
        what: {kind: [] for kind in made} for what in ("bare", "parent", "child", "drawing")
    }
    with Renderer(settings) as renderer:
        await renderer.open(contents["text"][0])
        start_cpu_s = child_cpu_s(decoder())
        await sandboxed(renderer, [paths[0] for paths in contents.values()])
        bare([paths[0] for paths in made.values()])
        for _ in range(TURNS):
            for kind, paths in made.items():
                before = time.process_time()
                pages = bare(paths)
                spent["bare"][kind].append(time.process_time() - before)
                before, below = time.process_time(), child_cpu_s(decoder())
                assert await sandboxed(renderer, contents[kind]) == pages
                spent["parent"][kind].append(time.process_time() - before)
                spent["child"][kind].append(child_cpu_s(decoder()) - below)
                before, below = time.process_time(), child_cpu_s(decoder())
                await sandboxed(renderer, contents[kind], as_it_lies=True)
                spent["drawing"][kind].append(time.process_time() - before + child_cpu_s(decoder()) - below)
    found: dict[str, float] = {}
    sums = [0.0, 0.0, 0.0]
    for kind, paths in made.items():
        pages = len(paths) * PAGES_PER_FILE
        alone, parent, child, drawing = (statistics.median(spent[what][kind]) for what in spent)
        found[f"{kind}_bare_ms"] = 1000 * alone / pages
        found[f"{kind}_child_ms"] = 1000 * child / pages
        found[f"{kind}_parent_ms"] = 1000 * parent / pages
        found[f"{kind}_ratio"] = alone / (parent + child)
        found[f"{kind}_care_ms"] = 1000 * (parent + child - drawing) / pages
        sums = [one + more for one, more in zip(sums, (alone, parent + child, drawing), strict=True)]
    ratios = {"sandbox_ratio": sums[0] / sums[1], "drawing_ratio": sums[0] / sums[2]}
    return {**ratios, **found, "start_cpu_s": start_cpu_s}


def one_pager(number: int) -> bytes:
    with pymupdf.open() as file:
        text_page(file, random.Random(number))
        data: bytes = file.tobytes(deflate=True)
    return data


async def first_pixel_ms(folder: Path, times: int = 51) -> dict[str, float]:
    seconds = []
    with Renderer(Settings()) as renderer:
        for number in range(times):
            path = folder / "first.pdf"
            path.write_bytes(one_pager(number))
            content = read_content(path, renderer.settings.limits)
            started = time.perf_counter()
            async with await renderer.open(content) as document:
                await document.page(1, PIXELS)
            seconds.append(time.perf_counter() - started)
    return {"first_pixel_ms": 1000 * statistics.median(seconds[1:]), "first_pixel_cold_ms": 1000 * seconds[0]}


async def rss_drift(folder: Path, documents: int) -> dict[str, float]:
    """Every document is another one: text, drawings and scans in turn, pixels and words of its page."""
    kinds = list(KINDS.values())
    templates = []
    for number in range(30):
        with pymupdf.open() as file:
            kinds[number % len(kinds)](file, random.Random(number))
            templates.append(file.tobytes(deflate=True))
    resident = []
    with Renderer(Settings(render=Render(ocr=False))) as renderer:
        for number in range(documents):
            path = folder / "drift.pdf"
            path.write_bytes(templates[number % len(templates)] + b"%% %d\n" % number)
            async with await renderer.open(read_content(path, renderer.settings.limits)) as document:
                await document.page(1, frozenset({"pixels", "words", "geometry"}))
            resident.append(memory_mb(decoder(), "VmRSS"))
    third = documents // 3
    middle, last = statistics.mean(resident[third : 2 * third]), statistics.mean(resident[2 * third :])
    return {"rss_drift": last / middle - 1, "rss_mb": last, "rss_most_mb": max(resident)}


async def long_document(folder: Path, pages: int) -> dict[str, float]:
    path = folder / "long.pdf"
    with pymupdf.open() as file:
        for number in range(pages):
            list(KINDS.values())[number % 3](file, random.Random(number % 60))
        file.save(path, deflate=True)
    with Renderer(Settings()) as renderer:
        started = time.perf_counter()
        await sandboxed(renderer, [read_content(path, renderer.settings.limits)])
        seconds, child = time.perf_counter() - started, decoder()
        peaks = {"long_peak_mb": memory_mb(child, "VmHWM"), "long_peak_virtual_mb": memory_mb(child, "VmPeak")}
    return {**peaks, "long_s": seconds, "long_file_mb": path.stat().st_size / 1024**2}


async def geometry_ms(folder: Path, times: int = 200) -> dict[str, float]:
    found = {}
    with Renderer(Settings()) as renderer:
        for kind, draw in KINDS.items():
            if kind == "scans":
                continue
            with pymupdf.open() as file:
                draw(file, random.Random(1))
                (folder / "one.pdf").write_bytes(file.tobytes())
            async with await renderer.open(read_content(folder / "one.pdf", renderer.settings.limits)) as document:
                spent = []
                for needs in (frozenset({"words"}), frozenset({"words", "geometry"})):
                    await document.page(1, needs)
                    before = child_cpu_s(decoder())
                    for _ in range(times):
                        await document.page(1, needs)
                    spent.append(child_cpu_s(decoder()) - before)
                page = await document.page(1, frozenset({"words", "geometry"}))
            found[f"geometry_{kind}_ms"] = 1000 * (spent[1] - spent[0]) / times
            before = time.process_time()
            for _ in range(times):
                regions(page)
            found[f"regions_{kind}_ms"] = 1000 * (time.process_time() - before) / times
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--documents", type=int, default=3_000, help="of the memory's measure; 0 leaves it out")
    parser.add_argument("--long", type=int, default=2_000, help="pages of the long document; 0 leaves it out")
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        steps: list[Callable[[], Awaitable[dict[str, float]]]] = [
            lambda: sandbox_ratio(files(folder, wanted.pages)),
            lambda: first_pixel_ms(folder),
            lambda: geometry_ms(folder),
        ]
        if wanted.documents:
            steps.append(lambda: rss_drift(folder, wanted.documents))
        if wanted.long:
            steps.append(lambda: long_document(folder, wanted.long))
        found: dict[str, float] = {}
        for step in steps:
            figures = asyncio.run(_one(step))
            print(", ".join(f"{name} {figure:.3f}" for name, figure in figures.items()), file=sys.stderr)
            found |= figures
    found = {name: round(figure, 4) for name, figure in found.items()}
    if wanted.json:
        json.dump(found, sys.stdout)
        print()
        return
    for name, figure in found.items():
        print(f"{name:24} {figure:10.3f}")


async def _one(step: Callable[[], Awaitable[dict[str, float]]]) -> dict[str, float]:
    return await step()


if __name__ == "__main__":
    main()
