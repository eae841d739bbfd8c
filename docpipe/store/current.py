"""current.json, the pointer: which parts of which table are live. Whoever reads through it reads exactly."""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from docpipe.errors import OutputConflict, OutputUnwritable, PathNotFound, StoreError
from docpipe.store.lease import is_lease_file
from docpipe.store.place import SCRATCH, Place, Where, place_of

FORMAT = 1
NAME = "current.json"
RETIRED = "_old"
CHECKSUM = "checksum"
TABLE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,254}\Z")
PART = re.compile(r"part-(?P<run>[A-Za-z0-9][A-Za-z0-9._-]*)-(?P<number>\d+)\.parquet\Z")

Parts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Stat:
    """What the file of a part must be: its size, and the SHA-256 of its bytes in hexadecimal."""

    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Current:
    """What the pointer says. `parts`: table -> names of its live parts, oldest first; a known table may have none yet.

    stats    "TABLE/PART" -> what that file must be; parts of an older docpipe have none
    output   names this output: parts of another one are none of ours
    number   of the commit that it shows; each adds one
    epoch    of the writer that wrote it: whoever takes the lease adds one, so that an earlier writer's
             publish is refused
    writer   the run that wrote it
    stamp    tells this state of the file from later ones, where a place has such a thing (an e-tag)
    """

    parts: Parts
    stats: Mapping[str, Stat] = field(default_factory=dict)
    output: str = ""
    number: int = 0
    epoch: int = 0
    writer: str = ""
    stamp: str = ""

    def with_tables(self, names: Iterable[str]) -> Current:
        """The same parts, with `names` known as tables."""
        return replace(self, parts={**dict.fromkeys(names, ()), **self.parts})

    def changed(self, adds: Parts, drops: Parts, stats: Mapping[str, Stat]) -> Current:
        """The next state: `adds` came in with their `stats`, `drops` went out."""
        parts = dict(self.parts)
        for table in {**adds, **drops}:
            gone = set(drops.get(table, ()))
            live = dict.fromkeys((*parts.get(table, ()), *adds.get(table, ())))
            parts[table] = tuple(name for name in live if name not in gone)
        known = {**self.stats, **stats}
        kept = {file: known[file] for file in files_of(parts) if file in known}
        return replace(self, parts=parts, stats=kept, number=self.number + 1)

    def files(self) -> list[str]:
        """ "TABLE/PART" of every live part."""
        return files_of(self.parts)


def files_of(parts: Parts) -> list[str]:
    """ "TABLE/PART" of every one of `parts`."""
    return [f"{table}/{name}" for table, names in parts.items() for name in names]


def new_identity() -> str:
    """What names an output for good."""
    return uuid.uuid4().hex


def load_current(where: Where | Place) -> Current:
    """The live parts of the dataset at `where`.

    Raises PathNotFound if there is nothing there, OutputConflict if it is no docpipe output or one
    of a newer docpipe, StoreError if current.json is lost or damaged.
    """
    out = place_of(where)
    try:
        data, stamp = out.read_stamped(NAME)
        document = json.loads(data)
    except (FileNotFoundError, NotADirectoryError):
        raise _no_current(out) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(out, str(error)) from error
    if not isinstance(document, dict) or "docpipe" not in document:
        raise OutputConflict(f"{out}/{NAME} was not written by docpipe")
    if document["docpipe"] != FORMAT:
        raise OutputConflict(f"{out} was written in format {document['docpipe']}, not {FORMAT}")
    try:
        return replace(_parsed(document), stamp=stamp)
    except (KeyError, AttributeError, TypeError, ValueError) as error:
        raise _damaged(out, str(error) or type(error).__name__) from error


def pointer_bytes(current: Current) -> bytes:
    """What current.json holds for this state."""
    document = {
        "docpipe": FORMAT,
        "output": current.output,
        "number": current.number,
        "epoch": current.epoch,
        "writer": current.writer,
        "tables": current.parts,
        "files": {file: {"bytes": stat.size_bytes, "sha256": stat.sha256} for file, stat in current.stats.items()},
    }
    return json.dumps({**document, CHECKSUM: _checksum(document)}, indent=1).encode()


