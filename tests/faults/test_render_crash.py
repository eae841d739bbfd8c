"""A child that dies in mid-job is replaced once; dying again is the document's failure."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pymupdf
import pytest

from docpipe.errors import Corrupt, OcrUnavailable, RenderCrash, RenderKilled, RenderTimeout
from docpipe.intake.content import Content, read_content
from docpipe.render import wire
from docpipe.render.renderer import Document, Renderer
from docpipe.render.sandbox import Child, Meter
from docpipe.settings import Limits, Settings

WORDS = frozenset({"words"})
Decoders = Callable[[], set[int]]


@pytest.fixture
def source(tmp_path: Path) -> Content:
    file = pymupdf.open()
    file.new_page().insert_text((50, 50), "unharmed")
    file.save(tmp_path / "good.pdf")
    return read_content(tmp_path / "good.pdf", Limits())


def live_decoders() -> set[int]:
    """The decoders that this process started."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"docpipe.render.child.decoder" in command:
            found.add(int(folder.name))
    return found


@pytest.fixture
def decoders() -> Decoders:
    """decoders(): those started since the test began."""
    before = live_decoders()
    return lambda: live_decoders() - before


async def frozen_in_mid_job(document: Document, decoders: Decoders) -> tuple[int, asyncio.Task[object]]:
    """Stop the decoder, then give it a job: it has the job, and no answer can come."""
    (pid,) = decoders()
    os.kill(pid, signal.SIGSTOP)
    task: asyncio.Task[object] = asyncio.create_task(document.page(1, WORDS))
    await asyncio.sleep(0.2)
    return pid, task


async def test_a_child_killed_in_mid_job_is_replaced_and_nobody_notices(source: Content, decoders: Decoders) -> None:
    with Renderer(Settings()) as renderer:
        document = await renderer.open(source)
        pid, task = await frozen_in_mid_job(document, decoders)
        other = asyncio.create_task(document.page(1, frozenset({"pixels"})))
        os.kill(pid, signal.SIGKILL)
        page = await task
        assert [word.text for word in page.words] == ["unharmed"]  # type: ignore[attr-defined]
        assert (await other).pixels is not None
        assert decoders() != {pid}


async def killed(task: asyncio.Task[object], decoders: Decoders, ending: signal.Signals, times: int) -> None:
    """End each decoder that turns up, so many at most, until the task is done."""
    seen: set[int] = set()
    while not task.done():
        for decoder in decoders() - seen:
            if len(seen) < times:
                seen.add(decoder)
                os.kill(decoder, ending)
                os.kill(decoder, signal.SIGCONT)
        await asyncio.sleep(0.005)


async def test_dying_twice_is_a_crash_and_the_next_job_goes_on(source: Content, decoders: Decoders) -> None:
    with Renderer(Settings()) as renderer:
        document = await renderer.open(source)
        _, task = await frozen_in_mid_job(document, decoders)
        await killed(task, decoders, signal.SIGSEGV, 1_000)
        with pytest.raises(RenderCrash, match="2 times") as raised:
            await task
        assert not raised.value.retryable
        assert (await document.page(1, WORDS)).words


@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM])
async def test_a_child_that_others_kill_a_few_times_costs_its_document_nothing(
    source: Content, decoders: Decoders, ending: signal.Signals
) -> None:
    with Renderer(Settings()) as renderer:
        document = await renderer.open(source)
        _, task = await frozen_in_mid_job(document, decoders)
        await killed(task, decoders, ending, 3)
        assert [word.text for word in (await task).words] == ["unharmed"]  # type: ignore[attr-defined]


async def test_a_child_that_others_always_kill_is_a_failure_that_the_next_run_tries_again(
    source: Content, decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docpipe.render.sandbox._LONGEST_PAUSE_S", 0.1)
    monkeypatch.setattr("docpipe.render.sandbox._KILLS", 4)
    with Renderer(Settings()) as renderer:
        document = await renderer.open(source)
        _, task = await frozen_in_mid_job(document, decoders)
        await killed(task, decoders, signal.SIGKILL, 1_000)
        with pytest.raises(RenderKilled, match="4 times") as raised:
            await task
        assert raised.value.retryable
        assert "memory" in raised.value.what_to_do
        assert (await document.page(1, WORDS)).words


async def test_a_silent_child_meets_the_backstop(
    source: Content, decoders: Decoders, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("docpipe.render.sandbox.BACKSTOP_S", 0.2)
    limits = Limits(page_timeout_s=0.5)
    with Renderer(Settings(limits=limits)) as renderer:
        document = await renderer.open(source)
        _, task = await frozen_in_mid_job(document, decoders)
        with pytest.raises(RenderTimeout):
            await task
        assert (await document.page(1, WORDS)).words


async def test_a_child_is_recycled_after_its_documents(source: Content, decoders: Decoders, tmp_path: Path) -> None:
    limits = Limits(documents_per_child=1)
    (tmp_path / "other.pdf").write_bytes(bytes(source.data) + b"\n")
    other = read_content(tmp_path / "other.pdf", limits)
    with Renderer(Settings(limits=limits)) as renderer:
        document = await renderer.open(source)
        first = decoders()
        await document.page(1, WORDS)
        assert decoders() == first
        await renderer.open(other)
        assert decoders().isdisjoint(first)
        assert (await document.page(1, WORDS)).words


async def test_a_module_that_cannot_start_is_a_crash_not_a_wait() -> None:
    child = Child("docpipe.render.nowhere", 1024**3, Settings())
    with pytest.raises(RenderCrash):
        await child.ask({}, None, document="d", timeout_s=3_600, meter=Meter())
    child.close()


async def test_a_closed_renderer_says_so(source: Content) -> None:
    renderer = Renderer(Settings())
    document = await renderer.open(source)
    renderer.close()
    with pytest.raises(RenderCrash, match="closed"):
        await document.page(1, WORDS)


LIES: list[wire.Message] = [
    {"page_count": 10**9},
    {"page_count": "1"},
    {"page_count": True},
    {"page_count": 1e300},
    {},
    {"error": "yes"},
    {"error": {"code": "USAGE", "message": "not for a child to say"}},
]


@pytest.mark.parametrize("lie", LIES)
async def test_a_lying_child_is_a_crash(source: Content, monkeypatch: pytest.MonkeyPatch, lie: wire.Message) -> None:
    monkeypatch.setattr(Child, "_exchange", lambda *_: (lie, None))
    with Renderer(Settings()) as renderer:
        with pytest.raises(RenderCrash):
            await renderer.open(source)


@pytest.mark.parametrize("kind", [Corrupt, OcrUnavailable])
async def test_a_child_reports_its_own_errors(
    source: Content, monkeypatch: pytest.MonkeyPatch, kind: type[Corrupt]
) -> None:
    reply = {"error": {"code": kind.code, "message": "a\x00b" + "c" * 10_000}}
    monkeypatch.setattr(Child, "_exchange", lambda *_: (reply, None))
    with Renderer(Settings()) as renderer:
        with pytest.raises(kind) as raised:
            await renderer.open(source)
    assert raised.value.message.startswith("a\ufffdbc")
    assert len(raised.value.message) <= 500
