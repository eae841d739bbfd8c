"""How a batch becomes visible, all of it or nothing, and how what a killed run left is put right.

Everything is written and synced in _tmp/ first. Then parts are renamed into their tables and these
synced, `sources` last: its newest part carries in its footer what else belongs to the batch, so the moment in which it
is in place is the commit. What is left to do then (retire replaced parts, replace current.json) the
next run can do as well, from that footer; a batch without it never was, and is swept.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from docpipe.errors import StoreError
from docpipe.store.current import RETIRED, Current, Parts, load_current, save_current
from docpipe.store.parts import PART, read_about
from docpipe.store.place import SCRATCH, Place

MARK = "docpipe.change"

Step = Callable[[str], None]


def unwatched(_: str) -> None:
    """The step of whoever does not watch a commit."""


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


def publish(out: Place, current: Current, change: Change, step: Step) -> Current:
    """Make `change` visible; may be done again after it was cut off anywhere. Returns what is live.

    `step` is called after each step: "placed TABLE" for every table, then "retired" and "current".
    Raises OSError, or StoreError if a part of the change is in neither place.
    """
    data = {table: names for table, names in change.adds.items() if table != "sources"}
    for table, names in data.items():
        _place(out, table, names)
        step(f"placed {table}")
    out.settle(data)
    _place(out, "sources", change.adds["sources"])
    out.settle(["sources"])
    step("placed sources")
    for table, names in change.drops.items():
        out.make_folder(f"{RETIRED}/{table}")
        for name in names:
            out.move(f"{table}/{name}", f"{RETIRED}/{table}/{name}")
    out.settle(change.drops)
    step("retired")
    after = current.changed(change.adds, change.drops)
    save_current(out, after)
    step("current")
    return after


def _place(out: Place, table: str, names: Iterable[str]) -> None:
    for name in names:
        if not out.put(f"{table}/{name}"):
            raise StoreError(
                f"{out}/{table}/{name} of an unfinished commit is lost",
                remedy="Restore the file from a backup, or run again into a new --out.",
            )


def recover(out: Place, tables: Iterable[str], step: Step) -> Current:
    """Bring the output of which we hold the lease to rest, and know `tables`; returns what is live.

    Finishes the commit that a killed run had marked, removes what it had not. Raises what
    `load_current` does, and OSError.
    """
    out.make_folder(SCRATCH)
    current = load_current(out).with_tables(tables)
    for table in current.parts:
        out.make_folder(table)
    save_current(out, current)
    for name in _strangers(out, "sources", current):
        mark = read_about(out, name).get(MARK)
        if mark is not None:
            current = publish(out, current, Change.from_json(mark), step)
    for table in current.parts:
        for name in _strangers(out, table, current):
            out.delete(name)
    out.sweep_scratch()
    return current


def _strangers(out: Place, table: str, current: Current) -> list[str]:
    """Parts in the folder of `table` that are not live; other people's files are none of ours."""
    live = set(current.parts.get(table, ()))
    found = (name for name in out.entries(table) if PART.fullmatch(name))
    return [f"{table}/{name}" for name in found if name not in live]
