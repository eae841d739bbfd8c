"""One writer a prefix: an object that is created, renewed and taken over by conditional puts alone."""

from __future__ import annotations

import json
import threading
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from docpipe.errors import OutputLocked
from docpipe.store.lease import BEAT_S, EXPIRY_S, LEASE, Holder, holder_of, myself


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
        from obstore.exceptions import AlreadyExistsError, NotFoundError, PreconditionError

        with self._lock:
            try:
                self._etag = _put(self._store, self._holder, self._etag)
            except (AlreadyExistsError, NotFoundError, PreconditionError):
                raise OutputLocked(f"{self._url} was taken over by {_holder(self._store) or 'another run'}") from None

    def release(self) -> None:
        import obstore

        self._ended.set()
        self._thread.join()
        with suppress(OutputLocked, obstore.exceptions.BaseError):
            self.check()
            obstore.delete(self._store, LEASE)

    def _beat(self) -> None:
        from obstore.exceptions import BaseError

        while not self._ended.wait(BEAT_S):
            with suppress(OutputLocked, BaseError):  # the next commit finds out and says so
                self.check()


def acquire_object(store: Any, url: str, run_id: str) -> BucketLease:
    """Take the lease at the root of `store`; raises OutputLocked if somebody has renewed it lately.

    "Lately" compares the server's stamp with this machine's clock: a clock that is wrong by less than
    the expiry cannot take a living writer's lease, and conditional puts let one taker through.
    """
    import obstore
    from obstore.exceptions import AlreadyExistsError, PreconditionError

    mine = myself(run_id)
    etag: str | None = None
    with suppress(FileNotFoundError):
        head = obstore.head(store, LEASE)
        holder = _holder(store)
        age_s = (datetime.now(UTC) - head["last_modified"]).total_seconds()
        if age_s < EXPIRY_S:
            raise OutputLocked(f"{url} is being written by {holder or 'another run'}")
        etag = head["e_tag"]
    try:
        return BucketLease(store, url, mine, _put(store, mine, etag))
    except (AlreadyExistsError, PreconditionError):
        raise OutputLocked(f"{url} was taken by another run a moment ago") from None


def _put(store: Any, holder: Holder, etag: str | None) -> str:
    """Put the lease if there is none (`etag` None), or if it is still the one with that e-tag.

    The stamp makes every put another object, with another e-tag.
    """
    import obstore

    text = json.dumps({**asdict(holder), "beat": datetime.now(UTC).isoformat()})
    mode: Any = "create" if etag is None else {"e_tag": etag}
    return str(obstore.put(store, LEASE, text.encode(), mode=mode)["e_tag"])


def _holder(store: Any) -> Holder | None:
    import obstore

    with suppress(FileNotFoundError):
        return holder_of(bytes(obstore.get(store, LEASE).bytes()))
    return None
