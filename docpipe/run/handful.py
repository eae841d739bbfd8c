"""A handful of documents is read in this process: Ray would take longer to start than they take to be read.

Ray takes 5 to 10 s to start, on a busy machine half a minute. The layout engine reads a page with a text layer in
some 50 ms and a scan in 1 to 5 s; a page of text has some ten kilobytes, a scan some hundred. So 16 documents of
together 1 MiB are read here in one second if they are text, and in the time of Ray's start or two of it if they are
scans. A single document is always read here: nobody else could take a part of it.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator

from docpipe.engine.choose import EngineSpec
from docpipe.extract.reading import identified as identify
from docpipe.records import Identify, Source
from docpipe.run.listing import Listing
from docpipe.run.pool import Work, source_of
from docpipe.run.ray_address import ray_address
from docpipe.settings import Limits, Running

DOCUMENTS = 16
BYTES = 1024**2
HASHED_BYTES = 64 * 1024**2  # are hashed in some 0.2 s, once read
PATIENCE_S = 1.0  # for the end of the listing, while there is work that Ray could begin with


def may_stay(spec: EngineSpec, running: Running) -> bool:
    """Whether a handful may be read here: nobody asked for workers or a cluster, and the engine fits."""
    return running.workers is None and spec.embedded and ray_address(os.environ) is None


def hashed_here(
    todo: Iterator[Work | None], identified: Callable[[Source], None], limits: Limits
) -> Iterator[Work | None]:
    """`todo`, in which the first few sources that are only to be hashed are gone: `identified` has their answers.

    For a file that was merely touched no pool is started.
    """
    documents = size = 0
    for work in todo:
        few = documents < DOCUMENTS and size < HASHED_BYTES
        if isinstance(work, Identify) and few:
            documents, size = documents + 1, size + work.source.size
            identified(asyncio.run(identify(work.source, limits)))
        else:
            yield work


def look_ahead(todo: Iterator[Work | None], listing: Listing) -> tuple[list[Work], bool]:
    """The first work of `todo`, and whether it is all of it and a handful. Waits for the first, and hardly longer."""
    found: list[Work] = []
    size = 0
    ends = float("inf")
    for work in todo:
        if work is not None:
            found.append(work)
            size += source_of(work).size
            ends = min(ends, time.monotonic() + PATIENCE_S)
        if len(found) > DOCUMENTS or (len(found) > 1 and size > BYTES):
            return found, False
        if work is None and listing.over:  # what is left shares the bytes of what was found
            break
        if work is None and time.monotonic() > ends:
            return found, False
    return found, bool(found)