def stats_json(stats: Mapping[str, Stat]) -> dict[str, list[Any]]:
    """`stats` as plain JSON; `stats_of` reads it."""
    return {file: [stat.size_bytes, stat.sha256] for file, stat in stats.items()}


def stats_of(document: Mapping[str, Any]) -> dict[str, Stat]:
    """What `stats_json` gave."""
    return {str(file): Stat(int(size), str(digest)) for file, (size, digest) in document.items()}


def checked_parts(document: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """table -> names, from a document that may say anything. Raises ValueError for a name that docpipe never gives.

    Names become paths: one that leads elsewhere must not get further.
    """
    parts: dict[str, tuple[str, ...]] = {}
    for table, names in document.items():
        if not TABLE.match(table):
            raise ValueError(f"{table!r} is no name of a table")
        if not isinstance(names, list):
            raise ValueError(f"no list of the parts of {table}")
        for name in names:
            if not isinstance(name, str) or not PART.match(name):
                raise ValueError(f"{name!r} is no name of a part")
        if len(set(names)) != len(names):
            raise ValueError(f"a part of {table} is named twice")
        parts[table] = tuple(names)
    return parts


def _checksum(document: Mapping[str, Any]) -> str:
    """Of all else that the pointer says: who edits it by hand, or cuts it, drops parts in silence otherwise."""
    said = {name: value for name, value in document.items() if name != CHECKSUM}
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def _parsed(document: Mapping[str, Any]) -> Current:
    if CHECKSUM in document and document[CHECKSUM] != _checksum(document):
        raise ValueError("it does not say what docpipe wrote")
    stats = {
        str(file): Stat(int(stat["bytes"]), str(stat["sha256"])) for file, stat in document.get("files", {}).items()
    }
    return Current(
        parts=checked_parts(document["tables"]),
        stats=stats,
        output=str(document.get("output", "")),
        number=int(document.get("number", 0)),
        epoch=int(document.get("epoch", 0)),
        writer=str(document.get("writer", "")),
    )


def part_file(out: Place, table: str, name: str) -> str:
    """The name of the file of a live part: in place, or retired since current.json was read.

    Raises StoreError if it is in neither place.
    """
    for file in (f"{table}/{name}", f"{RETIRED}/{table}/{name}", f"{table}/{name}"):
        if out.has(file):
            return file
    raise lost_part(out, f"{table}/{name}")


def lost_part(out: Place, file: str) -> StoreError:
    """The error for a live part that is nowhere."""
    return StoreError(
        f"{out}/{file} is missing",
        remedy=f"Restore the file from a backup, or run `docpipe verify {out} --repair`, which takes out what is lost.",
    )


def check_free(out: Place) -> bool:
    """True if `out` is a docpipe output already, False if it is empty or absent.

    Raises OutputUnwritable if it is no folder, OutputConflict if it holds anything else.
    """
    try:
        names = out.entries()
        if NAME in names:
            return True
        if all(name == SCRATCH or is_lease_file(name) for name in names) and not out.scratch_strangers():
            return False  # all that a run killed at its very start leaves
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error
    raise _no_current(out)


def _no_current(out: Place) -> PathNotFound | OutputConflict | StoreError:
    if not out.exists():
        return PathNotFound(f"no such folder: {out}", remedy="Check the path of the output.")
    if any(PART.match(name) for name in out.entries("sources")):
        return StoreError(
            f"{out}/{NAME} is missing, though {out}/sources holds parts",
            remedy=f"Run `docpipe verify {out} --repair`: it writes {NAME} anew from what the parts say of themselves.",
        )
    return OutputConflict(f"{out} is not a docpipe output and not empty")


def _damaged(out: Place, why: str) -> StoreError:
    return StoreError(
        f"{out}/{NAME} cannot be read: {why}",
        remedy=f"Run `docpipe verify {out} --repair`: it writes {NAME} anew from what the parts say of themselves.",
    )
