"""A page that never ends is ended by its timer, and nobody else notices; not even a dead parent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pymupdf
import pytest

from docpipe.errors import RenderTimeout
from docpipe.intake.content import read_content
from docpipe.render.renderer import Renderer
from docpipe.settings import Limits, Settings
from tests.waiting import below, command, killed_at_last, wait_for_end, wait_until

PIXELS = frozenset({"pixels"})
WORDS = frozenset({"words"})
NESTED, TIMES = 14, 10  # 10 to the 13th drawings: MuPDF spins for years, holding the interpreter's lock
ROOT = Path(__file__).parents[2]
DECODER = "docpipe.render.child.decoder"


def hanging_pdf(path: Path, title: str = "") -> Path:
    """One page that draws a form, which draws the next one a dozen times, and so on."""
    file = pymupdf.open()
    page = file.new_page()
    form = None
    for level in range(NESTED):
        below, form = form, file.get_new_xref()
        resources = f"<< /XObject << /F {below} 0 R >> >>" if below else "<< >>"
        file.update_object(form, f"<< /Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources {resources} >>")
        file.update_stream(form, b"/F Do " * TIMES if level else b"0 0 5 5 re f")
    file.xref_set_key(page.xref, "Resources", f"<< /XObject << /F {form} 0 R >> >>")
    contents = file.get_new_xref()
    file.update_object(contents, "<< >>")
    file.update_stream(contents, b"/F Do")
    file.xref_set_key(page.xref, "Contents", f"{contents} 0 R")
    file.set_metadata({"title": title})
    file.save(path, garbage=1)
    return path


def good_pdf(path: Path, text: str = "unharmed") -> Path:
    file = pymupdf.open()
    file.new_page().insert_text((50, 50), text)
    file.save(path)
    return path


async def test_a_hang_ends_and_its_neighbours_are_unharmed(tmp_path: Path) -> None:
    limits = Limits(page_timeout_s=1.0)
    hang = read_content(hanging_pdf(tmp_path / "hang.pdf"), limits)
    good = read_content(good_pdf(tmp_path / "good.pdf"), limits)
    assert hang.size < 4_000
    with Renderer(Settings(limits=limits)) as renderer:
        before = await renderer.open(good)
        document = await renderer.open(hang)
        opening_s = document.work_s
        outcomes = await asyncio.gather(
            document.page(1, PIXELS), before.page(1, WORDS), before.page(1, PIXELS), return_exceptions=True
        )
        assert document.work_s - opening_s < 4
        assert isinstance(outcomes[0], RenderTimeout)
        assert outcomes[1].words[0].text == "unharmed"
        assert outcomes[2].pixels is not None
        with pytest.raises(RenderTimeout):
            await document.page(1, WORDS)
        assert (await before.page(1, WORDS)).words


async def test_a_document_that_has_little_time_left_ends_in_mid_page(tmp_path: Path) -> None:
    limits = Limits(page_timeout_s=60.0)
    with Renderer(Settings(limits=limits)) as renderer:
        document = await renderer.open(read_content(hanging_pdf(tmp_path / "hang.pdf"), limits))
        for within_s in (1.0, -5.0):
            worked_s = document.work_s
            with pytest.raises(RenderTimeout):
                await document.page(1, PIXELS, within_s=within_s)
            assert document.work_s - worked_s < 4
        good = await renderer.open(read_content(good_pdf(tmp_path / "good.pdf"), limits))
        assert (await good.page(1, WORDS)).words
        assert (await good.page(1, WORDS, within_s=5)).words


async def test_cancelling_a_wait_does_not_wedge_the_queue(tmp_path: Path) -> None:
    limits = Limits(page_timeout_s=1.5)
    with Renderer(Settings(limits=limits)) as renderer:
        good = await renderer.open(read_content(good_pdf(tmp_path / "good.pdf"), limits))
        hang = await renderer.open(read_content(hanging_pdf(tmp_path / "hang.pdf"), limits))
        running = asyncio.create_task(hang.page(1, PIXELS))
        queued = [asyncio.create_task(good.page(1, PIXELS)) for _ in range(3)]
        await asyncio.sleep(0.3)
        for task in (running, *queued):
            task.cancel()
        assert (await good.page(1, WORDS)).words[0].text == "unharmed"


async def test_closing_ends_a_hang_at_once(tmp_path: Path) -> None:
    limits = Limits(page_timeout_s=3_600)
    before = children_of(os.getpid())
    renderer = Renderer(Settings(limits=limits))
    hang = await renderer.open(read_content(hanging_pdf(tmp_path / "hang.pdf"), limits))
    task = asyncio.create_task(hang.page(1, PIXELS))
    await asyncio.sleep(0.3)
    started = time.monotonic()
    renderer.close()
    renderer.close()
    assert time.monotonic() - started < 10, "it waited for the page"
    assert children_of(os.getpid()) <= before
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(outcome, BaseException)


def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    hanging_pdf(tmp_path / "hang.pdf")
    script = textwrap.dedent("""
        import asyncio, sys
        from docpipe.intake.content import read_content
        from docpipe.render.renderer import Renderer
        from docpipe.settings import Limits, Settings

        async def main():
            limits = Limits(page_timeout_s=3_600)
            renderer = Renderer(Settings(limits=limits))
            renderer.expect_scans()
            document = await renderer.open(read_content(sys.argv[1], limits))
            print("hanging", flush=True)
            await document.page(1, frozenset({"pixels"}))

        asyncio.run(main())
    """)
    command = [sys.executable, "-c", script, str(tmp_path / "hang.pdf")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"hanging\n"
        wait_until(lambda: len(below(parent)) == 2, parent)
        time.sleep(0.5)
        children = below(parent)
        parent.send_signal(signal.SIGKILL)
    wait_for_end(children, 5)


@pytest.mark.slow
@pytest.mark.parametrize("workers", ["0", "2"])
def test_nothing_outlives_a_driver_that_is_killed_in_mid_hang(tmp_path: Path, workers: str) -> None:
    """Render's children are gone after 5 s, every worker after 15 s; Ray's own agents take their time."""
    (tmp_path / "in").mkdir()
    for number in range(4):
        hanging_pdf(tmp_path / "in" / f"{number}.pdf", f"hang {number}")
    script = tmp_path / "script.json"
    script.write_text('{"answers": [{}], "needs": ["pixels"]}')
    command = [
        sys.executable, "-m", "docpipe", "run", str(tmp_path / "in"), "--schema", "invoice", "--engine", "scripted",
        "--model", str(script), "--out", str(tmp_path / "out"), "--workers", workers,
        "--set", "limits.page_timeout_s=3600",
    ]  # fmt: skip
    started = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT)
    with killed_at_last(started) as driver:
        hanging = max(1, int(workers))
        wait_until(lambda: sum(map(is_spinning, below(driver, DECODER))) >= hanging, driver)
        decoders, workers_below = below(driver, DECODER), [one for one in below(driver) if is_worker(one)]
    wait_for_end(decoders, 5)
    wait_for_end(workers_below, 10)


def is_worker(process: psutil.Process) -> bool:
    title = command(process)
    return "docpipe" in title or (title.startswith("ray::") and "Agent" not in title)


def is_spinning(one: psutil.Process) -> bool:
    """Longer than any decoder needs to start."""
    try:
        return sum(one.cpu_times()[:2]) > 1.5
    except psutil.Error:
        return False


def children_of(parent: int) -> set[int]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.add(int(status.parent.name))
    return found
