"""An output in other tools' forms. Every export is of one instant, and appears whole or not at all."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from docpipe.errors import InvalidSettings, MissingLibrary, OutputUnwritable, did_you_mean, install_extra
from docpipe.store.export.snapshot import MARK, Snapshot
from docpipe.store.export.unfinished import unfinished
from docpipe.store.place import Place, Where, place_of


@dataclass(frozen=True, slots=True)
class Export:
    """What was written where. `rows`: table -> its rows; `notes`: what a form could not hold as it is."""

    path: str
    rows: Mapping[str, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Form:
    """`suffix` of the file it makes ("" for a folder), `library` it needs beside docpipe's own."""

    suffix: str
    library: str
    write: Callable[[Snapshot, Path], tuple[str, ...]]


def _duckdb(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.database import write_database

    return write_database(snapshot, target)


def _csv(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.flat import write_csv

    return write_csv(snapshot, target)


def _xlsx(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.workbook import write_workbook

    return write_workbook(snapshot, target)


def _jsonl(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.flat import write_jsonl

    return write_jsonl(snapshot, target)


def _delta(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.lake import write_delta

    return write_delta(snapshot, target)


def _parquet(snapshot: Snapshot, target: Path) -> tuple[str, ...]:
    from docpipe.store.export.lake import write_parquet

    return write_parquet(snapshot, target)


FORMS: Mapping[str, _Form] = {
    "duckdb": _Form(".duckdb", "duckdb", _duckdb),
    "csv": _Form("", "", _csv),
    "xlsx": _Form(".xlsx", "xlsxwriter", _xlsx),
    "jsonl": _Form(".jsonl", "", _jsonl),
    "delta": _Form("", "deltalake", _delta),
    "parquet": _Form("", "", _parquet),
}


def export(where: Where | Place, form: str, target: Path | None = None, tables: tuple[str, ...] = ()) -> Export:
    """Write the live rows of an output as `form`; `tables` names which (default: all that the form is good for).

    `target` is replaced if an export was there, and is beside `out` by default. Raises InvalidSettings for a
    form docpipe does not know, MissingLibrary, PathNotFound for a table that is not there,
    OutputUnwritable, and what `load_current` and parts raise.
    """
    if form not in FORMS:
        raise InvalidSettings(
            f"no export to {form!r}{did_you_mean(form, FORMS)}", remedy=f"--to takes {', '.join(FORMS)}."
        )
    kind = FORMS[form]
    if kind.library and importlib.util.find_spec(kind.library) is None:
        raise MissingLibrary(f"an export to {form} needs {kind.library}", remedy=install_extra("export"))
    out = place_of(where)
    snapshot = Snapshot.of(out, tables)
    target = target or _beside(str(out), kind.suffix or f"-{form}")
    if "://" not in str(out) and target.resolve().is_relative_to(Path(str(out)).resolve()):
        raise InvalidSettings(f"{target} lies in the output itself", remedy="Export beside it: --dest.")
    try:
        with unfinished(target) as folder:
            notes = kind.write(snapshot, folder / "made")
            _put(folder, target)
    except OSError as error:
        raise OutputUnwritable(f"{target}: {error.strerror or error}") from error
    return Export(str(target), {table: snapshot.rows(table) for table in snapshot.tables}, notes)


def _beside(out: str, suffix: str) -> Path:
    """What is in a bucket is exported to the working folder."""
    path = Path(out.rpartition("/")[2]) if "://" in out else Path(out).resolve()
    return path.with_name(path.name + suffix)


def _put(folder: Path, target: Path) -> None:
    """A file replaces a file at once. A folder only one that an export has made: never somebody's own."""
    made = folder / "made"
    if target.is_dir() and not made.is_dir():
        raise OutputUnwritable(f"{target} is a folder", remedy="Choose another --dest.")
    if target.is_dir():
        if any(target.iterdir()) and not (target / MARK).exists():
            raise OutputUnwritable(f"{target} is not empty, and no export", remedy="Choose another --dest.")
        target.replace(folder / "before")
    made.replace(target)
