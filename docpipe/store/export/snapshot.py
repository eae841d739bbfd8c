"""The live rows of an output at one instant, a part of them in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from docpipe.errors import PathNotFound
from docpipe.store.current import Current, load_current, part_file
from docpipe.store.parts import fitted, read_about, read_part, read_types
from docpipe.store.place import Place
from docpipe.store.types import SIDE_TABLES

BASES = ("sources", *SIDE_TABLES)
MARK = "_docpipe_export.json"  # in every folder that an export has made


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The tables of an output as current.json named their parts when it was read.

    Parts that a run replaces meanwhile are still found where they are retired.
    """

    out: Place
    current: Current
    tables: tuple[str, ...]

    @classmethod
    def of(cls, out: Place, wanted: tuple[str, ...] = ()) -> Snapshot:
        """All tables of `out`, or the `wanted`. Raises PathNotFound for one that is not there."""
        current = load_current(out)
        there = tuple(sorted(name for name, parts in current.parts.items() if parts))
        missing = sorted(set(wanted) - set(there))
        if missing:
            raise PathNotFound(f"no table {missing[0]!r} in {out}", remedy=f"There are {', '.join(there) or 'none'}.")
        return cls(out, current, wanted or there)

    def types(self, table: str) -> pa.Schema:
        """The columns of a table, as its newest part has them."""
        return read_types(self.out, table, self.current.parts[table][-1])

    def read(self, table: str) -> Iterator[pa.Table]:
        """A table part by part, each with the same columns."""
        wanted = self.types(table).remove_metadata()
        for part in self.current.parts[table]:
            yield fitted(read_part(self.out, table, part), wanted)

    def read_plain(self, table: str) -> Iterator[pa.Table]:
        """As `read`, with strings for dictionaries and lists of any length for boxes, which not all tools know."""
        for part in self.read(table):
            yield part.cast(pa.schema([pa.field(field.name, _plain(field.type)) for field in part.schema]))

    def rows(self, table: str) -> int:
        """How many rows a table has, by the footers of its parts."""
        return sum(read_part(self.out, table, part, []).num_rows for part in self.current.parts[table])

    def files(self, table: str) -> list[tuple[str, str]]:
        """(name of the part, file it lies in now) of every part."""
        return [(part, part_file(self.out, table, part)) for part in self.current.parts[table]]

    def records(self) -> dict[str, list[str]]:
        """Schema -> its child tables, for every schema whose record table is among the tables."""
        found: dict[str, list[str]] = {}
        for table in self.current.parts:
            if table in BASES or not self.current.parts[table]:
                continue
            owner = read_about(self.out, self.files(table)[-1][1]).get("docpipe.schema", "")
            found.setdefault(owner, [])
            if table != owner:
                found[owner].append(table)
        return {name: sorted(children) for name, children in found.items()}

    def sign(self, folder: Path) -> None:
        """Leave in `folder` the mark of an export, without which no export replaces it."""
        about = {"docpipe": "export", "of": str(self.out), "tables": list(self.tables)}
        (folder / MARK).write_text(json.dumps(about), encoding="utf-8")


def _plain(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return kind.value_type
    if pa.types.is_fixed_size_list(kind) or pa.types.is_list(kind):
        return pa.list_(_plain(kind.value_type))
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(field.name, _plain(field.type)) for field in kind])
    return kind
