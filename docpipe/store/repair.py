"""Mends what is certain about a damaged output: the pointer, parts that are gone, rows that belong to nobody.

Nothing is deleted: what is taken out lies in _old/ afterwards. Documents whose rows are gone are marked PART_LOST,
so that the next run reads them again, from stored replies where they stand.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

from docpipe.errors import OutputConflict, OutputUnwritable, StoreError
from docpipe.store.current import NAME, PART, RETIRED, TABLE, Current, files_of, load_current, new_identity
from docpipe.store.integrity import LOOKS, file_faults
from docpipe.store.parts import MARK, Origin, file_stat, read_about, read_part
from docpipe.store.place import SCRATCH, Lease, Place, Where, place_of
from docpipe.store.publish import Change, Step, parts_by_table, retire, stage_pointer, swap_pointer, unwatched
from docpipe.store.recover import Stranger, find_strangers, refuse_foreign, unfinished
from docpipe.store.relations import EXTRACTION, lost_extractions, orphaned_extractions
from docpipe.store.rewrite import Rewriting
from docpipe.store.verify import without


def repair(where: Where | Place, *, step: Step = unwatched) -> list[str]:
    """Mend what `verify` finds and is certain; returns what was done, a sentence each.

    Raises OutputConflict where parts of another output lie about, StoreError where nothing certain can be said,
    PathNotFound, OutputLocked, OutputUnwritable.
    """
    out = place_of(where)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-repair-{secrets.token_hex(4)}"
    try:
        _refuse_no_output(out)
        lease = out.acquire(run_id)
        try:
            return _repaired(out, lease, run_id, step)
        finally:
            lease.release()
    except OSError as error:
        raise OutputUnwritable(f"{out}: {error.strerror or error}") from error


def _repaired(out: Place, lease: Lease, run_id: str, step: Step) -> list[str]:
    out.make_folder(SCRATCH)
    out.sweep_scratch()
    done: list[str] = []
    before, current = _pointer(out, done)
    strangers = find_strangers(out, current)
    change = unfinished(out, current, strangers)
    if change is not None:
        current = current.changed(change.adds, change.drops, change.stats)
        done.append("finished the commit that a killed run had placed")
    faults = file_faults(out, current, checksums=True)
    retired = {fault.file for fault in faults if fault.retired}
    for file in sorted(retired):
        out.move(f"{RETIRED}/{file}", file)
        done.append(f"moved {file} back from {RETIRED}/")
    came_back = without(current, set(current.files()) - retired)  # whole or not: nobody has looked yet
    faults = [fault for fault in faults if not fault.retired] + file_faults(out, came_back, checksums=True)
    lost = {fault.file for fault in faults}
    siblings = _siblings(current, lost)
    current = without(current, lost)
    current = replace(
        current, output=current.output or new_identity(), epoch=current.epoch + 1, writer=run_id, stamp=before
    )
    staged = stage_pointer(out, current)
    lease.check()
    current = swap_pointer(out, staged, current)
    live = set(current.files())
    stray = [stranger.file for stranger in strangers if stranger.file not in live]
    there = [file for file in lost if out.has(file)]
    retire(out, parts_by_table([*stray, *there]))
    retire(out, {} if change is None else change.drops)
    done += [f"took out {file}, which is gone or damaged" for file in sorted(lost)]
    done += [f"put {file} aside in {RETIRED}/" for file in stray]
    return done + _mend_rows(out, current, siblings, lease, run_id, step)


def _mend_rows(
    out: Place, current: Current, siblings: Iterable[str], lease: Lease, run_id: str, step: Step
) -> list[str]:
    """Take out rows without a source; mark sources whose rows are gone, and take out what is left of these."""
    done: list[str] = []
    affected = _extractions_in(out, current, siblings) | lost_extractions(out, current)
    if affected:
        rewriting = Rewriting(out, current, run_id, lease, step)
        reviewed = rewriting.mark_lost(affected)
        rewriting.take_out(affected, (), spare=("replies",))
        current = rewriting.publish()
        done.append(f"marked the documents of {len(affected)} extractions as PART_LOST: the next run reads them again")
        if reviewed:
            done.append(f"of these {reviewed} had reviewed values: give their corrections again after that run")
    orphans = orphaned_extractions(out, current)
    if orphans:
        rewriting = Rewriting(out, current, run_id, lease, step)
        rewriting.take_out(orphans, ())
        rewriting.publish()
        done.append(f"took out the rows of {len(orphans)} extractions that no source knows any more")
    return done


def _siblings(current: Current, lost: Iterable[str]) -> list[str]:
    """Live parts that hold other rows of the extractions whose rows in a lost part are gone.

    Lost replies cost nothing that was read: only that the engine is asked again, should that be needed.
    """
    names = {file.partition("/")[2] for file in lost if not file.startswith(("sources/", "replies/"))}
    lost = set(lost)
    return [
        file
        for file in current.files()
        if file.partition("/")[2] in names and not file.startswith("sources/") and file not in lost
    ]


def _extractions_in(out: Place, current: Current, files: Iterable[str]) -> set[str]:
    found: set[str] = set()
    live = set(current.files())
    for table, names in parts_by_table(file for file in files if file in live).items():
        for name in names:
            found.update(read_part(out, table, name, [EXTRACTION])[EXTRACTION].unique().to_pylist())
    return found


def _refuse_no_output(out: Place) -> None:
    """Raises what `load_current` does where there is nothing to repair."""
    try:
        load_current(out)
    except StoreError:
        return


def _pointer(out: Place, done: list[str]) -> tuple[str, Current]:
    """The stamp of current.json as it is, and what it says; or what the parts say, where it is lost or older."""
    try:
        current = load_current(out)
    except StoreError:
        found = _from_parts(out, None)
        done.append(f"wrote {NAME} anew from the parts: commit {found.number}")
        return _stamp(out), found
    try:
        refuse_foreign(out, current, find_strangers(out, current))
    except StoreError:
        found = _from_parts(out, current)
        done.append(f"wrote {NAME} anew from the parts: commit {found.number}, it showed {current.number}")
        return current.stamp, found
    return current.stamp, current


def _stamp(out: Place) -> str:
    try:
        return out.read_stamped(NAME)[1]
    except FileNotFoundError:
        return ""


def _from_parts(out: Place, older: Current | None) -> Current:
    """What is live by what the parts say of themselves: all up to the last commit, less what that one replaced.

    At rest the folders of the tables hold the live parts and nothing else; the footers tell what a killed run left.
    """
    tables = [name for name in out.entries() if TABLE.match(name) and any(map(PART.match, out.entries(name)))]
    files = [f"{table}/{name}" for table in tables for name in out.entries(table) if PART.match(name)]
    with ThreadPoolExecutor(LOOKS, "docpipe-parts") as threads:
        footers = dict(zip(files, threads.map(lambda file: read_about(out, file), files), strict=True))
    parts = [
        Stranger(file, Origin.in_footer(footer), footer.get(MARK, "")) for file, footer in footers.items() if footer
    ]
    outputs = {part.origin.output for part in parts if part.origin is not None}
    if len(outputs) != 1 or not all(outputs) or (older is not None and older.output not in ("", *outputs)):
        raise OutputConflict(
            f"{out} holds parts of {len(outputs)} outputs, or of a docpipe that did not mark them",
            remedy=f"Restore {NAME} together with all table folders from one backup, or run again into a new --out.",
        )
    last, origin = _last_commit(parts, set(files))
    gone = set(files_of(last.drops))
    live = [
        part
        for part in parts
        if part.origin is not None and part.origin.number <= origin.number and part.file not in gone
    ]
    live.sort(key=lambda part: (part.origin.number if part.origin else 0, part.file))
    with ThreadPoolExecutor(LOOKS, "docpipe-parts") as threads:
        stats = dict(
            zip((part.file for part in live), threads.map(lambda part: file_stat(out, part.file), live), strict=True)
        )
    named = dict.fromkeys([*tables, *(older.parts if older else ())], ())
    return Current(
        parts={**named, **parts_by_table(stats)},
        stats=stats,
        output=origin.output,
        number=origin.number,
        epoch=max(part.origin.epoch for part in parts if part.origin is not None),
    )


def _last_commit(parts: Iterable[Stranger], files: set[str]) -> tuple[Change, Origin]:
    """The newest commit all of whose parts are there. Raises StoreError if no part tells of one."""
    told: list[tuple[int, int, Change, Origin]] = []
    for part in parts:
        if part.mark and part.origin is not None:
            try:
                change = Change.from_json(part.mark)
            except ValueError:
                continue
            if files.issuperset(files_of(change.adds)):
                told.append((part.origin.number, part.origin.epoch, change, part.origin))
    if not told:
        raise StoreError(
            "no part tells of a whole commit",
            remedy=f"Restore {NAME} together with all table folders from one backup, or run again into a new --out.",
        )
    _, _, change, origin = max(told, key=lambda fault: fault[:2])
    return change, origin
