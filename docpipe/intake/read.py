"""A Source -> its bytes, wherever it stands: a file, a member of an archive, an object in a store."""

from __future__ import annotations

import os

from docpipe.intake.archive import holds_archive, read_member, refusal
from docpipe.intake.contained import opened, reasons
from docpipe.intake.content import Content, read_content
from docpipe.intake.names import is_archive, is_stored, path_of, shown, split_member
from docpipe.records import Source
from docpipe.settings import Limits


def read_source(source: Source, limits: Limits) -> Content:
    """Read a source once, whole, within the limits and inside the place that it was found in.

    Raises a DocumentError, and no other: see `read_content`, `read_member` and `read_object`.
    """
    if is_stored(source.uri):
        from docpipe.intake.buckets import read_object  # pyarrow is slow to import

        return read_object(source, limits)
    uri, member = split_member(source.uri)
    path = path_of(uri)
    name = shown(os.path.basename(path))
    if member or is_archive(uri):
        with opened(path, source.root, name) as fd, reasons(name):
            if member:
                return read_member(fd, name, member, limits)
            if holds_archive(fd):
                raise refusal(fd, name, limits)
    return read_content(path, limits, source.root)
