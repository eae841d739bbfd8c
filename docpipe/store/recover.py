"""Takes an output over: fences earlier writers off, puts right what a killed run left, sees that no part is missing."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from docpipe.errors import OutputConflict, OutputLocked, StoreError
from docpipe.store.current import NAME, PART, Current, load_current, new_identity
from docpipe.store.integrity import LOOKS, readable, refuse_damaged
from docpipe.store.parts import MARK, Origin, file_stat, read_about
from docpipe.store.place import SCRATCH, Lease, Place
from docpipe.store.publish import Change, parts_by_table, retire, stage_pointer, swap_pointer

TRIES = 5  # of taking over a pointer that an earlier writer still swaps in the same moment


@dataclass(frozen=True, slots=True)
class Stranger:
    """A part in the folder of a table that the pointer does not name.

    `origin` is None if its footer cannot be read, or says nothing of docpipe.
    """

    file: str  # "TABLE/PART"
    origin: Origin | None
    mark: str = ""
    why: str = ""  # it cannot be read


def create(out: Place, lease: Lease, run_id: str) -> None:
    """Make an empty place an output."""
    first = Current({}, output=new_identity(), writer=run_id)
    staged = stage_pointer(out, first)
    lease.check()
    swap_pointer(out, staged, first)


def recover(out: Place, tables: Iterable[str], lease: Lease, run_id: str) -> Current:
    """Bring the output of which we hold the lease to rest, and know `tables`; returns what is live, ours to change.

    A commit that a killed run had placed whole is finished, what it had placed of another is put aside in _old/.
    Raises what `load_current` does, OutputConflict where parts of another output lie about, StoreError where
    current.json is older than the parts or live parts are missing or damaged, OutputLocked, OSError.
    """
    out.make_folder(SCRATCH)
    out.sweep_scratch()  # from here on no earlier writer can rename anything into place: see `publish`
    tables = tuple(tables)
    for attempt in range(1, TRIES + 1):
        before = load_current(out).with_tables(tables)
        strangers = find_strangers(out, before)
        refuse_foreign(out, before, strangers)
        change = unfinished(out, before, strangers)
        after = before if change is None else before.changed(change.adds, change.drops, change.stats)
        after = replace(after, output=before.output or new_identity(), epoch=before.epoch + 1, writer=run_id)
        staged = stage_pointer(out, after)
        lease.check()
        try:
            after = swap_pointer(out, staged, after)
            break
        except OutputLocked:  # in a bucket: the earlier writer's last commit came in between
            lease.check()
            if attempt == TRIES:
                raise
    for table in after.parts:
        out.make_folder(table)
    live = set(after.files())
    retire(out, parts_by_table(stranger.file for stranger in strangers if stranger.file not in live))
    retire(out, {} if change is None else change.drops)
    refuse_damaged(out, after)
    return after


def find_strangers(out: Place, current: Current) -> list[Stranger]:
    """Parts in the folders of tables that are not live. Files of other names are none of ours."""
    live = set(current.files())
    files = [f"{table}/{name}" for table in sorted(current.parts) for name in out.entries(table) if PART.match(name)]
    with ThreadPoolExecutor(LOOKS, "docpipe-parts") as threads:
        return list(threads.map(lambda file: _stranger(out, file), (file for file in files if file not in live)))


def refuse_foreign(out: Place, current: Current, strangers: Iterable[Stranger]) -> None:
    """Raises OutputConflict for a part of another output, StoreError for one that is newer than the pointer."""
    for stranger in strangers:
        origin = stranger.origin
        if stranger.why:
            continue  # it holds no row that anybody could read: it is put aside
        if origin is None or (origin.output != current.output and (origin.output or current.output)):
            raise OutputConflict(
                f"{out}/{stranger.file} was not written for this output, and whoever reads the folder would count it",
                remedy="Move it out of the folder: the parts of two outputs are never mixed.",
            )
        if origin.number > current.number + 1 or origin.epoch > current.epoch:
            raise StoreError(
                f"{out}/{NAME} shows commit {current.number}, but {stranger.file} is of commit {origin.number}: "
                f"{NAME} is older than the parts, as after a restore of that file alone",
                remedy=f"Run `docpipe verify {out} --repair`: it writes {NAME} anew from what the parts say.",
            )


def unfinished(out: Place, current: Current, strangers: Iterable[Stranger]) -> Change | None:
    """The commit after `current` that a run had placed whole when it was killed; None if there is none.

    It must be of the pointer's own writer: what an earlier one placed after it lost the output never was.
    """
    strangers = list(strangers)
    placed = {stranger.file for stranger in strangers} | set(current.files())
    for stranger in strangers:
        table, _, name = stranger.file.partition("/")
        if table != "sources" or not stranger.mark or stranger.origin is None or not _follows(stranger.origin, current):
            continue
        try:
            change = Change.from_json(stranger.mark)
        except ValueError:
            continue
        files = [f"{table}/{part}" for table, parts in change.adds.items() for part in parts]
        if name in change.adds.get("sources", ()) and placed.issuperset(files):
            return replace(change, stats={**change.stats, stranger.file: file_stat(out, stranger.file)})
    return None


def _follows(origin: Origin, current: Current) -> bool:
    if not current.output:  # an older docpipe numbered nothing
        return not origin.output
    return (origin.number, origin.epoch) == (current.number + 1, current.epoch)


def _stranger(out: Place, file: str) -> Stranger:
    footer = read_about(out, file)
    if footer:
        return Stranger(file, Origin.in_footer(footer), footer.get(MARK, ""))
    return Stranger(file, None, why=readable(out, file))
