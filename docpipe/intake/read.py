"""A Source -> its bytes, wherever it stands: a file, a member of an archive, an object in a store."""

from __future__ import annotations

import os

from docpipe.intake.archive import holds_archive, read_member, refusal
from docpipe.intake.contained import opened, reasons
from docpipe.intake.content import Content, read_content
from docpipe.intake.names import is_archive, is_stored, path_of, shown, split_member
from docpipe.intake.ranged import LocalFile, Ranged
from docpipe.records import Source
from docpipe.settings import Limits


def read_source(source: Source, limits: Limits) -> Content:
    """Read a source once, whole, within the limits and inside the place that it was found in.

    Raises a DocumentError, and no other: see `read_content`, `read_member` and `read_object`.
    """
    uri, member = split_member(source.uri)
    if is_stored(uri):
        from docpipe.intake.buckets import open_archive, read_object  # its libraries are slow to import

        name = shown(uri.rpartition("/")[2])
        if source.root and (member or is_archive(uri)):
            with reasons(name):
                unpacked = _unpacked(open_archive(source), name, member, limits)
            if unpacked is not None:
                return unpacked
        return read_object(source, limits)
    path = path_of(uri)
    name = shown(os.path.basename(path))
    if member or is_archive(uri):
        with opened(path, source.root, name) as fd, reasons(name):
            unpacked = _unpacked(LocalFile(fd), name, member, limits)
        if unpacked is not None:
            return unpacked
    return read_content(path, limits, source.root)


def _unpacked(file: Ranged, name: str, member: str, limits: Limits) -> Content | None:
    """The member of the archive; None if `file` is only called like one. Raises for an archive as a whole."""
    if member:
        return read_member(file, name, member, limits)
    if holds_archive(file):
        raise refusal(file, name, limits)
    return None
