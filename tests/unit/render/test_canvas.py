"""One memory for every image, and never bytes of another one in it."""

from __future__ import annotations

import os

import pytest

from docpipe.render.child.canvas import Canvas


def test_each_image_is_all_there_is() -> None:
    canvas = Canvas()
    for data in (b"abcdef", b"xy", b"123456789"):
        memory = canvas.hold(data)
        assert os.pread(memory.fd, 100, 0) == data


def test_what_is_drawn_in_place_is_not_copied_and_stays_in_the_same_memory() -> None:
    canvas = Canvas()
    first = canvas.hold(b"aaaa")
    drawn = canvas.of(4)
    drawn[:] = b"bbbb"
    memory = canvas.hold(drawn)
    assert memory is first
    assert os.pread(memory.fd, 100, 0) == b"bbbb"


def test_too_much_is_a_lack_of_memory() -> None:
    with pytest.raises(MemoryError):
        Canvas().of(1 << 62)
