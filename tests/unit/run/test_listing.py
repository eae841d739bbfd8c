"""Inputs are found ahead of the work, within bounds, and what goes wrong on the way is not lost."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from docpipe.errors import ListingFailed
from docpipe.records import Source
from docpipe.run import listing as listing_module
from docpipe.run.listing import Listing
from tests.waiting import wait_until


def endless() -> Iterator[Source]:
    for number in itertools.count():
        yield Source(str(number))


def some(count: int) -> Iterator[Source]:
    return itertools.islice(endless(), count)


def real(listing: Listing) -> list[str]:
    return [source.uri for source in listing if source is not None]


def test_all_are_given_once_in_their_order() -> None:
    with closing(Listing(lambda: some(25_000))) as listing:
        assert not listing.is_empty()
        assert not listing.is_empty()
        assert real(listing) == [str(number) for number in range(25_000)]
        assert (listing.found, listing.ended) == (25_000, True)


def test_nothing_is_known_as_nothing() -> None:
    with closing(Listing(lambda: iter(()))) as listing:
        assert listing.is_empty()
        assert listing.is_empty()
        assert real(listing) == []


def test_a_limit_ends_an_endless_search() -> None:
    with closing(Listing(endless, 7)) as listing:
        assert real(listing) == list("0123456")
        assert (listing.found, listing.ended) == (7, True)


def test_it_looks_ahead_so_far_and_no_further(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "LOOK_AHEAD", 10)
    with closing(Listing(endless)) as listing:
        wait_until(lambda: listing.found >= 11)
        time.sleep(0.1)
        assert listing.found == 11, "ten wait, one is in hand"
        assert not listing.ended


def test_who_asks_is_not_held_up_by_a_search_that_is() -> None:
    go_on = threading.Event()

    def slow() -> Iterator[Source]:
        yield Source("first")
        go_on.wait(600)
        yield Source("last")

    with closing(Listing(slow)) as listing:
        asked = iter(listing)
        assert next(asked) == Source("first")
        assert next(asked) is None
        assert next(asked) is None
        assert not listing.ended
        go_on.set()
        assert [one.uri for one in asked if one is not None] == ["last"]
        assert listing.ended


def test_an_error_comes_after_what_was_found_before_it() -> None:
    def broken() -> Iterator[Source]:
        yield from some(2)
        raise ListingFailed("gone")

    with closing(Listing(broken)) as listing:
        asked = (one for one in listing if one is not None)
        assert [next(asked).uri, next(asked).uri] == ["0", "1"]
        with pytest.raises(ListingFailed):
            next(asked)


def test_an_error_at_the_start_is_raised_to_the_first_who_asks() -> None:
    def wrong() -> Iterator[Source]:
        raise ListingFailed("gone")

    with closing(Listing(wrong)) as listing, pytest.raises(ListingFailed):
        listing.is_empty()


def test_closing_ends_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing_module, "_LEAVE_S", 0.01)
    monkeypatch.setattr(listing_module, "LOOK_AHEAD", 10)
    before = threading.active_count()
    listing = Listing(endless)
    wait_until(lambda: listing.found == 11)
    listing.close()
    wait_until(lambda: threading.active_count() == before)
