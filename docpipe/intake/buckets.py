"""Object stores: what lies below a prefix as a stream of Sources, and the bytes of one.

How a store is reached (endpoint, region) may stand in the query of an input that the user typed; it stays
out of every uri, and so out of the tables. Credentials are the environment's: an address with some is
refused. What a list of inputs says chooses no endpoint: the environment's credentials would go there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache

from docpipe.errors import ListingFailed, PathNotFound, Unreadable, UnsafePath, UsageError
from docpipe.intake.content import Content, hold, within
from docpipe.intake.folder import passed_over
from docpipe.intake.names import chosen_in, public, shown, split_member
from docpipe.intake.objects import Interrupted, Object, Store, StoredFile
from docpipe.records import Source
from docpipe.settings import Limits

_NO_FOLDERS = {".", ".."}  # in a key they lead nowhere and hide nothing
_NO_CREDENTIALS = (
    "Put them into the environment (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY) or into a profile: a command line "
    "can be read by every user of the machine."
)
_TYPE_IT = (
    "Take the options off the row, and name the endpoint in the environment (AWS_ENDPOINT_URL), or give the object as "
    "an input of the command."
)
_KEPT_STORES = 32
_ASKED_AT_ONCE = 16
_READINGS = 3  # of an object whose stream breaks off


@dataclass(frozen=True, slots=True)
class _Place:
    """An input in an object store: the bucket's public uri, and the path in it as the user wrote it."""

    bucket: str
    path: str
    store: Store = field(repr=False)

    @property
    def uri(self) -> str:
        return self.uri_of(self.path) if self.path else self.bucket

    def uri_of(self, path: str) -> str:
        return f"{self.bucket}/{path}"

    def path_of(self, uri: str) -> str:
        if uri != self.uri and not uri.startswith(f"{self.uri}/"):
            raise UnsafePath(f"{shown(uri)}: leads out of the place that it was found in")
        return uri[len(self.bucket) + 1 :]

    def source(self, found: Object, text: str) -> Source:
        return Source(self.uri_of(found.path), found.size, found.mtime_ns, found.etag, root=text)

    def passes_over(self, leave_out: str) -> Callable[[str], bool]:
        """Whether a path below this place is hidden, by its own name or a folder's, or lies below `leave_out`."""
        above, output = len(self.path) + 1 if self.path else 0, f"{leave_out}/"

        def judge(path: str) -> bool:
            if leave_out and f"{self.uri_of(path)}/".startswith(output):
                return True
            parts = path[above:].split("/")
            return any(passed_over(part) for part in parts if part not in _NO_FOLDERS)

        return judge


def list_prefix(text: str, leave_out: str = "") -> Iterator[Source]:
    """The objects below an s3://, gs:// or abfs:// uri, or the one object that it names, as they are listed.

    Hidden names and what lies below the uri `leave_out` are left out. Raises UsageError for an address with
    credentials, PathNotFound where there is nothing, ListingFailed where the store cannot be asked, at the start
    or later: what was listed is then not all there is.
    """
    if "credentials" in chosen_in(text):
        raise UsageError(f"{shown(public(text))}: an address with credentials", remedy=_NO_CREDENTIALS)
    place = _place(text)
    try:
        named = place.store.about(place.path) if place.path else None
        if named is not None:
            yield place.source(named, text)
            return
        for found in place.store.below(place.path, place.passes_over(leave_out)):
            yield place.source(found, text)
    except FileNotFoundError as error:
        raise PathNotFound(f"nothing at {shown(place.uri)}") from error
    except OSError as error:
        raise ListingFailed(f"{shown(place.uri)}: {_reason(error)}") from error


def look_up(texts: Sequence[str]) -> list[Source]:
    """A Source for each of these objects, as a list of inputs names them, in their order, asked for together.

    What is not there or cannot be asked for is a Source all the same: it fails when it is read. So does an
    address that says how its store is reached; nobody is asked about it.
    """
    with ThreadPoolExecutor(_ASKED_AT_ONCE) as pool:
        return list(pool.map(_looked_up, texts))


def read_object(source: Source, limits: Limits) -> Content:
    """An object as it is now, streamed into memory; `source.root` says how its store is reached.

    Raises Unreadable with the store's reason (it may go away by itself), UnsafePath for what lies
    elsewhere, FileTooLarge before a byte is read, SourceChanged if it was replaced meanwhile, and the
    errors of `sniff`.
    """
    name = shown(source.uri.rpartition("/")[2])
    if not source.root:
        raise UnsafePath(f"{name}: a list of inputs chooses no endpoint and brings no credentials", remedy=_TYPE_IT)
    for reading in range(1, _READINGS + 1):
        try:
            place = _place(source.root)
            found, chunks = place.store.opened(place.path_of(source.uri))
            within(limits, name, found.size)
            return hold(chunks, name, found.size, found.mtime_ns, found.etag)
        except Interrupted as error:
            if reading == _READINGS:
                raise Unreadable(f"{name}: {_reason(error)}") from error
        except (OSError, PathNotFound) as error:
            raise Unreadable(f"{name}: {_reason(error)}") from error
    raise AssertionError("the last reading returns or raises")


def open_archive(source: Source) -> StoredFile:
    """The archive that `source` is, or is a member of, to be read in parts: no more than its members is fetched.

    Raises OSError where its store cannot be asked, UnsafePath as `read_object`.
    """
    place = _place(source.root)
    uri, member = split_member(source.uri)
    path = place.path_of(uri)
    known = Object(path, source.size, source.mtime_ns, source.etag) if source.etag and not member else None
    found = known or place.store.about(path)
    if found is None:
        raise FileNotFoundError("no such object")
    return StoredFile(place.store, uri, found)


def _looked_up(text: str) -> Source:
    if chosen := chosen_in(text):
        return Source(f"{public(text)}?{'&'.join(chosen)}")
    missing = Source(public(text), root=text)
    try:
        place = _place(text)
        found = place.store.about(place.path)
    except (OSError, PathNotFound):
        return missing
    return place.source(found, text) if found else missing


def _place(text: str) -> _Place:
    """Where `text` leads. What follows the bucket is taken as it stands, up to a "?": nothing is decoded."""
    connection = _connection(text)
    path = text.partition("?")[0].partition("://")[2].partition("/")[2].rstrip("/")
    return _Place(public(connection).rstrip("/"), path, _store(connection))


def _connection(text: str) -> str:
    """The part of an input that says which bucket, and how it is reached."""
    address, mark, query = text.partition("?")
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.partition('/')[0]}{mark}{query}"


@lru_cache(maxsize=_KEPT_STORES)
def _store(connection: str) -> Store:
    if connection.startswith("s3://"):
        from docpipe.intake.s3 import S3

        return S3(connection)
    from docpipe.intake.filesystems import FileSystemStore  # pyarrow is slow to import

    return FileSystemStore(connection)


def _reason(error: BaseException) -> str:
    text = str(error)
    return shown(text.splitlines()[0][:300] if text else type(error).__name__)
