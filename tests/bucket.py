"""An S3 server on loopback for tests, and a wire to it that can be cut."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
from collections.abc import Iterator
from unittest import mock

from moto.server import ThreadedMotoServer


@contextlib.contextmanager
def s3_server() -> Iterator[tuple[str, int]]:
    """(host, port) of a server that starts empty."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        yield server.get_host_and_port()
    finally:
        server.stop()


def environment(host: str, port: int) -> dict[str, str]:
    """What makes S3 libraries speak to the server, with keys that are worth nothing."""
    return {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_REGION": "us-east-1",
    }


@contextlib.contextmanager
def speaking_to(host: str, port: int) -> Iterator[None]:
    """This process's environment, for as long as it lasts."""
    with mock.patch.dict(os.environ, environment(host, port)):
        yield


def make_bucket(host: str, port: int, name: str) -> str:
    """The URL of a new, empty bucket."""
    import http.client

    connection = http.client.HTTPConnection(host, port)
    connection.request(
        "PUT", f"/{name}", headers={"Authorization": "AWS4-HMAC-SHA256 Credential=test/x/us-east-1/s3/y"}
    )
    assert connection.getresponse().status == 200
    connection.close()
    return f"s3://{name}"


class Wire:
    """A TCP proxy to a server. Once `cut_after` bytes went upward the connection breaks; all later ones too,
    unless it breaks `once`.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = host, port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.host, self.port = self._listener.getsockname()
        self.cut_after: int | None = None
        self.once = False
        self._lock = threading.Lock()
        self._closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._closed = True
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                threading.Thread(target=self._carry, args=(near, far, True), daemon=True).start()
                threading.Thread(target=self._carry, args=(far, near, False), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, upward: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65_536):
                if upward and self._cuts(len(data)):
                    break
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _cuts(self, count: int) -> bool:
        with self._lock:
            if self.cut_after is None:
                return False
            self.cut_after -= count
            cut = self.cut_after < 0
            if cut and self.once:
                self.cut_after = None
            return cut
