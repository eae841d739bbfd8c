"""One writer a prefix: an object that is created, renewed and taken over by conditional puts alone."""

from __future__ import annotations

import errno
import json
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from docpipe.errors import OutputLocked
from docpipe.store.lease import LEASE, Holder, holder_of, is_kept, myself


class BucketLease:
    """A `Lease` that is an object: whoever puts on top of the e-tag that they saw holds it."""

    def __init__(self, store: Any, url: str, holder: Holder, etag: str) -> None:
        self._store, self._url, self._holder, self._etag = store, url, holder, etag
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="docpipe-lease", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Renews the lease, which only its holder can."""
        from obstore.exceptions import BaseError

        with self._lock:
            try:
                etag, holder = _claim(self._store, self._holder, self._etag)
            except BaseError as error:
                raise OSError(errno.EIO, f"{str(error).splitlines()[0]}", LEASE) from error
            if etag is None:
                raise OutputLocked(f"{self._url} was taken over by {holder or 'another run'}")
            self._etag = etag

    def release(self) -> None:
        from obstore.exceptions import BaseError

        self._ended.set()
        self._thread.join()
        with suppress(OutputLocked, OSError, BaseError):
            self.check()
            _delete(self._store)

    def _beat(self) -> None:
        while not self._ended.wait(self._holder.beat_s):
            with suppress(OutputLocked, OSError):  # the next commit finds out and says so
                self.check()


def acquire_object(store: Any, url: str, run_id: str, expiry_s: float) -> BucketLease:
    """Take the lease at the root of `store`; raises OutputLocked if somebody keeps it.

    Its age compares the server's stamp with this machine's clock, which may be wrong: see `is_kept`.
    Conditional puts let one taker through.
    """
    etag, holder = _seen(store)
    if etag is not None:
        with suppress(FileNotFoundError):
            if is_kept(holder, _age_s(store), lambda: _seen(store)[0]):
                raise OutputLocked(f"{url} is being written by {holder or 'another run'}")
    mine = myself(run_id, expiry_s)
    claimed, holder = _claim(store, mine, etag)
    if claimed is None:
        raise OutputLocked(f"{url} was taken a moment ago by {holder or 'another run'}")
    return BucketLease(store, url, mine, claimed)


def _claim(store: Any, holder: Holder, etag: str | None) -> tuple[str | None, Holder | None]:
    """Put the lease if there is none (`etag` None), or if it is still the one with that e-tag.

    Returns its new e-tag, or None and whose it is. A put whose reply got lost on the way counts: the
    lease names us then. The stamp makes every put another object, with another e-tag.
    """
    import obstore
    from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

    text = json.dumps({**asdict(holder), "beat": datetime.now(UTC).isoformat()})
    mode: Any = "create" if etag is None else {"e_tag": etag}
    try:
        return str(obstore.put(store, LEASE, text.encode(), mode=mode)["e_tag"]), holder
    except (AlreadyExistsError, FileNotFoundError, PreconditionError):
        found, theirs = _seen(store)
    except BaseError:
        found, theirs = _seen(store)
        if found == etag:  # it did not arrive
            raise
    ours = theirs is not None and theirs.token == holder.token
    return (found if ours else None), theirs


def _seen(store: Any) -> tuple[str | None, Holder | None]:
    """The e-tag of the lease and whom it names; (None, None) if there is none."""
    import obstore

    with suppress(FileNotFoundError):
        found = obstore.get(store, LEASE)
        return str(found.meta["e_tag"]), holder_of(bytes(found.bytes()))
    return None, None


def _age_s(store: Any) -> float:
    import obstore

    stamped: datetime = obstore.head(store, LEASE)["last_modified"]
    return (datetime.now(UTC) - stamped).total_seconds()


def _delete(store: Any) -> None:
    import obstore

    obstore.delete(store, LEASE)
