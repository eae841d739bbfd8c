"""current.json: which parts of which table are live. Whoever reads through it reads exactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from docpipe.errors import OutputConflict, OutputUnwritable, PathNotFound, StoreError
from docpipe.store.lease import LEASE
from docpipe.store.place import SCRATCH, Place, Where, place_of

FORMAT = 1
NAME = "current.json"
RETIRED = "_old"

Parts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Current:
    """`parts`: table -> names of its live parts, oldest first. A known table may have none yet."""

    parts: Parts

    def with_tables(self, names: Iterable[str]) -> Current:
        """The same parts, with `names` known as tables."""
        return Current({**dict.fromkeys(names, ()), **self.parts})

    def changed(self, adds: Parts, drops: Parts) -> Current:
        """The parts after `adds` came in and `drops` went out; doing it twice changes nothing."""
        parts = dict(self.parts)
        for table in {**adds, **drops}:
            gone = set(drops.get(table, ()))
            live = dict.fromkeys((*parts.get(table, ()), *adds.get(table, ())))
            parts[table] = tuple(name for name in live if name not in gone)
        return Current(parts)


def load_current(where: Where | Place) -> Current:
    """The live parts of the dataset at `where`.

    Raises PathNotFound if there is nothing there, OutputConflict if it is no docpipe output or one
    of a newer docpipe, StoreError if current.json is lost or damaged.
    """
    out = place_of(where)
    try:
        document = json.loads(out.read(NAME))
    except (FileNotFoundError, NotADirectoryError):
        raise _no_current(out) from None
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(out, str(error)) from error
    if not isinstance(document, dict) or "docpipe" not in document:
        raise OutputConflict(f"{out}/{NAME} was not written by docpipe")
    if document["docpipe"] != FORMAT:
        raise OutputConflict(f"{out} was written in format {document['docpipe']}, not {FORMAT}")
    try:
        return Current({str(name): tuple(map(str, parts)) for name, parts in document["tables"].items()})
    except (KeyError, AttributeError, TypeError) as error:
        raise _damaged(out, f"no list of tables ({error})") from error


def save_current(out: Place, current: Current) -> None:
    """Replace current.json at once; raises OSError if it cannot be written."""
    document = {"docpipe": FORMAT, "tables": current.parts}
    out.replace(NAME, json.dumps(document, indent=1).encode())


def part_file(out: Place, table: str, name: str) -> str:
    """The name of the file of a live part: in place, or retired since current.json was read.

    Raises StoreError if it is in neither place.
    """
    for file in (f"{table}/{name}", f"{RETIRED}/{table}/{name}"):
        if out.has(file):
            return file
    raise StoreError(
        f"{out}/{table}/{name} is missing",
        remedy="Restore the file from a backup, or run again into a new --out.",
    )


def check_free(out: Place) -> bool:
    """True if `out` is a docpipe output already, False if it is empty or absent.

    Raises OutputUnwritable if it is no folder, OutputConflict if it holds anything else.
    """
    try:
        names = out.entries()
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error
    if NAME in names:
        return True
    if all(name in (SCRATCH, LEASE) for name in names):  # all that a run killed at its very start leaves
        return False
    raise _no_current(out)


def _no_current(out: Place) -> PathNotFound | OutputConflict | StoreError:
    if not out.exists():
        return PathNotFound(f"no such folder: {out}", remedy="Check the path of the output.")
    if any(name.startswith("part-") for name in out.entries("sources")):
        return StoreError(
            f"{out}/{NAME} is missing, though {out}/sources holds parts",
            remedy=f"Restore {NAME} from a backup, or run again into a new --out.",
        )
    return OutputConflict(f"{out} is not a docpipe output and not empty")


def _damaged(out: Place, why: str) -> StoreError:
    return StoreError(
        f"{out}/{NAME} cannot be read: {why}",
        remedy="Restore it from a backup, or run again into a new --out; the parts are untouched.",
    )
