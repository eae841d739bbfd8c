"""Messages between the parent and a child: length-prefixed JSON, and memory by descriptor.

A message is 4 bytes of length (big endian), then that many bytes of UTF-8 JSON: one object. At most
one descriptor travels with it (SCM_RIGHTS, unix(7)). Nothing is ever unpickled.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from docpipe.errors import RenderCrash
from docpipe.intake.content import Descriptor

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

OUT_OF_MEMORY = "OUT_OF_MEMORY"  # code of a refusal that its document is not blamed for in these words
MAX_MESSAGE_BYTES = 32 * 1024**2
_LENGTH_BYTES = 4
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL

Message = dict[str, Any]
Patience = Callable[[], float]
"""Of one who waits: the seconds that the next wait may last; raises TimeoutError when it is used up."""


def send(channel: socket.socket, message: Message, memory: Descriptor | None = None) -> None:
    """Send one message. Raises OSError when the other side is gone, ValueError when too long."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode()
    if len(body) > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {len(body):,} bytes")
    whole = len(body).to_bytes(_LENGTH_BYTES, "big") + body
    sent = socket.send_fds(channel, [whole], [] if memory is None else [memory.fd])
    if sent < len(whole):
        channel.sendall(memoryview(whole)[sent:])


def receive(channel: socket.socket, patience: Patience | None = None) -> tuple[Message, Descriptor | None]:
    """The next message and the descriptor that came with it.

    Waits for ever without `patience`. Raises EOFError when the other side is gone, what `patience`
    raises, ValueError for anything but a JSON object.
    """
    _wait(channel, patience)
    head, descriptors, _, _ = socket.recv_fds(channel, _LENGTH_BYTES, 1)
    memory = Descriptor(descriptors[0]) if descriptors else None
    if not head:
        raise EOFError
    head += _read(channel, _LENGTH_BYTES - len(head), patience)
    length = int.from_bytes(head, "big")
    if length > MAX_MESSAGE_BYTES:
        raise ValueError(f"a message of {length:,} bytes")
    try:
        message = json.loads(_read(channel, length, patience), parse_constant=_refuse)
    except RecursionError as error:
        raise ValueError("a message nested too deep") from error
    if not isinstance(message, dict):
        raise ValueError("a message that is no object")
    return message, memory


def sealed(data: bytes | bytearray | memoryview) -> Descriptor:
    """`data` in a memfd that nobody can change or shorten any more, ready to be sent.

    The seals matter: who maps a file that its owner then shortens dies of SIGBUS.
    """
    memory = Descriptor(os.memfd_create("docpipe-pixels", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING))
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[os.write(memory.fd, rest) :]
    fcntl.fcntl(memory.fd, fcntl.F_ADD_SEALS, _SEALS)
    return memory


def is_memfd(memory: Descriptor) -> bool:
    """Whether `memory` is a memfd: no pipe, no device, no file of a file system that could wait."""
    try:
        return fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS) >= 0
    except OSError:
        return False


def copied(memory: Descriptor, most: int) -> npt.NDArray[np.uint8]:
    """The bytes in a child's memory, at most `most`, as a flat array of our own; RenderCrash if there are not.

    They are read, not mapped: whoever maps a file that its owner then shortens dies of SIGBUS. Only
    a memfd is read, since reading it cannot wait for anybody.
    """
    import numpy as np

    if not is_memfd(memory) or (size := os.fstat(memory.fd).st_size) > most:
        raise RenderCrash("the decoder sent memory that is none, or too much of it")
    array = np.empty(size, np.uint8)
    if os.preadv(memory.fd, [array.data], 0) != size:
        raise RenderCrash("the decoder took back what it had sent")
    return array


def is_sealed(memory: Descriptor, size: int) -> bool:
    """Whether `memory` is a memfd of exactly `size` bytes that can no longer change."""
    try:
        seals = fcntl.fcntl(memory.fd, fcntl.F_GET_SEALS)
    except OSError:
        return False
    return seals & _SEALS == _SEALS and os.fstat(memory.fd).st_size == size


def _read(channel: socket.socket, size: int, patience: Patience | None) -> bytes:
    chunks = bytearray()
    while len(chunks) < size:
        _wait(channel, patience)
        chunk = channel.recv(min(size - len(chunks), 1024**2))
        if not chunk:
            raise EOFError
        chunks += chunk
    return bytes(chunks)


def _wait(channel: socket.socket, patience: Patience | None) -> None:
    """Until there is something to read, or nothing will be any more."""
    if patience is None:
        return
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    while not poll.poll(patience() * 1000):
        pass


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} in a message")
