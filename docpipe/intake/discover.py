"""Inputs as a user names them -> a stream of Sources, each one once, in a stable order."""

from __future__ import annotations

import glob
import hashlib
import itertools
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from docpipe.errors import DocumentError, PathNotFound
from docpipe.intake.archive import Member, holds_archive, is_safe, members
from docpipe.intake.contained import opened
from docpipe.intake.folder import Tree, passed_over
from docpipe.intake.manifest import Entry, check_manifest, read_manifest
from docpipe.intake.names import is_archive, is_file_uri, is_stored, member_uri, path_of, shown, true_place, uri_of
from docpipe.intake.ranged import LocalFile, Ranged
from docpipe.records import Source
from docpipe.settings import Limits

_LOOKED_UP = 100  # objects of a manifest that a store is asked about at once
_RESOURCES = {"__MACOSX"}  # what macOS puts beside the files of a ZIP


def discover(
    inputs: Sequence[str],
    leave_out: str | os.PathLike[str] = "",
    manifests: Sequence[str] = (),
    limits: Limits | None = None,
) -> Iterator[Source]:
    """The documents that `inputs` (files, folders, globs, prefixes of object stores) and `manifests` name.

    A folder is given in sorted order while it is walked; nothing is collected but the names of one
    folder. A ZIP (called so, and being one) is given member by member. Hidden files and folders and the
    folder or prefix `leave_out` (the output) are passed over. Whatever cannot be looked at is still a Source: it
    fails later, with its reason. The manifests themselves are no documents.

    Raises before the first Source is given: PathNotFound for an input that does not exist, InvalidManifest
    for a manifest with a fault anywhere. Raises ListingFailed at any time if an object store cannot be asked.
    """
    for manifest in manifests:
        check_manifest(Path(manifest))
    hidden = true_place(os.fspath(leave_out)) if leave_out else ""
    streams = [_listed(Path(manifest)) for manifest in manifests]  # first: they know more of a document
    streams += [_expand(text, hidden) for text in inputs]
    lists = frozenset(map(uri_of, manifests))
    found = (source for source in itertools.chain.from_iterable(streams) if source.uri not in lists)
    overlap = len(streams) > 1 or bool(manifests) or any("**" in text for text in inputs)
    return _unpacked(_unique(found) if overlap else found, limits or Limits())


def _expand(text: str, hidden: str) -> Iterator[Source]:
    if is_stored(text):
        from docpipe.intake.buckets import list_prefix  # its libraries are slow to import

        return _begun(list_prefix(text, hidden))
    path = path_of(text) if is_file_uri(text) else text
    if os.path.isdir(path):
        return Tree(os.path.abspath(path), hidden).walk(os.path.abspath(path))
    if os.path.lexists(path):
        return iter([Tree("").source(path)])
    if glob.has_magic(text):
        matches = _matches(text, hidden)
        for first in matches:
            return itertools.chain([first], matches)
    if text.startswith(("http://", "https://")):
        raise PathNotFound(f"no file: {shown(text.partition('?')[0])}", remedy="Download it first.")
    raise PathNotFound(f"no such file or folder: {shown(text)}")


def _matches(pattern: str, hidden: str) -> Iterator[Source]:
    """What a glob finds must stay inside the folder that stands before its first "*"."""
    parts = pattern.split("/")
    fixed = next(index for index, part in enumerate(parts) if glob.has_magic(part))
    folder = os.path.abspath("/".join(parts[:fixed]) or ("/" if pattern.startswith("/") else "."))
    return Tree(folder, hidden).match(folder, [part for part in parts[fixed:] if part not in ("", ".")])


def _begun(sources: Iterator[Source]) -> Iterator[Source]:
    """`sources`, looked into as far as the first: what is wrong is said before there is work."""
    for first in sources:
        return itertools.chain([first], sources)
    return iter(())


def _listed(manifest: Path) -> Iterator[Source]:
    """The sources of a manifest. A relative path must stay inside the manifest's folder, an absolute one is free."""
    folder = os.path.abspath(manifest.parent)
    for stored, entries in itertools.groupby(read_manifest(manifest), key=lambda entry: is_stored(entry.path)):
        if stored:
            yield from _looked_up(entries)
            continue
        for entry in entries:
            path = path_of(entry.path) if is_file_uri(entry.path) else entry.path
            tree = Tree("" if os.path.isabs(path) else folder)
            yield replace(tree.source(os.path.join(folder, path)), metadata=entry.metadata)


def _looked_up(entries: Iterator[Entry]) -> Iterator[Source]:
    from docpipe.intake.buckets import look_up

    while some := list(itertools.islice(entries, _LOOKED_UP)):
        for entry, source in zip(some, look_up([entry.path for entry in some]), strict=True):
            yield replace(source, metadata=entry.metadata)


def _unpacked(sources: Iterable[Source], limits: Limits) -> Iterator[Source]:
    """Archives as their members; one that cannot be read so is a Source itself, which will say why."""
    for source in sources:
        inner = _members(source, limits) if is_archive(source.uri) else []
        yield from inner or [source]


def _members(archive: Source, limits: Limits) -> list[Source]:
    """Nothing where there is no archive, or none that can be read: reading it as a document says why."""
    try:
        if is_stored(archive.uri):
            if not archive.root:
                return []
            from docpipe.intake.buckets import open_archive

            found = _directory(open_archive(archive), archive.uri, limits)
        else:
            path = path_of(archive.uri)
            with opened(path, archive.root, shown(os.path.basename(path))) as fd:
                found = _directory(LocalFile(fd), path, limits)
    except (DocumentError, OSError):
        return []
    return [
        replace(archive, uri=member_uri(archive.uri, member.name), size=member.size, etag=member.etag)
        for member in sorted(found.values(), key=lambda entry: entry.name)
        if not _is_hidden(member.name)
    ]


def _directory(file: Ranged, path: str, limits: Limits) -> Mapping[str, Member]:
    return members(file, shown(os.path.basename(path)), limits) if holds_archive(file) else {}


def _is_hidden(member: str) -> bool:
    """As in a folder; a name that leads out is not hidden by its dots, it fails."""
    parts = member.split("/")
    return is_safe(member) and any(part in _RESOURCES or (passed_over(part) and part != ".") for part in parts)


def _unique(sources: Iterable[Source]) -> Iterator[Source]:
    """Each uri once; 16 bytes of hash are kept of it, so that a million of them fit."""
    seen: set[bytes] = set()
    for source in sources:
        mark = hashlib.blake2b(source.uri.encode("utf-8"), digest_size=16).digest()
        if mark not in seen:
            seen.add(mark)
            yield source
