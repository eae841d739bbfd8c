"""Sources of the ledger that are no longer there: flagged, or removed if the user says so."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Set

from docpipe.intake.names import is_stored, path_of, public, split_member
from docpipe.store.ledger import LedgerRow


def vanished(ledger: Mapping[str, LedgerRow], seen: Set[str], inputs: Iterable[str]) -> Iterator[str]:
    """The uris of rows whose file is gone, once everything in `inputs` was listed and `seen`.

    A file that is merely not among the inputs any more is not gone. An object is, if it is not listed under
    a prefix that was (a glob is no such prefix); a member, if its ZIP is, or was listed without it.
    """
    stored = [public(source).rstrip("/") for source in inputs if is_stored(source)]
    prefixes = tuple(f"{uri}/" for uri in stored if not {"*", "["} & set(uri))
    listed = {archive for archive, member in map(split_member, seen) if member}
    for uri in ledger:
        if uri not in seen and _is_gone(uri, listed, prefixes):
            yield uri


def _is_gone(uri: str, listed: Set[str], prefixes: tuple[str, ...]) -> bool:
    if is_stored(uri):
        return uri.startswith(prefixes)
    path, member = split_member(uri)
    if member and path in listed:
        return True
    try:
        os.lstat(path_of(path))
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there, for others to see
        return False
    return False
