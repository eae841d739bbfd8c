"""A Ray address is one that can be joined, and somebody healthy answers there, or that is said in one line."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator

import pytest

from docpipe.errors import ClusterUnreachable, InvalidSettings
from docpipe.run import ray_address as module
from docpipe.run.ray_address import knock, ray_address

SETTINGS = bytes.fromhex("000006 04 00 00000000 0003 00000064")
HEADERS = bytes.fromhex("000001 01 04 00000001 88")
SERVING = bytes.fromhex("000007 00 00 00000001 0000000002 0801")
NOT_SERVING = bytes.fromhex("000007 00 00 00000001 0000000002 0802")
NOT_FOUND = bytes.fromhex("000001 01 05 00000001 8d")


@pytest.mark.parametrize("address", ["head:6379", "10.0.0.1:1", "[::1]:6379", "ray-head.ns.svc.cluster.local:6379"])
def test_a_head_is_named_by_host_and_port(address: str) -> None:
    assert ray_address({"RAY_ADDRESS": address}) == address


@pytest.mark.parametrize("environment", [{}, {"RAY_ADDRESS": ""}, {"RAY_ADDRESS": "local"}])
def test_without_one_a_run_has_a_ray_of_its_own(environment: dict[str, str]) -> None:
    assert ray_address(environment) is None


@pytest.mark.parametrize(
    "address",
    ["ray://head:10001", "auto", "garbage", "head:0", "head:65536", "head:", ":6379", "a b:1", "x\x1b]0;A\x07"],
)
def test_another_address_is_refused_in_words(address: str) -> None:
    with pytest.raises(InvalidSettings, match="RAY_ADDRESS=") as caught:
        ray_address({"RAY_ADDRESS": address})
    assert caught.value.message.isprintable()
    assert "host:port" in caught.value.what_to_do


@pytest.fixture
def serve() -> Iterator[Callable[[bytes | None], str]]:
    """Answers whoever connects with these bytes; None keeps silent."""
    listening: list[socket.socket] = []

    def begin(answer: bytes | None) -> str:
        server = socket.create_server(("127.0.0.1", 0))
        listening.append(server)

        def talk() -> None:
            connection, _ = server.accept()
            connection.recv(1_024)
            if answer is not None:
                connection.sendall(answer)
                connection.close()
            listening.append(connection)

        threading.Thread(target=talk, daemon=True).start()
        return f"127.0.0.1:{server.getsockname()[1]}"

    yield begin
    for each in listening:
        each.close()


def test_a_healthy_head_is_let_pass(serve: Callable[[bytes | None], str]) -> None:
    knock(serve(SETTINGS + HEADERS + SERVING))


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"",
        SETTINGS,
        SETTINGS + NOT_FOUND,
        SETTINGS + HEADERS + NOT_SERVING,
        SETTINGS + HEADERS + SERVING[:-1],
        SETTINGS * 1_000,
        b"\xff" * 100,
    ],
)
def test_something_else_that_listens_is_no_head(serve: Callable[[bytes | None], str], answer: bytes) -> None:
    with pytest.raises(ClusterUnreachable):
        knock(serve(answer))


def test_silence_is_not_waited_for_long(serve: Callable[[bytes | None], str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ANSWER_S", 0.2)
    with pytest.raises(ClusterUnreachable, match="timed out"):
        knock(serve(None))


def test_where_nobody_listens(serve: Callable[[bytes | None], str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ClusterUnreachable, match="refused"):
        knock(f"127.0.0.1:{port}")
