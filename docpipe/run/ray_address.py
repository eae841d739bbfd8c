"""RAY_ADDRESS: which cluster it names, and whether somebody answers there. Needs no Ray."""

from __future__ import annotations

import re
import socket
from collections.abc import Mapping
from contextlib import suppress

from docpipe.errors import ClusterUnreachable, InvalidSettings
from docpipe.intake.names import shown

ANSWER_S = 5.0  # for a connection, and again for the first words over it
_HOST_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):(?P<port>[0-9]{1,5})\Z")
_PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000 04 00 00000000")  # RFC 9113, 3.4: no settings
_SETTINGS = 4  # the type of the frame that a server begins with


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


def knock(address: str) -> None:
    """Return if something that may be a Ray head listens at "host:port"; takes at most 2 * ANSWER_S and a name's look-up.

    Ray itself goes on trying for minutes. Its head speaks gRPC, which is HTTP/2: the server's first frame are its
    settings. Raises ClusterUnreachable.
    """
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_S) as connection:
            connection.settimeout(ANSWER_S)
            connection.sendall(_PREFACE)
            head = b""
            while len(head) < 9 and (more := connection.recv(9 - len(head))):
                head += more
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
    except OSError as error:
        raise ClusterUnreachable(f"no Ray answers at RAY_ADDRESS={address}: {error.strerror or error}") from error
    if len(head) < 9 or head[3] != _SETTINGS:
        raise ClusterUnreachable(f"what answers at RAY_ADDRESS={address} is no Ray head")
