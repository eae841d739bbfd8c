"""Messages arrive whole and with their memory, or not at all."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator

import pytest

from docpipe.render import wire

Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    left, right = socket.socketpair()
    with left, right:
        yield left, right


def patient() -> float:
    return 0.05


def soon() -> wire.Patience:
    ends = time.monotonic() + 0.2

    def patience() -> float:
        if time.monotonic() >= ends:
            raise TimeoutError
        return 0.05

    return patience


def test_a_message_and_its_memory(pair: Pair) -> None:
    wire.send(pair[0], {"page": 1}, wire.sealed(b"pixels"))
    wire.send(pair[0], {"page": 2})
    message, memory = wire.receive(pair[1], patient)
    assert message == {"page": 1}
    assert memory is not None
    assert os.pread(memory.fd, 100, 0) == b"pixels"
    assert wire.receive(pair[1], patient) == ({"page": 2}, None)


def test_nobody_there_and_nothing_said(pair: Pair) -> None:
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], soon())
    pair[0].sendall(b"\x00\x00")
    pair[0].close()
    with pytest.raises(EOFError):
        wire.receive(pair[1], patient)


def test_a_drip_does_not_extend_the_deadline(pair: Pair) -> None:
    pair[0].sendall(wire.MAX_MESSAGE_BYTES.to_bytes(4, "big") + b"{")
    patience = soon()

    def dripping() -> float:
        pair[0].sendall(b" ")
        return patience()

    with pytest.raises(TimeoutError):
        wire.receive(pair[1], dripping)


@pytest.mark.parametrize("body", [b"[1]", b"nope", b'{"a": NaN}', b'{"a": Infinity}', b'{"a":' * 5_000, b"\xff\xfe"])
def test_what_is_no_message(pair: Pair, body: bytes) -> None:
    pair[0].sendall(len(body).to_bytes(4, "big") + body)
    with pytest.raises(ValueError, match=r"."):
        wire.receive(pair[1], patient)


def test_a_length_over_the_limit_is_not_waited_for(pair: Pair) -> None:
    pair[0].sendall(b"\xff\xff\xff\xff")
    with pytest.raises(ValueError, match="bytes"):
        wire.receive(pair[1], patient)


def test_a_shorter_memory_is_not_what_it_says() -> None:
    memory = wire.sealed(b"1234")
    assert wire.is_sealed(memory, 4)
    assert not wire.is_sealed(memory, 5)
    with open(__file__, "rb") as file:  # noqa: PTH123 - any file that is no memfd
        assert not wire.is_sealed(wire.Descriptor(os.dup(file.fileno())), 4)
