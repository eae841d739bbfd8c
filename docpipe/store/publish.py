"""How a batch becomes visible, all of it or nothing, and only by the writer that holds the lease.

    write     parts and the next current.json, into _tmp/ (of a bucket: on the local disk), synced
    check     the lease, after the last byte was written
    place     parts into their tables, `sources` last
    current   the next current.json in place of the one that we read: this is the commit
    retire    replaced parts to _old/

A writer that lost its lease changes nothing. Whoever takes a lease over empties _tmp/ first, so that no rename
of the earlier writer finds its file any more; in a bucket current.json is put on condition that it is still the one
that was read, and whoever takes over puts it anew at once. What was placed and no current.json names never was:
the next writer retires it, or, if a run died between its last part and current.json, finishes it
(docs/decisions/0010-fencing.md).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from docpipe.errors import DocpipeError, OutputLocked
from docpipe.store.current import (
    NAME,
    RETIRED,
    Current,
    Parts,
    Stat,
    checked_parts,
    files_of,
    load_current,
    pointer_bytes,
    stats_json,
    stats_of,
)
from docpipe.store.disk import sync_file
from docpipe.store.place import Lease, Place

Step = Callable[[str], None]


def unwatched(_: str) -> None:
    """The step of whoever does not watch a commit."""


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: the parts that come in, in the order in which they are put in place, and go out."""

    adds: Parts
    drops: Parts
    stats: Mapping[str, Stat] = field(default_factory=dict)

    def to_json(self) -> str:
        """As the footer of the batch's last sources part keeps it, which cannot tell its own checksum."""
        return json.dumps({"adds": self.adds, "drops": self.drops, "files": stats_json(self.stats)})

    @classmethod
    def from_json(cls, text: str) -> Change:
        """What `to_json` gave. Raises ValueError for what it did not give."""
        try:
            document: Any = json.loads(text)
            return cls(
                checked_parts(document["adds"]), checked_parts(document["drops"]), stats_of(document.get("files", {}))
            )
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"no commit: {error}") from error


def publish(out: Place, current: Current, change: Change, lease: Lease, step: Step) -> Current:
    """Make `change` visible; returns what is live then.

    `step` is called after each step: "written", "checked", "placed TABLE" for every table, "current", "retired".
    Raises OutputLocked, and has changed nothing that anybody sees, if another writer has taken over; OSError.
    """
    after = current.changed(change.adds, change.drops, change.stats)
    staged = stage_pointer(out, after)
    step("written")
    lease.check()
    step("checked")
    try:
        _place(out, change.adds, step)
        after = swap_pointer(out, staged, after)
    except OutputLocked:
        _withdraw(out, change.adds, current)
        raise
    step("current")
    retire(out, change.drops)
    step("retired")
    return after


def stage_pointer(out: Place, after: Current) -> str:
    """Write the next current.json into scratch, under a name that no other writer uses; returns that name."""
    staged = f"current-{after.writer}-{after.number}.json"
    path = out.scratch(staged)
    path.write_bytes(pointer_bytes(after))
    sync_file(path)
    return staged


def swap_pointer(out: Place, staged: str, after: Current) -> Current:
    """Put the staged current.json in place of the one that `after` comes from.

    Raises OutputLocked if it is not that one any more.
    """
    return replace(after, stamp=out.swap(staged, NAME, after.stamp))


def retire(out: Place, parts: Parts) -> None:
    """Move parts that are live no more to _old/; what was moved before stays there."""
    gone = {table: names for table, names in parts.items() if names}
    for table, names in gone.items():
        out.make_folder(f"{RETIRED}/{table}")
        for name in names:
            out.move(f"{table}/{name}", f"{RETIRED}/{table}/{name}")
    out.settle(folder for table in gone for folder in (f"{RETIRED}/{table}", table))


def _place(out: Place, adds: Parts, step: Step) -> None:
    data = [table for table in adds if table != "sources"]
    for table in [*data, "sources"]:
        for name in adds[table]:
            if not out.put(f"{table}/{name}"):
                raise OutputLocked(f"{out} was taken over: {table}/{name} was swept before it could be put in place")
        if table == "sources":
            out.settle(["sources"])
        step(f"placed {table}")
        if data and table == data[-1]:
            out.settle(data)


def _withdraw(out: Place, adds: Parts, before: Current) -> None:
    """Take back what was placed for a commit that came to nothing.

    Only once the new writer has put its own current.json: until then it may still finish our commit. What that
    one names is its own.
    """
    with suppress(OSError, DocpipeError):
        found = load_current(out)
        if found.stamp != before.stamp:
            live = set(found.files())
            for file in files_of(adds):
                if file not in live:
                    out.delete(file)


def parts_by_table(files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """table -> names, of "TABLE/PART"s."""
    found: dict[str, list[str]] = {}
    for file in files:
        table, _, name = file.partition("/")
        found.setdefault(table, []).append(name)
    return {table: tuple(names) for table, names in found.items()}
