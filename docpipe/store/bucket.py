"""An output in a bucket, by obstore: s3:// is tested against a server, gs:// and az:// go the same way, untested.

A bucket has no rename and no folders, but a put is whole or not at all, and durable. So parts are
written on the local disk and uploaded where a folder would rename: the order of a commit is the same.
Endpoint, region and credentials come from the environment (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID, ...).
"""

from __future__ import annotations

import errno
import importlib.util
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from docpipe.errors import InvalidSettings, MissingLibrary, OutputLocked, install_extra
from docpipe.store.bucket_lease import BucketLease, acquire_object
from docpipe.store.lease import EXPIRY_S
from docpipe.store.scratch import Scratch

READ_AHEAD_BYTES = 1024**2
RETRIES: Any = {
    "max_retries": 6,
    "retry_timeout": timedelta(seconds=60),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """A `Place` under a prefix of a bucket. `store` is obstore's."""

    url: str
    store: Any
    local: Scratch = field(default_factory=Scratch, repr=False)

    @classmethod
    def of(cls, url: str) -> BucketPlace:
        """The place at `url`, which holds no credentials; nothing is asked of the network yet."""
        _refuse_credentials(url)
        if importlib.util.find_spec("obstore") is None:
            raise MissingLibrary(f"{url} needs obstore", remedy=install_extra("buckets"))
        import obstore

        try:
            return cls(url.rstrip("/"), obstore.store.from_url(url.rstrip("/"), retry_config=RETRIES))
        except (ValueError, obstore.exceptions.BaseError) as error:
            raise InvalidSettings(f"{url} cannot be an output: {error}") from error

    def __str__(self) -> str:
        return self.url

    def exists(self) -> bool:
        return bool(self.entries())

    def entries(self, folder: str = "") -> list[str]:
        import obstore

        prefix = f"{folder}/" if folder else ""
        with _as_os_errors(self.url):
            listed = obstore.list_with_delimiter(self.store, prefix or None)
        below = [*(entry["path"] for entry in listed["objects"]), *listed["common_prefixes"]]
        return sorted(path.rstrip("/").rpartition("/")[2] for path in below)

    def has(self, name: str) -> bool:
        with suppress(FileNotFoundError):
            self._head(name)
            return True
        return False

    def size(self, name: str) -> int:
        return int(self._head(name)["size"])

    def age_s(self, name: str) -> float:
        """By the server's stamp and this machine's clock."""
        return float((datetime.now(UTC) - self._head(name)["last_modified"]).total_seconds())

    def read(self, name: str) -> bytes:
        import obstore

        with _as_os_errors(name):
            return bytes(obstore.get(self.store, name).bytes())

    def read_stamped(self, name: str) -> tuple[bytes, str]:
        import obstore

        with _as_os_errors(name):
            found = obstore.get(self.store, name)
            return bytes(found.bytes()), str(found.meta["e_tag"])

    def swap(self, staged: str, name: str, stamp: str) -> str:
        """By a conditional put. One whose reply was lost is looked for: it may have arrived."""
        import obstore
        from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

        data = self.scratch(staged).read_bytes()
        mode: Any = {"e_tag": stamp} if stamp else "create"
        try:
            new = str(obstore.put(self.store, name, data, mode=mode, use_multipart=False)["e_tag"])
        except (AlreadyExistsError, FileNotFoundError, PreconditionError, BaseError) as error:
            held, new = self.read_stamped(name)
            if held != data:
                if isinstance(error, AlreadyExistsError | FileNotFoundError | PreconditionError) or new != stamp:
                    raise OutputLocked(f"{self.url} was taken over: {name} is another run's by now") from None
                raise OSError(errno.EIO, str(error).splitlines()[0], name) from error
        self.scratch(staged).unlink(missing_ok=True)
        return new

    def open(self, name: str) -> Any:
        return io.BufferedReader(_Object(self.store, name, self.size(name)), READ_AHEAD_BYTES)

    def replace(self, name: str, data: bytes) -> None:
        import obstore

        with _as_os_errors(name):
            obstore.put(self.store, name, data)

    def scratch(self, name: str) -> Path:
        return self.local.folder / name.replace("/", ".")

    def put(self, name: str) -> bool:
        import obstore

        path = self.scratch(name)
        if not path.exists():
            return self.has(name)
        with _as_os_errors(name):
            obstore.put(self.store, name, path)
        path.unlink()
        return True

    def move(self, source: str, target: str) -> bool:
        """By copy and delete: cut off between the two, it is done again."""
        import obstore

        try:
            with _as_os_errors(source):
                obstore.copy(self.store, source, target)
        except FileNotFoundError:
            return self.has(target)
        self.delete(source)
        return True

    def delete(self, name: str) -> None:
        import obstore

        with suppress(FileNotFoundError), _as_os_errors(name):
            obstore.delete(self.store, name)

    def make_folder(self, name: str) -> None:
        """There are none."""

    def settle(self, folders: Iterable[str]) -> None:
        """A put is durable when it returns."""

    def sweep_scratch(self) -> None:
        for path in self.local.folder.iterdir():
            path.unlink()

    def scratch_strangers(self) -> list[str]:
        """Scratch is a folder of our own."""
        return []

    def acquire(self, run_id: str, expiry_s: float = EXPIRY_S) -> BucketLease:
        with _as_os_errors(self.url):
            return acquire_object(self.store, self.url, run_id, expiry_s)

    @contextmanager
    def for_deleting(self, run_id: str) -> Iterator[None]:
        lease = self.acquire(run_id)
        try:
            yield
        finally:
            lease.release()

    def _head(self, name: str) -> Any:
        import obstore

        with _as_os_errors(name):
            return obstore.head(self.store, name)


def _refuse_credentials(url: str) -> None:
    """An output is named in messages, tables and logs: its URL holds no secrets, and no options that would be lost."""
    scheme, _, rest = url.partition("://")
    authority = rest.partition("/")[0]
    user, at, _ = authority.rpartition("@")
    container = scheme in ("abfs", "abfss", "az") and ":" not in user  # container@account is no secret
    if "?" in url or "#" in url or ":" in authority or (at and not container):
        raise InvalidSettings(
            f"the URL of an output has a query or credentials: {scheme}://***",
            remedy="Write s3://bucket/prefix; endpoint, region and credentials come from the environment: "
            "AWS_ENDPOINT_URL, AWS_REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.",
        )


class _Object(io.RawIOBase):
    """An object read by ranges: columns that nobody asks for are not fetched."""

    def __init__(self, store: Any, name: str, size: int) -> None:
        self._store, self._name, self._size, self._at = store, name, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Any) -> int:
        import obstore

        length = min(len(buffer), self._size - self._at)
        if length <= 0:
            return 0
        with _as_os_errors(self._name):
            buffer[:length] = obstore.get_range(self._store, self._name, start=self._at, length=length)
        self._at += length
        return length


@contextmanager
def _as_os_errors(name: str) -> Iterator[None]:
    """What the library raises, as the operating system would have put it."""
    from obstore.exceptions import BaseError

    try:
        yield
    except BaseError as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise OSError(errno.EIO, f"{str(error).splitlines()[0]}", name) from error
