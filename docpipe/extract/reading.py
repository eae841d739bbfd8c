"""A source's bytes, read once and in time."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from docpipe.errors import DocumentError, Unreadable
from docpipe.intake.content import Content
from docpipe.intake.read import read_source
from docpipe.records import Source
from docpipe.settings import Limits


async def read_in_time(source: Source, limits: Limits) -> tuple[Source, Content]:
    """The source as it was read, and what it holds. Raises a DocumentError, and no other.

    A disk or a network that does not answer may do so in the next run: Unreadable.
    """
    try:
        async with asyncio.timeout(limits.document_timeout_s):
            content = await asyncio.to_thread(read_source, source, limits)
    except TimeoutError:
        raise Unreadable(
            "the source could not be read within limits.document_timeout_s",
            remedy="Check the disk or the network that it lies on, then run the same command again.",
        ) from None
    read = replace(source, doc_id=content.doc_id, size=content.size, mtime_ns=content.mtime_ns, etag=content.etag)
    return read, content


async def identified(source: Source, limits: Limits) -> Source:
    """`source` with the hash of its bytes; as it is where it cannot be read: extracting it says why."""
    try:
        return (await read_in_time(source, limits))[0]
    except DocumentError:
        return source
