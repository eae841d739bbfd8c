"""What tables, columns and paths were called before, by the schema's x-docpipe.renamed_from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from docpipe.schema.columns import Column, TableShape, flat, former_paths
from docpipe.schema.nodes import Schema
from docpipe.schema.paths import generic

_STEP = re.compile(r"([^.\[]+)((?:\[\d+\])?)")


@dataclass(frozen=True, slots=True)
class Former:
    """What was called otherwise in an output made before: `paths`, `tables`, and `columns` by table -> their names now.

    Of columns: a table's present name -> former name of a column -> its present one.
    """

    paths: Mapping[str, str]
    tables: Mapping[str, str]
    columns: Mapping[str, Mapping[str, str]]


def former(schema: Schema, shapes: Sequence[TableShape]) -> Former:
    """The former names of `shapes`, the tables of `schema`, that no table or column has now.

    The steps of a path were renamed one by one, so that a former path has as many.
    """
    paths = former_paths(schema)
    tables = {f"{schema.name}_{flat(old)}": shape.name for shape in shapes for old in _olds(paths, shape.path)}
    columns: dict[str, dict[str, str]] = {}
    for shape in shapes:
        depth = len(shape.path.split(".")) if shape.path else 0
        columns[shape.name] = {
            name: column.name
            for column in shape.columns
            for old in [*_olds(paths, f"{shape.path}.{column.path}" if shape.path else column.path), ""]
            for name in _names(column, flat(".".join(old.split(".")[depth:])))
        }
        columns[shape.name] |= {
            f"{old}_position": f"{now}_position" for old, now in tables.items() if now in shape.parents
        }
        own = {column.name for column in shape.columns}
        columns[shape.name] = {old: now for old, now in columns[shape.name].items() if old not in own}
    names = {shape.name for shape in shapes}
    return Former(paths, {old: now for old, now in tables.items() if old not in names}, columns)


def _names(column: Column, old: str) -> list[str]:
    """What the column was called when its field's was `old` ("" for as now), and before it was split in two."""
    whole = flat(column.path)
    part = column.name.removeprefix(whole)
    return [f"{old}{part}"] * bool(old) + [old or whole] * (part == "_text")


def _olds(paths: Mapping[str, str], path: str) -> list[str]:
    return [old for old, now in paths.items() if now == path]


def with_names_of_now(rows: pa.Table, former: Former, columns: Mapping[str, str]) -> pa.Table:
    """`rows` with the former names of their `columns`, and the former paths that they tell, as they are now."""
    taken = set(rows.column_names)
    rows = rows.rename_columns(
        [new if (new := columns.get(old, old)) not in taken else old for old in rows.column_names]
    )
    if not former.paths:
        return rows
    if "path" in rows.column_names:
        told = pa.array([path and path_now(path, former) for path in rows["path"].to_pylist()], pa.string())
        rows = rows.set_column(rows.column_names.index("path"), "path", told)
    if "_absent" in rows.column_names:
        lists = [[path_now(path, former) for path in paths or ()] for paths in rows["_absent"].to_pylist()]
        rows = rows.set_column(rows.column_names.index("_absent"), "_absent", pa.array(lists, pa.list_(pa.string())))
    return rows


def path_now(path: str, former: Former) -> str:
    """`path`, of a leaf with its indices, as the schema calls it now."""
    now = former.paths.get(generic(path))
    if now is None:
        return path
    steps = zip(now.split("."), _STEP.findall(path), strict=True)
    return ".".join(f"{name}{index}" for name, (_, index) in steps)
