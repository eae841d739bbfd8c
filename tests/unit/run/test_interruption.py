"""A signal may come at any moment, also while the handlers are set, and a second one after the first."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from docpipe.errors import Interrupted
from docpipe.run.interruption import ENDING, interruptible


@pytest.fixture(autouse=True)
def handlers() -> Iterator[dict[signal.Signals, Any]]:
    """Those of before, which are set again."""
    before = {number: signal.getsignal(number) for number in ENDING}
    for number in ENDING:
        signal.signal(number, signal.default_int_handler)
    yield before
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_signal_that_comes_while_the_handlers_are_set_ends_it_as_any_other(monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = signal.signal, list[int]()

    def set_and_come(number: int, handler: Any) -> Any:
        before = real(number, handler)
        calls.append(number)
        if len(calls) == 1:
            os.kill(os.getpid(), number)
        return before

    monkeypatch.setattr(signal, "signal", set_and_come)
    with pytest.raises(Interrupted, match="SIGINT"), interruptible():
        pytest.fail("it goes on")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("number", ENDING)
def test_a_process_that_ends_is_not_disturbed_again(number: signal.Signals) -> None:
    with pytest.raises(Interrupted, match=number.name), interruptible(ends_process=True):
        os.kill(os.getpid(), number)
    for ending in ENDING:
        os.kill(os.getpid(), ending)  # nothing happens
        assert signal.getsignal(ending) is signal.SIG_IGN


def test_what_is_within_ends_the_process_too() -> None:
    with pytest.raises(Interrupted), interruptible(ends_process=True), interruptible():
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_IGN


def test_a_program_that_goes_on_has_its_handlers_back() -> None:
    with pytest.raises(Interrupted), interruptible():
        os.kill(os.getpid(), signal.SIGINT)
    with interruptible(ends_process=True):
        pass
    for ending in ENDING:
        assert signal.getsignal(ending) is signal.default_int_handler
