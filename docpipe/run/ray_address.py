"""RAY_ADDRESS: which cluster it names, and whether somebody answers there. Needs no Ray."""

from __future__ import annotations

import re
import secrets
import socket
import sys
import time
from collections.abc import Mapping, MutableMapping
from typing import BinaryIO

from docpipe.errors import ClusterUnreachable, InvalidSettings
from docpipe.intake.names import shown

ANSWER_S = 5.0  # for a connection, and again for what comes over it
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})\Z")
_DATA, _HEADERS, _SETTINGS = 0, 1, 4  # types of frames: RFC 9113, section 6
_END_STREAM, _END_HEADERS = 1, 4  # their flags
_MOST_FRAMES = 64  # a health check takes eight or so


def ray_address(environment: Mapping[str, str]) -> str | None:
    """ "host:port" of the cluster that RAY_ADDRESS names; None where a run starts a Ray of its own ("", "local").

    Raises InvalidSettings for anything else. "auto" would join whatever Ray there is on this machine, such as that
    of another run, and end with it; a client (ray://) does not see the files and the errors of its workers.
    """
    address = environment.get("RAY_ADDRESS", "")
    if address in ("", "local"):
        return None
    parts = _HOST_PORT.match(address)
    if parts is None or not 0 < int(parts["port"]) < 65_536:
        raise InvalidSettings(
            f"RAY_ADDRESS={shown(address)} names no cluster that docpipe can join",
            remedy="Write host:port of the cluster's head (as `ray start --head` prints it, mostly port 6379), "
            "or unset it: docpipe then starts a Ray of its own.",
        )
    return address


def keep_to_itself(environment: MutableMapping[str, str]) -> None:
    """Have a Ray that a run starts obey that run alone: it listens on every interface, and does what it is told.

    Ray reads this when it is imported; versions before 2.52 know no such token. A cluster has its own ways.
    """
    if ray_address(environment) is None and "RAY_AUTH_MODE" not in environment and "ray" not in sys.modules:
        environment.update(RAY_AUTH_MODE="token", RAY_AUTH_TOKEN=secrets.token_hex(32))


def knock(address: str) -> None:
    """Return if a healthy Ray head is at "host:port"; raises ClusterUnreachable.

    It takes a name's look-up and some ANSWER_S. Ray itself goes on trying for minutes. Its head is a gRPC server and
    answers grpc.health.v1.Health/Check, asked here without a gRPC library, since none comes with Ray.
    """
    host, _, port = address.rpartition(":")
    ends = time.monotonic() + 2 * ANSWER_S
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S) as connection:
            connection.settimeout(ANSWER_S)
            connection.sendall(_health_check())
            with connection.makefile("rb") as answer:
                for _ in range(_MOST_FRAMES):
                    kind, body = _frame(answer)
                    if kind == _DATA and body.endswith(b"\x08\x01"):  # status: SERVING
                        return
                    if kind is None or time.monotonic() > ends:
                        break
    except OSError as error:
        raise ClusterUnreachable(f"no Ray answers at RAY_ADDRESS={address}: {error.strerror or error}") from error
    raise ClusterUnreachable(f"what answers at RAY_ADDRESS={address} is no Ray head")


def _health_check() -> bytes:
    """The bytes of a request of grpc.health.v1.Health/Check about the server as a whole, over HTTP/2 (RFC 9113)."""
    headers = b"\x83\x86"  # RFC 7541, appendix A: ":method: POST", ":scheme: http"
    headers += _header(b":path", b"/grpc.health.v1.Health/Check") + _header(b":authority", b"ray")
    headers += _header(b"te", b"trailers") + _header(b"content-type", b"application/grpc")
    message = bytes(5)  # not compressed, of length 0
    return b"".join(
        [
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            _framed(_SETTINGS, 0, 0, b""),
            _framed(_HEADERS, _END_HEADERS, 1, headers),
            _framed(_DATA, _END_STREAM, 1, message),
        ]
    )


def _header(name: bytes, value: bytes) -> bytes:
    """A literal header field without indexing and Huffman code: RFC 7541, 6.2.2."""
    return b"\x00" + bytes([len(name)]) + name + bytes([len(value)]) + value


def _framed(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def _frame(answer: BinaryIO) -> tuple[int | None, bytes]:
    """The type and the body of the next frame; None where no whole one comes any more."""
    head = answer.read(9)
    size = int.from_bytes(head[:3], "big")
    if len(head) < 9 or size > 16_384:  # RFC 9113, 4.2: nobody allowed more
        return None, b""
    return head[3], answer.read(size)
