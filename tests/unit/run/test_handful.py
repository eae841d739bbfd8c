"""A handful of documents is read in this process, and work never waits for the end of a long listing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from docpipe.engine.choose import EngineSpec
from docpipe.records import Source
from docpipe.run import handful
from docpipe.run.handful import BYTES, DOCUMENTS, look_ahead, may_stay
from docpipe.settings import Running

LAYOUT = EngineSpec("layout", embedded=True)


class Inputs:
    """A listing that is over, or will not be for long."""

    def __init__(self, over: bool = True) -> None:
        self.over = over


def some(count: int, size: int = 10_000) -> Iterator[Source | None]:
    yield from (Source(str(index), size=size) for index in range(count))


@pytest.mark.parametrize(
    ("count", "size", "few"),
    [
        (1, 10_000, True),
        (DOCUMENTS, 10_000, True),
        (DOCUMENTS + 1, 10_000, False),
        (2, BYTES, False),
        (1, 100 * BYTES, True),
        (0, 0, False),
    ],
)
def test_few_and_small_is_a_handful(count: int, size: int, few: bool) -> None:
    found, small = look_ahead(some(count, size), Inputs())  # type: ignore[arg-type]
    assert (len(found), small) == (min(count, DOCUMENTS + 1), few)


def test_no_more_is_taken_from_a_long_listing_than_it_takes_to_tell() -> None:
    todo = some(1_000)
    look_ahead(todo, Inputs(over=False))  # type: ignore[arg-type]
    assert len(list(todo)) == 1_000 - DOCUMENTS - 1


def test_a_listing_that_goes_on_and_on_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(1_000))
    monkeypatch.setattr(handful.time, "monotonic", lambda: float(next(clock)))

    def slow() -> Iterator[Source | None]:
        yield None
        yield Source("a", size=1)
        while True:
            yield None

    found, few = look_ahead(slow(), Inputs(over=False))  # type: ignore[arg-type]
    assert ([source.uri for source in found if isinstance(source, Source)], few) == (["a"], False)


def test_copies_of_what_was_found_are_not_waited_for() -> None:
    def waiting() -> Iterator[Source | None]:
        yield from some(2)
        while True:
            yield None

    assert look_ahead(waiting(), Inputs())[1]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "running", "address", "stays"),
    [
        (LAYOUT, Running(), "", True),
        (LAYOUT, Running(workers=2), "", False),
        (LAYOUT, Running(), "head:6379", False),
        (EngineSpec("qwen2-vl"), Running(), "", False),
    ],
)
def test_whoever_asked_for_workers_or_a_cluster_gets_them(
    spec: EngineSpec, running: Running, address: str, stays: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAY_ADDRESS", address)
    assert may_stay(spec, running) == stays
