"""How a batch becomes visible, all of it or nothing, and how what a killed run left is put right.

Everything is written and synced in _tmp/ first. Then parts are renamed into their tables, `sources`
last: its newest part carries in its footer what else belongs to the batch, so the moment in which it
is in place is the commit. What is left to do then (retire replaced parts, replace current.json) the
next run can do as well, from that footer; a batch without it never was, and is swept.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from docpipe.errors import StoreError
from docpipe.store.current import RETIRED, SCRATCH, Current, Parts, load_current, save_current
from docpipe.store.disk import make_folder, move, sync_folder
from docpipe.store.parts import PART, read_about, scratch_path

MARK = "docpipe.change"

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One commit: the parts that come in, in the order in which they are put in place, and go out."""

    adds: Parts
    drops: Parts

    def to_json(self) -> str:
        """As the footer of the batch's sources part keeps it."""
        return json.dumps({"adds": self.adds, "drops": self.drops})

    @classmethod
    def from_json(cls, text: str) -> Change:
        """What `to_json` gave."""
        document = json.loads(text)
        adds, drops = ({table: tuple(names) for table, names in document[key].items()} for key in ("adds", "drops"))
        return cls(adds, drops)


def publish(out: Path, current: Current, change: Change, step: Step) -> Current:
    """Make `change` visible; may be done again after it was cut off anywhere. Returns what is live.

    `step` is called after each step: "placed TABLE" for every table, then "retired" and "current".
    Raises OSError, or StoreError if a part of the change is in neither place.
    """
    for table, names in change.adds.items():
        for name in names:
            _place(out, table, name)
        sync_folder(out / table)
        step(f"placed {table}")
    for table, names in change.drops.items():
        for name in names:
            make_folder(out / RETIRED / table)
            move(out / table / name, out / RETIRED / table / name)
        sync_folder(out / table)
    step("retired")
    after = current.changed(change.adds, change.drops)
    save_current(out, after)
    step("current")
    return after


def _place(out: Path, table: str, name: str) -> None:
    if not move(scratch_path(out, table, name), out / table / name):
        raise StoreError(
            f"{out / table / name} of an unfinished commit is lost",
            remedy="Restore the file from a backup, or run again into a new --out.",
        )


def recover(out: Path, tables: Iterable[str], step: Step) -> Current:
    """Bring the output of which we hold the lease to rest, and know `tables`; returns what is live.

    Finishes the commit that a killed run had marked, removes what it had not. Raises what
    `load_current` does, and OSError.
    """
    make_folder(out / SCRATCH)
    current = load_current(out).with_tables(tables)
    for table in current.parts:
        make_folder(out / table)
    save_current(out, current)
    for path in _strangers(out, "sources", current):
        mark = read_about(path).get(MARK)
        if mark is not None:
            current = publish(out, current, Change.from_json(mark), step)
    for table in current.parts:
        for path in _strangers(out, table, current):
            path.unlink()
    for path in (out / SCRATCH).iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return current


def _strangers(out: Path, table: str, current: Current) -> list[Path]:
    """Parts in the folder of `table` that are not live; other people's files are none of ours."""
    live = set(current.parts.get(table, ()))
    found = (path for path in (out / table).iterdir() if PART.fullmatch(path.name))
    return sorted(path for path in found if path.name not in live)
